import { gpuTensor } from '../../../kernels/gpu/tensor.js';
import type { Readback } from '../../../kernels/gpu/readback.js';
import { meanFidelity } from '../../../kernels/retention/lags.js';
import type { MemMambaConfig } from '../config.js';
import type { DecayOptions, DecayResult } from '../engine.js';
import type { Segment } from '../streaming-engine.js';
import type { GpuLayers, GpuParts } from './gpu-layers.js';
import { Tape } from './webgpu-dense.js';

/** Reads a segment and how much of each token survives; see `Engine.decay`. */
export class GpuDecay {
  readonly #config: MemMambaConfig;
  readonly #parts: GpuParts;
  readonly #layers: GpuLayers;
  readonly #readback: Readback;

  constructor(config: MemMambaConfig, parts: GpuParts, layers: GpuLayers, readback: Readback) {
    this.#config = config;
    this.#parts = parts;
    this.#layers = layers;
    this.#readback = readback;
  }

  async run(segment: Segment<GPUBuffer>, { after, lags = [] }: DecayOptions): Promise<DecayResult> {
    const { nLayer } = this.#config;
    const length = segment.tokens.length;
    const { scratch, device } = this.#parts.gpu;
    const afterSums = this.#padded(after);
    const held = [scratch.take(afterSums.byteLength), scratch.take(4 * length)];
    const [afterBuffer, retentionBuffer] = held as [GPUBuffer, GPUBuffer];
    if (lags.length > 0) held.push(scratch.take(4 * lags.length * length));
    device.queue.writeBuffer(afterBuffer, 0, afterSums);
    this.#readback.begin({
      retention: nLayer * length,
      ...(lags.length > 0 && { fidelity: nLayer * lags.length * length }),
    });
    try {
      await this.#record(segment, lags, afterBuffer, retentionBuffer, held[2]);
      const { watch } = this.#parts;
      const read = await watch.orLost(this.#readback.finish());
      this.#layers.pacer.ended();
      watch.checkFault();
      segment.signal?.throwIfAborted();
      const retention = read('retention', nLayer * length);
      if (lags.length === 0) return { retention };
      return { retention, ...this.#means(read('fidelity', nLayer * lags.length * length), lags, length) };
    } finally {
      for (const buffer of held) scratch.giveBack(buffer);
    }
  }

  async #record(
    segment: Segment<GPUBuffer>,
    lags: readonly number[],
    afterBuffer: GPUBuffer,
    retentionBuffer: GPUBuffer,
    fidelityBuffer: GPUBuffer | undefined,
  ): Promise<void> {
    const { gpu, dense, operators } = this.#parts;
    const length = segment.tokens.length;
    const retention = gpuTensor(retentionBuffer, [length]);
    const tape = new Tape(gpu);
    const t = dense.tensors(length);
    await this.#layers.read(segment, tape, t, {
      lastReads: false,
      weights: false,
      onLayer: (layer, recorder) => {
        const inputs = { u: t.u, deltaRaw: t.delta, b: t.b, a: this.#layers.rates(layer) };
        const after = gpuTensor(afterBuffer, [this.#config.dInner], 4 * layer * this.#layers.deltaRow);
        operators.retention.record(recorder, { ...inputs, after, retention });
        this.#readback.copy(recorder, retention, 0, length, 'retention', layer * length);
        if (!fidelityBuffer) return;
        const fidelity = gpuTensor(fidelityBuffer, [lags.length, length]);
        operators.retention.recordFidelity(recorder, { ...inputs, lags, fidelity });
        const count = lags.length * length;
        this.#readback.copy(recorder, fidelity, 0, count, 'fidelity', layer * count);
      },
    });
    tape.submit();
  }

  /** (nLayer, dInner) in f64 → (nLayer, row of the device's sums) in f32. */
  #padded(after: Float64Array): Float32Array<ArrayBuffer> {
    const { nLayer, dInner } = this.#config;
    const { deltaRow } = this.#layers;
    const out = new Float32Array(nLayer * deltaRow);
    for (let layer = 0; layer < nLayer; layer++)
      out.set(after.subarray(layer * dInner, (layer + 1) * dInner), layer * deltaRow);
    return out;
  }

  #means(
    fidelity: Float32Array,
    lags: readonly number[],
    length: number,
  ): Pick<DecayResult, 'etmf' | 'etmfCount'> {
    const count = lags.length * length;
    const means = Array.from({ length: this.#config.nLayer }, (_, layer) =>
      meanFidelity(fidelity.subarray(layer * count, (layer + 1) * count), lags, length),
    );
    return {
      etmf: Float32Array.from(means.flatMap(({ etmf }) => [...etmf])),
      etmfCount: means[0]!.count,
    };
  }
}
