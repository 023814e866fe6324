import { rows, type Rows } from '../../kernels/cpu/rows.js';
import {
  createPoolStateCpu,
  notePoolCpu,
  type PoolSequenceCpu,
  type PoolStateCpu,
} from '../../kernels/note-pool/note-pool.cpu.js';
import { poolEntryOf, type PoolRule } from '../../kernels/note-pool/pool-rule.js';
import { meanFidelity } from '../../kernels/retention/lags.js';
import { SimdOperators, type CpuOperators } from '../../kernels/simd/simd.js';
import { crossLayers, enterGraph, hasCrossAttention, leaveGraph } from './dense.js';
import type {
  AttentionTrace,
  DecayOptions,
  DecayResult,
  ForwardOptions,
  ForwardResult,
  SegmentTrace,
  StateSnapshot,
} from './engine.js';
import { WasmDense, tensor, type Feeds, type WasmRuntime } from './ort-wasm.js';
import { nextTurn } from './queue.js';
import { pendingPositions } from './state.js';
import { StreamingEngine, type Segment } from './streaming-engine.js';
import type { MemMambaModel } from './weights.js';

/** Tokens a segment: long enough for the matrix products, short enough for lively progress and cancel. */
const SEGMENT_LENGTH = 512;

interface LayerSlot {
  readonly convTail: Float32Array;
  readonly h: Float32Array;
  readonly pool: PoolStateCpu;
}
type CpuSlot = readonly LayerSlot[];

/** What one layer computes on the way; later steps and traces read it. */
interface LayerPass {
  /** (L, dModel) residual stream that entered the layer. */
  readonly before: Float32Array;
  /** Input of the scan, Δ before softplus, and B. */
  readonly u: Float32Array;
  readonly delta: Float32Array;
  readonly b: Rows;
  readonly scores: Float32Array;
  readonly notes: Float32Array;
  /** (L, nHeads · noteDim) of the token attention. */
  readonly queries: Rows;
  readonly pool: PoolSequenceCpu;
  /** (L, nHeads, poolSize) weights of the token reads, if they were asked for. */
  readonly weights: Float32Array | undefined;
  /** (dInner). */
  readonly deltaSum: Float32Array;
}

export interface CpuEngineOptions {
  readonly segmentLength?: number;
  /** Default: the vectorised operators. */
  readonly operators?: CpuOperators;
}

/** The engine without a GPU: ONNX Runtime's WASM provider for the dense segments, our CPU kernels between them. */
export class CpuEngine extends StreamingEngine<CpuSlot> {
  override readonly name = 'cpu';
  override readonly device = 'WASM, 1 thread';
  /** Never settles: there is no device to lose. */
  override readonly lost = new Promise<string>(() => undefined);

  private readonly rule: PoolRule;
  /** Weights of the graphs by input name: of each layer, and those of `head`. */
  private readonly layerFeeds: readonly Feeds[];
  private readonly headFeeds: Feeds;

  private constructor(
    private readonly model: MemMambaModel,
    private readonly dense: WasmDense,
    private readonly operators: CpuOperators,
    segmentLength: number,
  ) {
    super(model.config, segmentLength);
    const { poolSize, chunk, noteDim, replacement, tau1 } = model.config;
    this.rule = { poolSize, chunk, noteDim, replacement, tau1 };
    this.layerFeeds = model.layers.map((_, layer) => weightFeeds(model, layer));
    this.headFeeds = {
      norm: tensor(model.norm, model.config.dModel),
      embedding: tensor(model.embedding, model.config.vocabSize, model.config.dModel),
    };
  }

  static async create(
    model: MemMambaModel,
    runtime: WasmRuntime,
    { segmentLength = SEGMENT_LENGTH, operators = new SimdOperators() }: CpuEngineOptions = {},
  ): Promise<CpuEngine> {
    return new CpuEngine(model, await WasmDense.create(model.graphs, runtime), operators, segmentLength);
  }

