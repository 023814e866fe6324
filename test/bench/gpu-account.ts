/**
 * What a device is asked to do, whoever asks: our kernels and ONNX Runtime alike call the same `GPUDevice`, so
 * an account on the object sees both. Counts bytes of buffers and, on request, times every dispatch by
 * timestamp queries.
 */

/** Bytes of buffers on a device: those not destroyed, and the most there were. */
export interface Memory {
  readonly bytes: number;
  readonly peak: number;
}

/** Time of all dispatches of one kind. */
export interface Share {
  /** What was running (set by {@link Account.during}), and the pipeline's label or number. */
  readonly name: string;
  readonly dispatches: number;
  readonly milliseconds: number;
}

interface Stamp {
  readonly name: string;
  readonly index: number;
}

/** WebGPU's most for one query set. */
const QUERIES = 4096;

export class Account {
  readonly #device: GPUDevice;

  #bytes = 0;
  #peak = 0;
  readonly #names = new WeakMap<object, string>();
  readonly #modules = new WeakMap<object, string>();
  readonly #stamps: Stamp[] = [];
  #querySet: GPUQuerySet | undefined;
  #phase = '';
  /** WGSL of all modules, by the number in the name of those pipelines that have no label. */
  readonly sources: string[] = [];
  submissions = 0;
  dispatches = 0;

  constructor(device: GPUDevice) {
    this.#device = device;

    this.#countBuffers();
    this.#namePipelines();
    this.#watchEncoders();
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    queue.submit = (buffers) => {
      this.submissions++;
      submit(buffers);
    };
  }

  get memory(): Memory {
    return { bytes: this.#bytes, peak: this.#peak };
  }

  /** Names the dispatches to come. */
  during(phase: string): void {
    this.#phase = phase;
  }

  /** Times every dispatch from now on; a pass of its own for each, so what is measured runs a little slower. */
  startTiming(): void {
    this.#querySet ??= this.#device.createQuerySet({ type: 'timestamp', count: QUERIES });
    this.#stamps.length = 0;
  }

  /** Ends the timing; shares of the time, the largest first. Dispatches beyond the query set are not counted. */
  async stopTiming(): Promise<Share[]> {
    const querySet = this.#querySet;
    const device = this.#device;
    if (!querySet) return [];
    this.#querySet = undefined;
    const size = 8 * QUERIES;
    const resolved = device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = device.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(querySet, 0, QUERIES, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(staging.getMappedRange().slice(0));
    for (const buffer of [staging, resolved]) buffer.destroy();
    querySet.destroy();
    const shares = new Map<string, { dispatches: number; milliseconds: number }>();
    for (const { name, index } of this.#stamps) {
      const share = shares.get(name) ?? { dispatches: 0, milliseconds: 0 };
      share.dispatches++;
      share.milliseconds += Number(times[index + 1]! - times[index]!) / 1e6;
      shares.set(name, share);
    }
    return [...shares]
      .map(([name, share]) => ({ name, ...share }))
      .sort((x, y) => y.milliseconds - x.milliseconds);
  }

  #countBuffers(): void {
    const device = this.#device;
    const create = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      const buffer = create(descriptor);
      let live = true;
      this.#bytes += buffer.size;
      this.#peak = Math.max(this.#peak, this.#bytes);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        if (live) this.#bytes -= buffer.size;
        live = false;
        destroy();
      };
      return buffer;
    };
  }

  #namePipelines(): void {
    const device = this.#device;
    const createModule = device.createShaderModule.bind(device);
    device.createShaderModule = (descriptor) => {
      const module = createModule(descriptor);
      const number = this.sources.push(descriptor.code) - 1;
      this.#modules.set(module, descriptor.label ? `${descriptor.label} (${number})` : `shader ${number}`);
      return module;
    };
    const nameOf = ({ label, compute }: GPUComputePipelineDescriptor): string =>
      label === undefined || label === '' ? (this.#modules.get(compute.module) ?? 'no module') : label;
    const create = device.createComputePipeline.bind(device);
    device.createComputePipeline = (descriptor) => {
      const pipeline = create(descriptor);
      this.#names.set(pipeline, nameOf(descriptor));
      return pipeline;
    };
    const createAsync = device.createComputePipelineAsync.bind(device);
    device.createComputePipelineAsync = async (descriptor) => {
      const pipeline = await createAsync(descriptor);
      this.#names.set(pipeline, nameOf(descriptor));
      return pipeline;
    };
  }

  #watchEncoders(): void {
    const device = this.#device;
    const create = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = create(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (pass) => this.#pass(begin, pass);
      return encoder;
    };
  }

  /** A compute pass that counts its dispatches; while timing, one that gives each a real pass of its own. */
  #pass(
    begin: GPUCommandEncoder['beginComputePass'],
    descriptor: GPUComputePassDescriptor | undefined,
  ): GPUComputePassEncoder {
    const querySet = this.#querySet;
    if (!querySet) {
      const pass = begin(descriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...groups) => {
        this.dispatches++;
        dispatch(...groups);
      };
      return pass;
    }
    let pipeline: GPUComputePipeline;
    const groups = new Map<number, unknown[]>();
    const timed = {
      setPipeline: (next: GPUComputePipeline) => {
        pipeline = next;
      },
      setBindGroup: (index: number, ...rest: unknown[]) => {
        groups.set(index, rest);
      },
      dispatchWorkgroups: (...count: [number, number?, number?]) => {
        this.dispatches++;
        const index = 2 * this.#stamps.length;
        const timestampWrites =
          index < QUERIES
            ? { querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 }
            : undefined;
        const real = begin(timestampWrites ? { timestampWrites } : {});
        if (timestampWrites) {
          const size = count.filter((n) => n !== undefined && n !== 1).join('×');
          this.#stamps.push({ name: `${this.#phase}: ${this.#names.get(pipeline) ?? '?'} ${size}`, index });
        }
        real.setPipeline(pipeline);
        for (const [index_, rest] of groups) {
          (real.setBindGroup as (...all: unknown[]) => void)(index_, ...rest);
        }
        real.dispatchWorkgroups(...count);
        real.end();
      },
      pushDebugGroup: () => undefined,
      popDebugGroup: () => undefined,
      insertDebugMarker: () => undefined,
      end: () => undefined,
    };
    return timed as unknown as GPUComputePassEncoder;
  }
}
