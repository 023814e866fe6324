import type { BindGroupEntry } from './bind-groups.js';
import type { Gpu } from './device.js';
import type { Kernel } from './pipeline.js';
import { tensorBytes, type GpuTensor } from './tensor.js';
import { writeUniforms, type UniformValue } from './uniforms.js';

/** Uniform structs start at multiples of this, WebGPU's alignment for uniform bindings. */
const UNIFORM_ALIGNMENT = 256;
const UNIFORM_SLOTS = 64;

/** What a dispatch binds in group 0, by binding number; number 0 is the uniform struct. */
export type Bindings = Readonly<Record<number, GpuTensor | GPUBuffer>>;

/**
 * Encodes many dispatches and copies into one command buffer. Dispatches share a compute pass as long
 * as no copy comes between; WebGPU makes each see the writes of those before it.
 */
export class Recorder {
  readonly #encoder: GPUCommandEncoder;
  #pass: GPUComputePassEncoder | undefined;
  readonly #uniforms: UniformBlock[] = [];
  #block: UniformBlock | undefined;
  #finished = false;

  constructor(readonly gpu: Gpu) {
    this.#encoder = gpu.device.createCommandEncoder();
  }

  /**
   * Records one dispatch. The uniforms are in the order of the WGSL struct.
   *
   * @throws {RangeError} if a dimension has more workgroups than the device dispatches
   * @throws {RangeError} if a bare number among the uniforms is no u32
   */
  dispatch(
    kernel: Kernel,
    uniforms: readonly UniformValue[],
    bindings: Bindings,
    workgroups: readonly [x: number, y?: number, z?: number],
  ): void {
    const { device } = this.gpu;
    const label = `${kernel.name}/${kernel.entryPoint}`;
    const limit = device.limits.maxComputeWorkgroupsPerDimension;
    if (workgroups.some((count) => count !== undefined && count > limit)) {
      throw new RangeError(
        `${label}: ${workgroups.join(' × ')} workgroups, more than ${limit}: shorten the segment`,
      );
    }
    const bindGroup = this.gpu.bindGroups.get(kernel, [
      [0, this.#uniform(uniforms)],
      ...Object.entries(bindings).map(([binding, resource]): BindGroupEntry => [
        Number(binding),
        resourceOf(resource),
      ]),
    ]);
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(kernel.pipeline);
    this.#pass.setBindGroup(0, bindGroup);
    this.#pass.dispatchWorkgroups(...workgroups);
  }

  /** Copies elements between buffers; offsets and count in 4-byte elements after the tensors' starts. */
  copy(from: GpuTensor, fromElement: number, to: GpuTensor, toElement: number, count: number): void {
    if (count === 0) return;
    this.#endPass();
    this.#encoder.copyBufferToBuffer(
      from.buffer,
      from.byteOffset + 4 * fromElement,
      to.buffer,
      to.byteOffset + 4 * toElement,
      4 * count,
    );
  }

  /** Access to the encoder for commands of the caller's own, between passes. */
  commands(): GPUCommandEncoder {
    this.#endPass();
    return this.#encoder;
  }

  /**
   * Submits everything recorded. A recorder is used once.
   *
   * @throws {Error} if it was already submitted or discarded
   */
  submit(): void {
    this.#finish();
    const { device } = this.gpu;
    for (const block of this.#uniforms) block.upload(device);
    device.queue.submit([this.#encoder.finish()]);
    this.#release();
  }

  /**
   * Drops everything recorded, for example after an error.
   *
   * @throws {Error} if it was already submitted or discarded
   */
  discard(): void {
    this.#finish();
    this.#release();
  }

  #finish(): void {
    if (this.#finished) throw new Error('this recorder was already submitted or discarded');
    this.#finished = true;
    this.#endPass();
  }

  #release(): void {
    for (const block of this.#uniforms) this.gpu.scratch.giveBack(block.buffer);
  }

  #endPass(): void {
    if (this.#pass === undefined) return;
    this.#pass.end();
    this.#pass = undefined;
  }

  #uniform(values: readonly UniformValue[]): GPUBufferBinding {
    if (this.#block === undefined || this.#block.full()) {
      this.#block = new UniformBlock(this.gpu.scratch.takeUniform(UNIFORM_ALIGNMENT * UNIFORM_SLOTS));
      this.#uniforms.push(this.#block);
    }
    return this.#block.add(values);
  }
}

/** A buffer of uniform structs that one recording fills and uploads in one write. */
class UniformBlock {
  readonly #view = new DataView(new ArrayBuffer(UNIFORM_ALIGNMENT * UNIFORM_SLOTS));
  #slot = 0;

  constructor(readonly buffer: GPUBuffer) {}

  full(): boolean {
    return this.#slot === UNIFORM_SLOTS;
  }

  add(values: readonly UniformValue[]): GPUBufferBinding {
    const offset = UNIFORM_ALIGNMENT * this.#slot++;
    const size = writeUniforms(this.#view, offset, values);
    return { buffer: this.buffer, offset, size: Math.max(16, size) };
  }

  upload(device: GPUDevice): void {
    device.queue.writeBuffer(this.buffer, 0, this.#view.buffer, 0, UNIFORM_ALIGNMENT * this.#slot);
  }
}

function resourceOf(binding: GpuTensor | GPUBuffer): GPUBufferBinding {
  if (!('byteOffset' in binding)) return { buffer: binding };
  return { buffer: binding.buffer, offset: binding.byteOffset, size: tensorBytes(binding) };
}
