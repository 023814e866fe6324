import type { Gpu } from '../../../kernels/gpu/device.js';
import { columns, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import type { MemMambaConfig } from '../config.js';
import { enterGraph, hasCrossAttention, leaveGraph } from '../dense.js';
import { Activations, destroyTensors, uploadWeight } from './gpu-buffers.js';
import { OrtSessions, type GpuFeeds } from './ort-webgpu.js';
import { SENTENCE_COLUMNS, type GpuDense, type SegmentTensors, type Tape } from './webgpu-dense.js';
import { joinColumns, type LayerWeights, type MemMambaModel } from '../weights.js';

export interface OrtDenseOptions {
  /** Bytes of `ort-wasm-simd-threaded.asyncify.wasm`. */
  readonly wasm: Uint8Array;
  readonly segmentLength: number;
}

/** The dense segments as ONNX graphs on ONNX Runtime's WebGPU provider: three runs a layer. */
export class OrtDense implements GpuDense {
  readonly #config: MemMambaConfig;
  readonly #sessions: OrtSessions;
  readonly #activations: Activations;
  readonly #norm: GpuTensor;
  /** Weights of each layer by the graphs' input names. */
  readonly #layers: readonly GpuFeeds[];
  /** Whether each layer has a row of a sentence head, behind the queries. */
  readonly #hasSentence: readonly boolean[];

  readonly name = 'ort';
  readonly softplus = false;

  private constructor(
    config: MemMambaConfig,
    sessions: OrtSessions,
    activations: Activations,
    readonly embedding: GpuTensor,
    norm: GpuTensor,
    layers: readonly GpuFeeds[],
    hasSentence: readonly boolean[],
  ) {
    this.#config = config;
    this.#sessions = sessions;
    this.#activations = activations;
    this.#norm = norm;
    this.#layers = layers;
    this.#hasSentence = hasSentence;
  }

  /** @throws {EngineUnavailableError} if ONNX Runtime does not start, or a node of a graph would leave the GPU. */
  static async create(
    { device }: Gpu,
    { config, graphs, embedding, norm, layers }: MemMambaModel,
    { wasm, segmentLength }: OrtDenseOptions,
  ): Promise<OrtDense> {
    const sessions = await OrtSessions.create(graphs, { wasm, device });
    return new OrtDense(
      config,
      sessions,
      new Activations(device, segmentLength),
      uploadWeight(device, 'embedding', embedding, config.vocabSize, config.dModel),
      uploadWeight(device, 'norm', norm, config.dModel),
      layers.map((layer) => uploadFeeds(device, config, layer)),
      layers.map(({ sentence }) => sentence !== undefined),
    );
  }

  tensors(length: number): SegmentTensors {
    const act = this.#activations;
    const config = this.#config;
    const { dModel, dInner, dState, dtRank, noteDim, nHeads } = config;
    const width = nHeads * noteDim;
    const projected = act.rows('projected', length, dtRank + 2 * dState);
    const ownQueries = (layer: number): number => (hasCrossAttention(config, layer) ? 2 : 1) * width;
    const queries = (layer: number): GpuTensor => {
      const more = this.#hasSentence[layer] ? SENTENCE_COLUMNS : 0;
      return act.rows('queries', length, ownQueries(layer) + more, 2 * width + SENTENCE_COLUMNS);
    };
    return {
      length,
      tokens: act.tokens(length),
      entered: act.rows('entered', length, dModel),
      residual: act.rows('residual', length, dModel),
      convIn: act.rows('conv_in', length, dInner),
      z: act.rows('z', length, dInner),
      u: act.rows('u', length, dInner),
      delta: act.rows('delta', length, dInner),
      b: columns(projected, dtRank, dState),
      c: columns(projected, dtRank + dState, dState),
      y: act.rows('y', length, dInner),
      scores: act.rows('scores', length, 1),
      gate: act.rows('gate', length, 1),
      notes: act.rows('notes', length, noteDim),
      sentence: (layer) =>
        this.#hasSentence[layer] ? columns(queries(layer), ownQueries(layer), 1) : undefined,
      queries,
      reads: act.rows('reads', length, width),
      crossReads: act.rows('cross_reads', length, width),
    };
  }

  async enter(tape: Tape, layer: number, t: SegmentTensors, reads: boolean): Promise<void> {
    const { convIn, z, entered } = t;
    const feeds =
      layer === 0 ? { tokens: t.tokens, embedding: this.embedding } : this.#readsOf(layer - 1, t, reads);
    const outputs = { residual: entered, conv_in: convIn, z };
    tape.submit();
    await this.#sessions.run(enterGraph(this.#config, layer), { ...this.#layers[layer]!, ...feeds }, outputs);
  }

  async select(tape: Tape, layer: number, { length, u, delta }: SegmentTensors): Promise<void> {
    const { dtRank, dState } = this.#config;
    const projected = this.#activations.rows('projected', length, dtRank + 2 * dState);
    tape.submit();
    await this.#sessions.run('select', { ...this.#layers[layer]!, u }, { projected, delta });
  }

  async note(tape: Tape, layer: number, t: SegmentTensors): Promise<void> {
    const { entered, y, residual, scores, gate, notes } = t;
    const outputs = { residual, scores, gate, notes, queries: t.queries(layer) };
    tape.submit();
    await this.#sessions.run('note', { ...this.#layers[layer]!, x: entered, y }, outputs);
  }

  async leave(tape: Tape, t: SegmentTensors, reads: boolean): Promise<void> {
    const feeds = this.#readsOf(this.#config.nLayer - 1, t, reads);
    tape.submit();
    await this.#sessions.run(leaveGraph(this.#config), feeds, { residual: t.entered });
  }

  async head(tape: Tape, t: SegmentTensors, first: number, rows: number): Promise<GpuTensor> {
    const { dModel, vocabSize } = this.#config;
    const x = this.#activations.headRows('head_rows', rows, dModel);
    const logits = this.#activations.headRows('logits', rows, vocabSize);
    tape.recorder.copy(t.entered, first * dModel, x, 0, rows * dModel);
    tape.submit();
    await this.#sessions.run('head', { x, norm: this.#norm, embedding: this.embedding }, { logits });
    return logits;
  }

  async release(): Promise<void> {
    await this.#sessions.release();
    destroyTensors([this.embedding, this.#norm, ...this.#layers.flatMap((feeds) => Object.values(feeds))]);
    this.#activations.dispose();
  }

  /** What adds the reads of `layer` to its stream; without reads, zeros. */
  #readsOf(layer: number, t: SegmentTensors, reads: boolean): GpuFeeds {
    const { token_out, cross_out } = this.#layers[layer]!;
    const { noteDim, nHeads } = this.#config;
    // Made for this alone, so it stays zero.
    const none = reads ? undefined : this.#activations.rows('no_reads', t.length, nHeads * noteDim);
    return {
      x: t.residual,
      gate: t.gate,
      reads: none ?? t.reads,
      token_out: token_out!,
      ...(cross_out && { cross_reads: none ?? t.crossReads, cross_out }),
    };
  }
}

function uploadFeeds(
  device: GPUDevice,
  { dModel, dInner, dState, dtRank, noteDim, nHeads }: MemMambaConfig,
  weights: LayerWeights,
): GpuFeeds {
  const reads = nHeads * noteDim;
  const queries = weights.queryProj.length / dModel;
  // The graph takes queries of any width, so the sentence head's row goes with them.
  const parts: [Float32Array, number][] = [[weights.queryProj, queries]];
  if (weights.sentence) {
    parts.push(
      [weights.sentence, 1],
      [new Float32Array(dModel * (SENTENCE_COLUMNS - 1)), SENTENCE_COLUMNS - 1],
    );
  }
  const queryProj = joinColumns(dModel, parts);
  const upload = (name: string, data: Float32Array, ...shape: number[]): GpuTensor =>
    uploadWeight(device, name, data, ...shape);
  return {
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
    query_proj: upload('query_proj', queryProj, dModel, queryProj.length / dModel),
    token_out: upload('token_out', weights.tokenOut, reads, dModel),
    ...(weights.crossOut && { cross_out: upload('cross_out', weights.crossOut, reads, dModel) }),
  };
}