  protected override createSlot(): CpuSlot {
    const { nLayer, dConv, dInner, dState } = this.config;
    return Array.from({ length: nLayer }, () => ({
      convTail: new Float32Array((dConv - 1) * dInner),
      h: new Float32Array(dInner * dState),
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
    slot.forEach(({ convTail, h, pool }, i) => {
      const layer = snapshot.layers[i]!;
      convTail.set(layer.convTail);
      h.set(layer.h);
      pool.positions.set(layer.pool.positions);
      pool.scores.set(layer.pool.scores);
      pool.notes.set(layer.pool.notes);
      pool.pendingScores.set(layer.pending.scores);
      pool.pendingNotes.set(layer.pending.notes);
    });
  }

  protected override readSlot(slot: CpuSlot, position: number): StateSnapshot {
    const { chunk, noteDim } = this.config;
    const positions = pendingPositions(position, chunk);
    return {
      position,
      layers: slot.map(({ convTail, h, pool }) => ({
        convTail: convTail.slice(),
        h: h.slice(),
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
    const { dModel, vocabSize } = this.config;
    const { logits = 'none', trace = false, attention = false, updates = false } = options;
    const length = segment.tokens.length;
    const needsEnd = logits !== 'none' || updates;
    const passes: LayerPass[] = [];
    const end = await this.readLayers(segment, { attention, lastReads: needsEnd || attention }, (pass) => {
      passes.push(pass);
    });

    const residual = needsEnd ? (await this.dense.run(leaveGraph(this.config), end)).residual! : undefined;
    let logitRows: Float32Array | undefined;
    if (residual && logits !== 'none') {
      const count = logits === 'last' ? 1 : length;
      const x = tensor(residual.subarray((length - count) * dModel), count, dModel);
      logitRows = (await this.dense.run('head', { ...this.headFeeds, x })).logits!.subarray(
        0,
        count * vocabSize,
      );
    }
    return {
      ...(logitRows && { logits: logitRows }),
      ...(trace && { trace: this.segmentTrace(segment, passes) }),
      ...(attention && { attention: this.attentionTrace(segment, passes) }),
      ...(updates && residual && { updates: updatesOf(passes, residual) }),
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
    await this.readLayers(segment, { attention: false, lastReads: false }, (pass, layer) => {
      const common = {
        length,
        dInner,
        dState,
        u: rows(pass.u, dInner),
        deltaRaw: rows(pass.delta, dInner),
        b: pass.b,
        a: this.model.layers[layer]!.a,
      };
      this.operators.retention({
        ...common,
        after: after.subarray(layer * dInner, (layer + 1) * dInner),
        retention: retention.subarray(layer * length, (layer + 1) * length),
      });
      if (lags && etmf) {
        const fidelity = new Float32Array(lags.length * length);
        this.operators.memoryFidelity({ ...common, lags, fidelity });
        const mean = meanFidelity(fidelity, lags, length);
        etmf.set(mean.etmf, layer * lags.length);
        etmfCount = mean.count;
      }
    });
    return { retention, ...(etmf && { etmf }), ...(etmfCount && { etmfCount }) };
  }

  protected override checkDevice(): void {
    // There is nothing that could have been lost.
  }

  protected override release(): Promise<void> {
    return this.dense.release();
  }

  /**
   * Runs all layers over a segment and hands each layer's pass to `onLayer`. Returns what the graphs behind
   * the last layer take.
   */
  private async readLayers(
    { from, to, position, tokens, pool, signal }: Segment<CpuSlot>,
    want: { readonly attention: boolean; readonly lastReads: boolean },
    onLayer: (pass: LayerPass, layer: number) => void,
  ): Promise<Feeds> {
    const { nLayer, dModel, dInner, dState, dConv, dtRank, noteDim, nHeads, poolSize, chunk, tau2 } =
      this.config;
    const length = tokens.length;
    const width = nHeads * noteDim;
    const projectedWidth = dtRank + 2 * dState;
    const sequences: PoolSequenceCpu[] = [];
    // The operators work in place.
    this.copySlot(from, to);
    // Inputs are copied at every run, so the graph gets the segment's rows and not the whole embedding.
    let feeds: Feeds = {
      tokens: tensor(
        Int32Array.from(tokens, (_, t) => t),
        length,
      ),
      embedding: tensor(this.embeddingRows(tokens), length, dModel),
    };
    for (let layer = 0; layer < nLayer; layer++) {
      await nextTurn();
      signal?.throwIfAborted();
      const weights = this.model.layers[layer]!;
      const own = to[layer]!;
      const layerFeeds = this.layerFeeds[layer]!;

      const entered = await this.dense.run(enterGraph(this.config, layer), { ...layerFeeds, ...feeds });
      const u = new Float32Array(length * dInner);
      this.operators.causalConv({
        length,
        dInner,
        dConv,
        x: rows(entered.conv_in!, dInner),
        weight: weights.convWeight,
        bias: weights.convBias,
        tail: own.convTail,
        y: rows(u, dInner),
      });

      const selected = await this.dense.run('select', { ...layerFeeds, u: tensor(u, length, dInner) });
      const b = rows(selected.projected!, projectedWidth, dtRank);
      const y = new Float32Array(length * dInner);
      const deltaSum = new Float32Array(dInner);
      this.operators.selectiveScan({
        length,
        dInner,
        dState,
        u: rows(u, dInner),
        deltaRaw: rows(selected.delta!, dInner),
        z: rows(entered.z!, dInner),
        b,
        c: rows(selected.projected!, projectedWidth, dtRank + dState),
        a: weights.a,
        d: weights.d,
        h: own.h,
        y: rows(y, dInner),
        deltaSum,
      });

      const noted = await this.dense.run('note', {
        ...layerFeeds,
        x: tensor(entered.residual!, length, dModel),
        y: tensor(y, length, dInner),
      });
      const sequence = notePoolCpu({
        rule: this.rule,
        position,
        length,
        scores: rows(noted.scores!, 1),
        notes: rows(noted.notes!, noteDim),
        state: own.pool,
      });
      sequences.push(sequence);

      const isCross = hasCrossAttention(this.config, layer);
      const queryWidth = isCross ? 2 * width : width;
      const queries = rows(noted.queries!, queryWidth);
      const reads = new Float32Array(length * width);
      const crossReads = isCross ? new Float32Array(length * width) : undefined;
      const attentionWeights = want.attention ? new Float32Array(length * nHeads * poolSize) : undefined;
      if (pool === 'on' && (layer < nLayer - 1 || want.lastReads)) {
        const common = { length, nHeads, noteDim, poolSize, chunk, position };
        this.operators.poolAttention({
          ...common,
          queries,
          pools: [sequence],
          gate: rows(noted.gate!, 1),
          tau2,
          reads: rows(reads, width),
          ...(attentionWeights && { weights: attentionWeights }),
        });
        if (crossReads) {
          this.operators.poolAttention({
            ...common,
            queries: rows(noted.queries!, queryWidth, width),
            pools: crossLayers(this.config, layer).map((index) => sequences[index]!),
            reads: rows(crossReads, width),
          });
        }
      }

      onLayer(
        {
          before: entered.residual!,
          u,
          delta: selected.delta!,
          b,
          scores: noted.scores!,
          notes: noted.notes!,
          queries,
          pool: sequence,
          weights: attentionWeights,
          deltaSum,
        },
        layer,
      );
      feeds = {
        x: tensor(noted.residual!, length, dModel),
        gate: tensor(noted.gate!, length, 1),
        reads: tensor(reads, length, width),
        token_out: layerFeeds.token_out!,
        ...(crossReads && {
          cross_reads: tensor(crossReads, length, width),
          cross_out: layerFeeds.cross_out!,
        }),
      };
    }
    signal?.throwIfAborted();
    return feeds;
  }

  private embeddingRows(tokens: Uint32Array): Float32Array {
    const { dModel } = this.config;
    const rowsOfTokens = new Float32Array(tokens.length * dModel);
    tokens.forEach((token, t) => {
      rowsOfTokens.set(this.model.embedding.subarray(token * dModel, (token + 1) * dModel), t * dModel);
    });
    return rowsOfTokens;
  }

  private segmentTrace({ position, tokens }: Segment<CpuSlot>, passes: readonly LayerPass[]): SegmentTrace {
    const { chunk, poolSize, archiveLayers } = this.config;
    const entries = passes[0]!.pool.entries;
    const firstEnd = (Math.floor(position / chunk) + 1) * chunk;
    return {
      scores: concat(passes.map((pass) => pass.scores.subarray(0, tokens.length))),
      chunkEnds: Int32Array.from({ length: entries - 1 }, (_, i) => firstEnd + i * chunk),
      poolPositions: concatInts(passes.map(({ pool }) => pool.positions.subarray(poolSize))),
      archiveNotes: concat(archiveLayers.map((layer) => passes[layer]!.notes)),
      deltaSums: concat(passes.map((pass) => pass.deltaSum)),
    };
  }

  private attentionTrace(
    { position, tokens }: Segment<CpuSlot>,
    passes: readonly LayerPass[],
  ): AttentionTrace {
    const { nLayer, nHeads, noteDim, chunk, poolSize, archiveLayers } = this.config;
    const length = tokens.length;
    const positions = new Int32Array(nLayer * length * poolSize);
    passes.forEach(({ pool }, layer) => {
      for (let t = 0; t < length; t++) {
        const entry = poolEntryOf(chunk, position, t);
        const from = pool.positions.subarray(entry * poolSize, (entry + 1) * poolSize);
        positions.set(from, (layer * length + t) * poolSize);
      }
    });
    return {
      weights: concat(passes.map((pass) => pass.weights!)),
      positions,
      queries: concat(archiveLayers.map((layer) => dense(passes[layer]!.queries, length, nHeads * noteDim))),
    };
  }
}

/** The weights that the graphs of one layer take, by input name. */
function weightFeeds({ config, layers }: MemMambaModel, layer: number): Feeds {
  const { dModel, dInner, dState, dtRank, noteDim, nHeads } = config;
  const width = nHeads * noteDim;
  const weights = layers[layer]!;
  return {
    norm: tensor(weights.norm, dModel),
    in_x: tensor(weights.inX, dModel, dInner),
    in_z: tensor(weights.inZ, dModel, dInner),
    x_proj: tensor(weights.xProj, dInner, dtRank + 2 * dState),
    dt_proj: tensor(weights.dtProj, dtRank, dInner),
    dt_bias: tensor(weights.dtBias, dInner),
    out_proj: tensor(weights.outProj, dInner, dModel),
    note_norm: tensor(weights.noteNorm, dModel),
    note_proj: tensor(weights.noteProj, dModel, 2 + noteDim),
    score_bias: tensor(weights.scoreBias, 1),
    gate_bias: tensor(weights.gateBias, 1),
    query_proj: tensor(weights.queryProj, dModel, weights.queryProj.length / dModel),
    token_out: tensor(weights.tokenOut, width, dModel),
    ...(weights.crossOut && { cross_out: tensor(weights.crossOut, width, dModel) }),
  };
}

/** What each block adds to the residual stream: the stream that enters the next one less its own. */
function updatesOf(passes: readonly LayerPass[], end: Float32Array): Float32Array {
  return concat(
    passes.map(({ before }, layer) => {
      const after = passes[layer + 1]?.before ?? end;
      return before.map((value, i) => after[i]! - value);
    }),
  );
}

/** The first `width` columns of rows. */
function dense({ data, offset, stride }: Rows, length: number, width: number): Float32Array {
  const out = new Float32Array(length * width);
  for (let t = 0; t < length; t++) {
    out.set(data.subarray(offset + t * stride, offset + t * stride + width), t * width);
  }
  return out;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function concatInts(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
