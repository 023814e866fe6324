import type { Calibration } from './calibration.js';
import type { MemMambaConfig } from './config.js';
import type { ReadPassage } from './reader-head.js';
import type { RetrievalHead } from './retrieval-head.js';

/** Where the model runs. Both engines give the same numbers within the tolerance stated in `docs/model.md`. */
export type EngineName = 'webgpu' | 'cpu' | 'cpu-int8';

/**
 * The state pool of one layer at one moment. Entries are ordered by falling score (FIFO: by falling
 * position); unused entries have position -1, score -Infinity and a zero note.
 */
export interface PoolSnapshot {
  /** (poolSize) absolute token position of the note, or -1. */
  readonly positions: Int32Array;
  /** (poolSize) score s before the sigmoid. */
  readonly scores: Float32Array;
  /** (poolSize, noteDim), row-major. */
  readonly notes: Float32Array;
}

/** Everything one layer leaves behind; its size does not depend on the document's length. */
export interface LayerSnapshot {
  /** (dConv - 1, dInner) last inputs of the causal convolution, oldest first. */
  readonly convTail: Float32Array;
  /** (dInner, dState) state of the selective scan. */
  readonly h: Float32Array;
  /** Pool as it stood after the last whole chunk. */
  readonly pool: PoolSnapshot;
  /** Candidates of the unfinished chunk, oldest first: (position mod chunk) tokens. */
  readonly pending: PoolSnapshot;
}

/** A resume point: the whole memory of a document read so far, detached from any device. */
export interface StateSnapshot {
  /** Tokens read so far; the next token has this absolute position. */
  readonly position: number;
  readonly layers: readonly LayerSnapshot[];
}

/** A state living on the engine's device. Cheap to clone there. */
export interface ModelState {
  readonly position: number;
  dispose(): void;
}

/** What a caller wants to see of a forward pass; everything off costs nothing. */
export interface ForwardOptions {
  /** Next-token logits: none (default), of the last token, or of every token. */
  readonly logits?: 'none' | 'last' | 'all';
  /** Scores, pools at chunk ends, archive notes, ΣΔ and salience. */
  readonly trace?: boolean;
  /** Pool attention of every token; for questions, which are short. */
  readonly attention?: boolean;
  /** What the archive layers' note blocks read at the last token: {@link Engine.retrieval} makes queries of it. */
  readonly noteStreams?: boolean;
  /** Updates each block adds to the residual stream, for ECLMF. */
  readonly updates?: boolean;
  /**
   * Sums of what the tokens add to passages' vectors, or to a query's: see `passage-head.ts`. Only of a model with
   * that head.
   */
  readonly passageSums?: 'none' | 'document' | 'query';
  /** `off` makes c_tok = c_lay = 0 at every token: the same weights as a plain Mamba. Default `on`. */
  readonly pool?: 'on' | 'off';
  readonly signal?: AbortSignal;
}

export interface SegmentTrace {
  /** (nLayer, L) note scores s before the sigmoid. */
  readonly scores: Float32Array;
  /** Absolute token positions at which a chunk ended inside this segment (exclusive ends, multiples of chunk). */
  readonly chunkEnds: Int32Array;
  /** (nLayer, chunkEnds.length, poolSize) positions in the pool after each of those chunks, -1 where empty. */
  readonly poolPositions: Int32Array;
  /** (archiveLayers.length, L, noteDim) notes of the archive layers. */
  readonly archiveNotes: Float32Array;
  /** (nLayer, dInner) ΣΔ over the tokens of this segment. */
  readonly deltaSums: Float32Array;
  /** (L) salience by the sentence head, where the model has one; see `sentence-head.ts`. */
  readonly salience?: Float32Array;
}

export interface AttentionTrace {
  /** (nLayer, L, nHeads, poolSize) attention weights of the token reads; rows sum to 1, or to 0 for an empty pool. */
  readonly weights: Float32Array;
  /** (nLayer, L, poolSize) absolute positions of the notes that were read, -1 where empty. */
  readonly positions: Int32Array;
  /** (archiveLayers.length, L, nHeads, noteDim) queries folded into note space (W_kᵀ q), scaled by 1/√headDim. */
  readonly queries: Float32Array;
}

export interface ForwardResult {
  /** (vocabSize) for `last`, (L, vocabSize) for `all`. */
  readonly logits?: Float32Array;
  readonly trace?: SegmentTrace;
  readonly attention?: AttentionTrace;
  /** (archiveLayers.length, dModel) v = RMSNorm(x) in front of the archive layers' note blocks, at the last token. */
  readonly noteStreams?: Float32Array;
  /** (nLayer, L, dModel). */
  readonly updates?: Float32Array;
  /**
   * (blocks, 256) sums over the tokens of the segment that lie in each block of 16 absolute positions; the first and
   * the last may be parts of a block.
   */
  readonly passageSums?: Float32Array;
}

