import { rows, type Rows } from '../../kernels/cpu/rows.js';
import {
  createPoolStateCpu,
  notePoolCpu,
  type PoolSequenceCpu,
  type PoolStateCpu,
} from '../../kernels/note-pool/note-pool.cpu.js';
import { poolEntryOf, type PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { meanFidelity } from '../../kernels/retention/lags.js';
import { prefersFusedDot } from '../../kernels/simd/fused-dot.js';
import { panelWidth, type MatrixRows } from '../../kernels/simd/matrix.js';
import { SimdModule, type Address } from '../../kernels/simd/module.js';
import { SimdOperators, interleave, poolBias, separate } from '../../kernels/simd/simd.js';
import { dequantized, someOutputs } from '../../kernels/simd/weights.js';
import { CpuArrays, type CpuArray } from './cpu-arrays.js';
import {
  cpuWidths,
  packWeights,
  SENTENCE_COLUMN,
  type CpuAttention,
  type CpuWeights,
  type CpuWidths,
  type Precision,
} from './cpu-layers.js';
import { AttentionTracer, Tracer, copyOf, type TracedLayer } from './cpu-trace.js';
import { crossLayers } from './dense.js';
import type {
  DecayOptions,
  DecayResult,
  EngineName,
  ForwardOptions,
  ForwardResult,
  StateSnapshot,
} from './engine.js';
import { nextTurn } from '../scheduling/next-turn.js';
import { noteStream } from './retrieval-head.js';
import { pendingPositions } from './state.js';
import { StreamingEngine, type Segment } from './streaming-engine.js';
import type { MemMambaModel } from './weights.js';

/**
 * Tokens a segment: few enough that the arrays of a layer stay in a core's second cache, enough that reading the
 * weights does not matter.
 */
const SEGMENT_LENGTH = 256;
/** Tokens whose logits are made at once: a row of them is as long as the vocabulary. */
const HEAD_ROWS = 32;

interface LayerSlot {
  /** (dConv - 1, dInner). */
  readonly convTail: Float32Array;
  /** As the scan takes it: (inner / 4, dState, 4). */
  readonly h: Float32Array;
  readonly pool: PoolStateCpu;
}
type CpuSlot = readonly LayerSlot[];

/** What one layer computed; the arrays are good until the next layer. */
interface LayerPass extends TracedLayer {
  /** Input of the scan, and B. */
  readonly u: Rows;
  readonly b: Rows;
}

interface Reading {
  /** Reads of the last layer too: they change logits and updates only. */
  readonly lastReads: boolean;
  /** (nLayer, L, nHeads, poolSize) receives the weights of the token reads. */
  readonly weights?: Float32Array;
  /** Called while the residual stream is what the layer's note block reads. */
  readonly onNote?: (layer: number) => void;
  readonly onLayer?: (pass: LayerPass, layer: number) => void;
  /** Called with each layer's number when its block has been added to the residual stream. */
  readonly onResidual?: (layer: number) => void;
}

export interface CpuEngineOptions {
  /** Default `f32`. With `int8` the engine is `cpu-int8`; `docs/runtime.md` states what that costs. */
  readonly precision?: Precision;
  readonly segmentLength?: number;
  /** Kernels with fused multiply-add; default: where the runtime has them. */
  readonly relaxed?: boolean;
}

/**
 * The engine without a GPU: everything on one thread, in WebAssembly vectors. Weights and activations stand in the
 * memory of the kernels, so nothing is copied between the steps of a layer. What it computes for a token does not
 * depend on how the tokens are cut into segments, to the bit.
 */
export class CpuEngine extends StreamingEngine<CpuSlot> {
  override readonly name: EngineName;
  override readonly device = 'WASM, 1 thread';
  /** Never settles: there is no device to lose. */
  override readonly lost = new Promise<string>(() => undefined);

  private readonly rule: PoolRule;
  private readonly widths: CpuWidths;
  private readonly weights: CpuWeights;
  private readonly arrays: CpuArrays;
  private operators: SimdOperators | undefined;

  private constructor(
    private readonly model: MemMambaModel,
    private readonly module: SimdModule,
    precision: Precision,
    segmentLength: number,
    fused: boolean,
  ) {
    super(model, segmentLength);
    this.name = precision === 'int8' ? 'cpu-int8' : 'cpu';
    const { poolSize, chunk, noteDim, replacement, tau1 } = model.config;
    this.rule = { poolSize, chunk, noteDim, replacement, tau1 };
    this.widths = cpuWidths(model.config);
    this.weights = packWeights(model, module, precision, segmentLength, fused);
    this.arrays = new CpuArrays(model.config, module, segmentLength, Math.min(HEAD_ROWS, segmentLength));
  }

  /** Packs the weights into the memory of the kernels; the model's own arrays are left as they are. */
  static async create(model: MemMambaModel, options: CpuEngineOptions = {}): Promise<CpuEngine> {
    const { precision = 'f32', segmentLength = SEGMENT_LENGTH, relaxed } = options;
    const fused = precision === 'int8' && relaxed !== false && (await prefersFusedDot());
    return new CpuEngine(model, new SimdModule(relaxed), precision, segmentLength, fused);
  }

  protected override createSlot(): CpuSlot {
    const { nLayer, dConv, dInner, dState } = this.config;
    return Array.from({ length: nLayer }, () => ({
      convTail: new Float32Array((dConv - 1) * dInner),
      h: new Float32Array(this.widths.inner * dState),
      pool: createPoolStateCpu(this.rule),
    }));
  }

  protected override releaseSlot(): void {
    // The garbage collector takes it.
  }

  protected override copySlot(from: CpuSlot, to: CpuSlot): void {
    from.forEach((layer, i) => {
      const target = to[i]!;
      target.convTail.set(layer.convTail);
      target.h.set(layer.h);
      target.pool.positions.set(layer.pool.positions);
      target.pool.scores.set(layer.pool.scores);
      target.pool.notes.set(layer.pool.notes);
      target.pool.pendingScores.set(layer.pool.pendingScores);
      target.pool.pendingNotes.set(layer.pool.pendingNotes);
    });
  }

  protected override fillSlot(slot: CpuSlot, snapshot: StateSnapshot | undefined): void {
    if (snapshot === undefined) {
      this.copySlot(this.createSlot(), slot);
      return;
    }
    const { dState } = this.config;
    slot.forEach(({ convTail, h, pool }, i) => {
      const layer = snapshot.layers[i]!;
      convTail.set(layer.convTail);
      interleave(layer.h, h, dState, 1);
      pool.positions.set(layer.pool.positions);
      pool.scores.set(layer.pool.scores);
      pool.notes.set(layer.pool.notes);
      pool.pendingScores.set(layer.pending.scores);
      pool.pendingNotes.set(layer.pending.notes);
    });
  }

  protected override readSlot(slot: CpuSlot, position: number): StateSnapshot {
    const { chunk, noteDim, dInner, dState } = this.config;
    const positions = pendingPositions(position, chunk);
    return {
      position,
      layers: slot.map(({ convTail, h, pool }) => ({
        convTail: convTail.slice(),
        h: separate(h, new Float32Array(dInner * dState), dState),
        pool: { positions: pool.positions.slice(), scores: pool.scores.slice(), notes: pool.notes.slice() },
        pending: {
          positions: positions.slice(),
          scores: pool.pendingScores.slice(0, positions.length),
          notes: pool.pendingNotes.slice(0, positions.length * noteDim),
        },
      })),
    };
  }

  protected override async forwardSegment(
    segment: Segment<CpuSlot>,
    options: ForwardOptions,
  ): Promise<ForwardResult> {
    const { nLayer, dModel, archiveLayers } = this.config;
    const { logits = 'none', trace = false, attention = false, updates = false } = options;
    const { noteStreams = false } = options;
    const length = segment.tokens.length;
    const traced = trace ? new Tracer(this.config, this.sentence, segment) : undefined;
    const attended = attention ? new AttentionTracer(this.config, segment) : undefined;
    const added = updates ? new Float32Array(nLayer * length * dModel) : undefined;
    const streams = noteStreams ? new Float32Array(archiveLayers.length * dModel) : undefined;
    let before = new Float32Array(0);
    await this.readLayers(segment, {
      lastReads: logits !== 'none' || updates || attention,
      ...(attended && { weights: attended.result.weights }),
      onLayer: (pass, layer) => {
        traced?.add(pass, layer);
        attended?.add(pass, layer);
      },
      onNote: (layer) => {
        const archived = archiveLayers.indexOf(layer);
        if (archived >= 0) streams?.set(this.noteStream(layer, length - 1), archived * dModel);
      },
      onResidual: (layer) => {
        if (!added) return;
        const after = this.residual(length);
        const own = added.subarray(layer * length * dModel);
        if (layer >= 0) after.forEach((value, i) => (own[i] = value - before[i]!));
        before = after;
      },
    });
    return {
      ...(logits !== 'none' && { logits: this.logits(logits === 'last' ? length - 1 : 0, length) }),
      ...(traced && { trace: traced.result }),
      ...(attended && { attention: attended.result }),
      ...(streams && { noteStreams: streams }),
      ...(added && { updates: added }),
    };
  }

  protected override async decaySegment(
    segment: Segment<CpuSlot>,
    options: DecayOptions,
  ): Promise<DecayResult> {
    const { nLayer, dInner, dState } = this.config;
    const { lags, after } = options;
    const length = segment.tokens.length;
    const retention = new Float32Array(nLayer * length);
    const etmf = lags && new Float32Array(nLayer * lags.length);
    let etmfCount: Int32Array | undefined;
    const operators = (this.operators ??= new SimdOperators());
    const { delta } = this.arrays;
    await this.readLayers(segment, {
      lastReads: false,
      onLayer: (pass, layer) => {
        const common = {
          length,
          dInner,
          dState,
          u: pass.u,
          deltaRaw: rows(delta.data, delta.stride),
          b: pass.b,
          a: this.model.trained.layers[layer]!.a,
        };
        operators.retention({
          ...common,
          after: after.subarray(layer * dInner, (layer + 1) * dInner),
          retention: retention.subarray(layer * length, (layer + 1) * length),
        });
        if (lags && etmf) {
          const fidelity = new Float32Array(lags.length * length);
          operators.memoryFidelity({ ...common, lags, fidelity });
          const mean = meanFidelity(fidelity, lags, length);
          etmf.set(mean.etmf, layer * lags.length);
          etmfCount = mean.count;
        }
      },
    });
    return { retention, ...(etmf && { etmf }), ...(etmfCount && { etmfCount }) };
  }

  protected override checkDevice(): void {
    // There is nothing that could have been lost.
  }

  protected override release(): Promise<void> {
    return Promise.resolve();
  }

  /** Runs all layers over a segment; behind it the residual stream stands in `arrays.x`. */
  private async readLayers(segment: Segment<CpuSlot>, reading: Reading): Promise<void> {
    const { nLayer } = this.config;
    const { from, to, tokens, signal } = segment;
    const sequences: PoolSequenceCpu[] = [];
    // The layers work in place.
    this.copySlot(from, to);
    await nextTurn();
    signal?.throwIfAborted();
    // Calls on an engine are queued, so nobody else writes into the arrays while this pass waits for its turns.
    this.embed(tokens);
    reading.onResidual?.(-1);
    for (let layer = 0; layer < nLayer; layer++) {
      if (layer > 0) await nextTurn();
      signal?.throwIfAborted();
      this.scanLayer(segment, layer);
      sequences.push(this.noteLayer(segment, layer));
      reading.onNote?.(layer);
      if (segment.pool === 'on' && (layer < nLayer - 1 || reading.lastReads)) {
        this.readPools(segment, layer, sequences, reading.weights);
      }
      reading.onLayer?.(this.pass(sequences[layer]!, layer), layer);
      reading.onResidual?.(layer);
    }
    signal?.throwIfAborted();
  }

  /** Rows of the embedding -> residual stream. */
  private embed(tokens: Uint32Array): void {
    const { embedding } = this.model.trained;
    const { x } = this.arrays;
    tokens.forEach((token, t) => {
      const row = dequantized(someOutputs(embedding, token, token + 1)).values;
      x.data.set(row, t * x.stride);
    });
  }

  /** Norm, input projection, convolution, scan and output projection of one layer, added to the residual stream. */
  private scanLayer({ to, tokens }: Segment<CpuSlot>, layer: number): void {
    const { dState, dConv, dtRank } = this.config;
    const { inner, projected } = this.widths;
    const { x, scale, xz, z, tail, u, bc, delta, h, sums, lost } = this.arrays;
    const { run } = this.module;
    const length = tokens.length;
    const weights = this.weights.layers[layer]!;
    const own = to[layer]!;

    this.normScales(0, length);
    weights.enter.multiply(length, x, xz, { scale: scale.at });
    this.loadTail(own.convTail);
    run.causalConv(
      ...([length, inner, dConv, tail.at, xz.at, 4 * xz.stride] as const),
      ...([weights.taps, weights.convBias, u.at, 4 * inner] as const),
    );
    this.saveTail(own.convTail, length);

    weights.select.multiply(length, u, bc);
    weights.step.multiply(length, bc, delta, { bias: weights.stepBias });
    h.data.set(own.h);
    sums.data.fill(0);
    lost.data.fill(0);
    run.selectiveScan(
      ...([length, inner, dState, u.at, 4 * inner, delta.at, 4 * inner, z.at, 4 * z.stride] as const),
      ...([bc.at + 4 * dtRank, bc.at + 4 * (dtRank + dState), 4 * projected] as const),
      // The convolution's input is not needed any more.
      ...([weights.rates, weights.skip, h.at, xz.at, 4 * xz.stride, sums.at, lost.at] as const),
    );
    own.h.set(h.data);
    weights.out.multiply(length, xz, x, { add: true });
  }

  /** Everything that is linear in v = RMSNorm(x); then the pools after every chunk. */
  private noteLayer({ to, position, tokens }: Segment<CpuSlot>, layer: number): PoolSequenceCpu {
    const { x, scale, noted, queries, gate } = this.arrays;
    const { note, query } = this.widths;
    const length = tokens.length;
    const weights = this.weights.layers[layer]!;
    this.normScales(0, length);
    weights.gates.multiply(length, x, noted, { scale: scale.at, bias: weights.gatesBias });
    weights.note.multiply(length, x, columnsOf(noted, note), { scale: scale.at });
    this.intoNoteSpace(length, weights.token, query, queries);
    for (let t = 0; t < length; t++) {
      gate.data[t] = 1 / (1 + Math.exp(-noted.data[t * noted.stride + 1]!));
    }
    return notePoolCpu({
      rule: this.rule,
      position,
      length,
      scores: rows(noted.data, noted.stride),
      notes: rows(noted.data, noted.stride, note),
      state: to[layer]!.pool,
    });
  }

  /** The two attentions over the pools, added to the residual stream. */
  private readPools(
    segment: Segment<CpuSlot>,
    layer: number,
    sequences: readonly PoolSequenceCpu[],
    weights: Float32Array | undefined,
  ): void {
    const { nHeads, poolSize, tau2 } = this.config;
    const { query, heads } = this.widths;
    const { reads, gate, queries, crossQueries } = this.arrays;
    const length = segment.tokens.length;
    const { token, cross } = this.weights.layers[layer]!;
    const size = length * nHeads * poolSize;
    const own = weights?.subarray(layer * size, (layer + 1) * size);
    this.attend(segment, queries, [sequences[layer]!], own);
    for (let t = 0; t < length; t++) {
      if (gate.data[t]! > tau2) continue;
      reads.data.fill(0, t * reads.stride, (t + 1) * reads.stride);
      own?.fill(0, t * nHeads * poolSize, (t + 1) * nHeads * poolSize);
    }
    this.addReads(length, token, gate.at);
    if (!cross) return;
    const pools = crossLayers(this.config, layer).map((index) => sequences[index]!);
    this.intoNoteSpace(length, cross, query + heads, crossQueries);
    this.attend(segment, crossQueries, pools, undefined);
    this.addReads(length, cross, 0);
  }

  /** Trained queries from column `column` of `noted` on → W_kᵀ q / √headDim of each head. */
  private intoNoteSpace(length: number, { keys }: CpuAttention, column: number, to: CpuArray): void {
    const { noteDim } = this.config;
    const { narrow } = this.widths;
    const { noted } = this.arrays;
    // A product may be wider than a note; what is too much of it the next head overwrites.
    keys.forEach((key, head) =>
      key.multiply(length, columnsOf(noted, column + head * narrow), columnsOf(to, head * noteDim)),
    );
  }

  /** What was read of the notes → of their values → added to the stream, times `scale` for each token. */
  private addReads(length: number, { values, out }: CpuAttention, scale: Address): void {
    const { head: wide, narrow } = this.widths;
    const { x, reads, values: valued } = this.arrays;
    values.forEach((value, head) =>
      value.multiply(length, columnsOf(reads, head * wide), columnsOf(valued, head * narrow)),
    );
    out.multiply(length, valued, x, { scale, add: true });
  }

  /** Attention of queries in note space over pools, into `reads`. */
  private attend(
    { position, tokens }: Segment<CpuSlot>,
    queries: CpuArray,
    pools: readonly PoolSequenceCpu[],
    weights: Float32Array | undefined,
  ): void {
    const { nHeads, noteDim, poolSize, chunk } = this.config;
    const { reads, notes, noteColumns, noteRows, bias, weight } = this.arrays;
    const { run } = this.module;
    const total = pools.length * poolSize;
    const slots = panelWidth(total);
    for (let first = 0; first < tokens.length;) {
      const entry = poolEntryOf(chunk, position, first);
      const count = Math.min(tokens.length - first, chunk - ((position + first) % chunk));
      const isEmpty = poolBias(pools, entry, poolSize, bias.data.subarray(0, slots)) === 0;
      if (isEmpty) {
        reads.data.fill(0, first * reads.stride, (first + count) * reads.stride);
        weights?.fill(0, first * nHeads * total, (first + count) * nHeads * total);
      } else {
        const size = poolSize * noteDim;
        pools.forEach((pool, p) => {
          notes.data.set(pool.notes.subarray(entry * size, (entry + 1) * size), p * size);
        });
        run.packNotes(total, noteDim, notes.at, noteColumns.at, noteRows.at);
        run.poolAttention(
          ...([count, nHeads, noteDim, total] as const),
          ...([queries.at + 4 * first * queries.stride, 4 * queries.stride] as const),
          ...([noteColumns.at, noteRows.at, bias.at, weight.at] as const),
          ...([reads.at + 4 * first * reads.stride, 4 * reads.stride] as const),
        );
        for (let row = 0; weights && row < count * nHeads; row++) {
          const [t, head] = [Math.floor(row / nHeads), row % nHeads];
          const own = (head * count + t) * slots;
          weights.set(weight.data.subarray(own, own + total), (first * nHeads + row) * total);
        }
      }
      first += count;
    }
  }

  /** Factors of RMSNorm of the residual stream's rows [from, to). */
  private normScales(from: number, to: number): void {
    const { dModel, normEps } = this.config;
    const { x, scale } = this.arrays;
    this.module.run.rmsScales(to - from, dModel, x.at + 4 * from * x.stride, 4 * x.stride, normEps, scale.at);
  }

  /** (to - from, vocabSize) logits of the residual stream's rows [from, to). */
  private logits(from: number, to: number): Float32Array {
    const { vocabSize } = this.config;
    const { x, scale, logits } = this.arrays;
    const out = new Float32Array((to - from) * vocabSize);
    for (let first = from; first < to; first += HEAD_ROWS) {
      const last = Math.min(to, first + HEAD_ROWS);
      this.normScales(first, last);
      const residual = { at: x.at + 4 * first * x.stride, stride: x.stride };
      this.weights.head.multiply(last - first, residual, logits, { scale: scale.at });
      for (let t = first; t < last; t++) {
        const row = (t - first) * logits.stride;
        out.set(logits.data.subarray(row, row + vocabSize), (t - from) * vocabSize);
      }
    }
    return out;
  }

  /** (dModel) what the note block of a layer reads of token `t`. */
  private noteStream(layer: number, t: number): Float32Array {
    const { dModel, normEps } = this.config;
    const { x } = this.arrays;
    const row = x.data.subarray(t * x.stride, t * x.stride + dModel);
    return noteStream(row, this.model.trained.layers[layer]!.noteNorm, normEps);
  }

  /** (L, dModel) copy of the residual stream. */
  private residual(length: number): Float32Array<ArrayBuffer> {
    const { x } = this.arrays;
    return copyOf(rows(x.data, x.stride), length, this.config.dModel);
  }

  /** (dConv - 1, dInner) -> (dConv - 1, inner). */
  private loadTail(convTail: Float32Array): void {
    const { dConv, dInner } = this.config;
    const { tail } = this.arrays;
    for (let row = 0; row < dConv - 1; row++) {
      tail.data.set(convTail.subarray(row * dInner, (row + 1) * dInner), row * tail.stride);
    }
  }

  /** The last inputs of the convolution, from the segment or, where that is short, from the tail before it. */
  private saveTail(convTail: Float32Array, length: number): void {
    const { dConv, dInner } = this.config;
    const { xz } = this.arrays;
    for (let row = 0; row < dConv - 1; row++) {
      const t = length - (dConv - 1) + row;
      if (t >= 0) convTail.set(xz.data.subarray(t * xz.stride, t * xz.stride + dInner), row * dInner);
      else convTail.copyWithin(row * dInner, (row + length) * dInner, (row + length + 1) * dInner);
    }
  }

  private pass(pool: PoolSequenceCpu, layer: number): LayerPass {
    const { dtRank, dInner } = this.config;
    const { u, bc, noted, queries, sums } = this.arrays;
    return {
      u: rows(u.data, u.stride),
      b: rows(bc.data, bc.stride, dtRank),
      scores: rows(noted.data, noted.stride),
      notes: rows(noted.data, noted.stride, this.widths.note),
      queries: rows(queries.data, queries.stride),
      pool,
      deltaSum: sums.data.subarray(0, dInner),
      sentence: this.model.trained.layers[layer]!.sentence && rows(noted.data, noted.stride, SENTENCE_COLUMN),
    };
  }
}

/** Rows from a column on. */
function columnsOf({ at, stride }: CpuArray, column: number): MatrixRows {
  return { at: at + 4 * column, stride };
}
