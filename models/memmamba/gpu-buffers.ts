import { elementCount, gpuTensor, type GpuTensor } from '../../kernels/gpu/tensor.js';
import type { MemMambaConfig } from './config.js';
import type { GpuFeeds } from './ort-webgpu.js';
import type { LayerWeights, MemMambaModel } from './weights.js';

/** ONNX Runtime binds arrays of four-component vectors: a buffer must hold whole ones. */
const VECTOR_BYTES = 16;

/** A new tensor for ONNX Runtime and the kernels, zeroed. */
export function createGpuTensor(device: GPUDevice, shape: readonly number[], label: string): GpuTensor {
  const buffer = device.createBuffer({
    label,
    size: Math.ceil((4 * elementCount(shape)) / VECTOR_BYTES) * VECTOR_BYTES,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  return gpuTensor(buffer, shape);
}

/** One layer's weights on the device: those of the graphs by input name, and those of the kernels. */
export interface GpuLayerWeights {
  readonly feeds: GpuFeeds;
  readonly convWeight: GpuTensor;
  readonly convBias: GpuTensor;
  readonly a: GpuTensor;
  readonly d: GpuTensor;
}

/** All weights on the device. */
export interface GpuWeights {
  readonly embedding: GpuTensor;
  readonly norm: GpuTensor;
  readonly layers: readonly GpuLayerWeights[];
}

export function uploadWeights(
  device: GPUDevice,
  { config, embedding, norm, layers }: MemMambaModel,
): GpuWeights {
  const upload = (name: string, data: Float32Array, ...shape: number[]) => {
    const tensor = createGpuTensor(device, shape, `weights ${name}`);
    device.queue.writeBuffer(tensor.buffer, 0, data as Float32Array<ArrayBuffer>);
    return tensor;
  };
  return {
    embedding: upload('embedding', embedding, config.vocabSize, config.dModel),
    norm: upload('norm', norm, config.dModel),
    layers: layers.map((layer) => uploadLayer(upload, config, layer)),
  };
}

function uploadLayer(
  upload: (name: string, data: Float32Array, ...shape: number[]) => GpuTensor,
  { dModel, dInner, dState, dConv, dtRank, noteDim, nHeads }: MemMambaConfig,
  weights: LayerWeights,
): GpuLayerWeights {
  const reads = nHeads * noteDim;
  return {
    feeds: {
      norm: upload('norm', weights.norm, dModel),
      in_x: upload('in_x', weights.inX, dModel, dInner),
      in_z: upload('in_z', weights.inZ, dModel, dInner),
      x_proj: upload('x_proj', weights.xProj, dInner, dtRank + 2 * dState),
      dt_proj: upload('dt_proj', weights.dtProj, dtRank, dInner),
      dt_bias: upload('dt_bias', weights.dtBias, dInner),
      out_proj: upload('out_proj', weights.outProj, dInner, dModel),
      note_norm: upload('note_norm', weights.noteNorm, dModel),
      note_proj: upload('note_proj', weights.noteProj, dModel, 2 + noteDim),
      score_bias: upload('score_bias', weights.scoreBias, 1),
      gate_bias: upload('gate_bias', weights.gateBias, 1),
      query_proj: upload('query_proj', weights.queryProj, dModel, weights.queryProj.length / dModel),
      token_out: upload('token_out', weights.tokenOut, reads, dModel),
      ...(weights.crossOut && { cross_out: upload('cross_out', weights.crossOut, reads, dModel) }),
    },
    convWeight: upload('conv', weights.convWeight, dInner, dConv),
    convBias: upload('conv bias', weights.convBias, dInner),
    a: upload('A', weights.a, dInner, dState),
    d: upload('D', weights.d, dInner),
  };
}

export function destroyWeights({ embedding, norm, layers }: GpuWeights): void {
  for (const { feeds, ...own } of layers) {
    for (const { buffer } of [...Object.values(feeds), ...Object.values(own)]) buffer.destroy();
  }
  embedding.buffer.destroy();
  norm.buffer.destroy();
}

/** Rows a run of `head`: its logits are the widest thing there is. */
export const HEAD_ROWS = 64;

/**
 * The activations of one segment. All layers use the same buffers, made once for the longest segment; a
 * shorter one uses their first rows. The residual stream alternates between two.
 */
export class Activations {
  private readonly buffers = new Map<string, GPUBuffer>();
  private readonly widths: Readonly<Record<string, number>>;

  constructor(
    private readonly device: GPUDevice,
    config: MemMambaConfig,
    private readonly segmentLength: number,
  ) {
    const { dModel, dInner, dState, dtRank, noteDim, nHeads, vocabSize } = config;
    const reads = nHeads * noteDim;
    this.widths = {
      entered: dModel,
      residual: dModel,
      conv_in: dInner,
      z: dInner,
      u: dInner,
      projected: dtRank + 2 * dState,
      delta: dInner,
      y: dInner,
      scores: 1,
      gate: 1,
      notes: noteDim,
      queries: 2 * reads,
      reads,
      cross_reads: reads,
      // Stays zero: the reads of a pass with the pool off.
      no_reads: reads,
      head_rows: dModel,
      logits: vocabSize,
    };
  }

  /** The first `length` rows of an activation; `width` for rows narrower than its buffer has room for. */
  rows(name: string, length: number, width = this.widths[name]!): GpuTensor {
    return gpuTensor(this.buffer(name), [length, width]);
  }

  /** Token ids of the segment. */
  tokens(length: number): GpuTensor {
    return gpuTensor(this.buffer('tokens'), [length]);
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }

  private buffer(name: string): GPUBuffer {
    let buffer = this.buffers.get(name);
    if (!buffer) {
      const rows = name === 'head_rows' || name === 'logits' ? HEAD_ROWS : this.segmentLength;
      const shape = name === 'tokens' ? [rows] : [rows, this.widths[name]!];
      buffer = createGpuTensor(this.device, shape, `activation ${name}`).buffer;
      this.buffers.set(name, buffer);
    }
    return buffer;
  }
}