/** What a model can do besides, by the heads that it was trained with. */
export interface Heads {
  /** Vectors of passages and queries. */
  readonly passages: boolean;
  /** Answers by pointing at them, {@link Engine.openReader}. */
  readonly reader: boolean;
}

/** A question that the reader has read: its state is small, and every passage continues a copy of it. */
export interface AskedQuestion {
  /** Logit of “not here”: one softmax runs over it and the starts of all passages. */
  readonly none: number;
  /**
   * Reads passages behind the question, each by itself; several at once where the device gains by it.
   *
   * @param passages tokens of each, 1 to {@link ReaderEngine.longest} with the end
   * @param end tokens behind every passage, one at least: the last has seen all of it
   * @returns a start and an end logit for every token of each passage
   */
  read(
    passages: readonly Uint32Array[],
    end: Uint32Array,
    signal?: AbortSignal,
  ): Promise<readonly ReadPassage[]>;
  dispose(): void;
}

/**
 * The reader of a model on an engine: weights of their own, which stand beside the model's from the first question on.
 * Calls are queued with those of the engine, which disposes of it.
 */
export interface ReaderEngine {
  /** Tokens of a text that is read at once. */
  readonly longest: number;
  /** Tokens of passages that the device reads at once: as many passages to a call are as quick as one. */
  readonly batchTokens: number;
  /** Bytes that it takes beside the model. */
  readonly byteLength: number;
  /**
   * Reads a question from an empty state.
   *
   * @param question its tokens, one at least
   * @throws {EngineUseError} where the question has no token
   */
  ask(question: Uint32Array, signal?: AbortSignal): Promise<AskedQuestion>;
}

/** Decay analysis of a range of tokens, read again from a saved state. Definitions: `docs/definitions.md`. */
export interface DecayOptions {
  /** (nLayer, dInner) ΣΔ from the end of these tokens to T, summed in f64 by the caller. */
  readonly after: Float64Array;
  /** Distances k of the ETMF curve; each is 0 or a power of two. */
  readonly lags?: readonly number[];
  /** As the tokens were read the first time. Default `on`. */
  readonly pool?: 'on' | 'off';
  readonly signal?: AbortSignal;
}

export interface DecayResult {
  /** (nLayer, L) retention at T, in [0, 1], the pool not counted. */
  readonly retention: Float32Array;
  /** (nLayer, lags.length) ETMF, NaN where the range is shorter than the distance. */
  readonly etmf?: Float32Array;
  /** (lags.length) number of tokens each ETMF value was averaged over. */
  readonly etmfCount?: Int32Array;
}

/**
 * A loaded model. Calls on one engine are queued, never interleaved. Methods that take a state advance
 * that state in place; on error or abort the state is left as it was before the call.
 */
export interface Engine {
  readonly name: EngineName;
  readonly config: MemMambaConfig;
  /** A head for each archive layer, in their order, where the model was trained with them; else none. */
  readonly retrieval: readonly RetrievalHead[];
  readonly heads: Heads;
  /** What was fitted for search and answers after training. */
  readonly calibration: Calibration;
  /** Human-readable device, for example the adapter's description or `WASM, 1 thread`. */
  readonly device: string;
  /** The segment length this engine runs best at; `forward` takes any length from one token up. */
  readonly segmentLength: number;

  createState(): ModelState;
  cloneState(state: ModelState): ModelState;
  snapshot(state: ModelState): Promise<StateSnapshot>;
  restore(snapshot: StateSnapshot): ModelState;

  /** Reads `tokens` (at most `segmentLength` at once) after `state` and advances it. */
  forward(state: ModelState, tokens: Uint32Array, options?: ForwardOptions): Promise<ForwardResult>;
  /** Reads `tokens` after `state`, advances it, and returns how much of each survives to T. */
  decay(state: ModelState, tokens: Uint32Array, options: DecayOptions): Promise<DecayResult>;

  /**
   * The reader, loaded at the first call.
   *
   * @throws {EngineUseError} where the model has none
   * @throws {ModelFileError} if its file is missing or damaged; the next call tries again
   */
  openReader(): Promise<ReaderEngine>;

  /** Resolves with the reason when the device is lost; never rejects. Only the WebGPU engine ever resolves it. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}
