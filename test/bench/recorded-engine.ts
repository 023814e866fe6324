import type {
  DecayOptions,
  DecayResult,
  Engine,
  ForwardOptions,
  ForwardResult,
  ModelState,
  ReaderEngine,
  SegmentTrace,
  StateSnapshot,
} from '../../models/memmamba/engine.js';
import type { RetrievalHead } from '../../models/memmamba/retrieval-head.js';
import type { RecordedReading } from './recorded-reading.js';

interface RecordedState extends ModelState {
  position: number;
  /** Of the engine behind, from the end of the recording on. */
  inner: ModelState | undefined;
}

/**
 * An engine that gives out a reading as it was recorded, in segments as long as a fast GPU's, so that what is left to
 * measure is the host's part. What comes after the recorded text (queries, questions, text that was appended) is read
 * by the engine behind it, whose time is counted.
 */
export class RecordedEngine implements Engine {
  readonly #engine: Engine;
  readonly #reading: RecordedReading;

  readonly name;
  readonly config;
  readonly heads;
  readonly calibration;
  readonly device;
  readonly lost = new Promise<string>(() => undefined);
  /** Milliseconds of the processor in the engine behind, and in copying recorded arrays. */
  modelMs = 0;

  /** @param retrieval heads to search with, in place of the model's own; none: by attention */
  constructor(
    engine: Engine,
    reading: RecordedReading,
    readonly segmentLength: number,
    readonly retrieval: readonly RetrievalHead[] = engine.retrieval,
  ) {
    this.#engine = engine;
    this.#reading = reading;

    this.name = engine.name;
    this.config = engine.config;
    this.calibration = engine.calibration;
    // Sums of passages are not among what is recorded.
    this.heads = { ...engine.heads, passages: false };
    this.device = `${engine.device}, recorded`;
  }

  createState(): ModelState {
    return this.#state(0, undefined);
  }

  openReader(): Promise<ReaderEngine> {
    return this.#engine.openReader();
  }

  cloneState(state: ModelState): ModelState {
    const { position, inner } = state as RecordedState;
    return this.#timed(() => this.#state(position, inner && this.#engine.cloneState(inner)));
  }

  async snapshot(state: ModelState): Promise<StateSnapshot> {
    const { position, inner } = state as RecordedState;
    if (inner && position > this.#reading.tokens) return this.#engine.snapshot(inner);
    return this.#timed(() => ({ ...structuredClone(this.#reading.state), position }));
  }

  restore(snapshot: StateSnapshot): ModelState {
    const isBehind = snapshot.position >= this.#reading.tokens;
    return this.#state(snapshot.position, isBehind ? this.#engine.restore(snapshot) : undefined);
  }

  async forward(
    state: ModelState,
    tokens: Uint32Array,
    options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    const own = state as RecordedState;
    const reading = this.#reading;
    // A state that does not read the recorded text: all that is, is traced.
    if (own.position === 0 && !options.trace) own.inner ??= this.#engine.createState();
    const to = own.position + tokens.length;
    if (!own.inner && to <= reading.tokens) {
      const trace = this.#timed(() => this.#traceOf(own.position, to));
      own.position = to;
      if (to === reading.tokens) own.inner = this.#engine.restore(reading.state);
      return { trace };
    }
    if (!own.inner) throw new Error('The recording ends amid this segment.');
    const began = processorMs();
    const { noteStreams, ...rest } = options;
    const asked = { ...rest, ...(noteStreams && { attention: true }) };
    // The last segment answers: whoever asks for the attention of all tokens asks for few.
    const { segmentLength } = this.#engine;
    let result: ForwardResult = {};
    for (let at = 0; at < tokens.length; at += segmentLength) {
      result = await this.#engine.forward(own.inner, tokens.subarray(at, at + segmentLength), asked);
    }
    this.modelMs += processorMs() - began;
    own.position = to;
    // The recorded model may have no heads: numbers of the right shape that depend on the query stand in.
    return noteStreams ? { noteStreams: this.#streams(result.attention!.queries) } : result;
  }

  decay(_state: ModelState, _tokens: Uint32Array, _options: DecayOptions): Promise<DecayResult> {
    throw new Error('A recording has no decay.');
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  #streams(queries: Float32Array): Float32Array {
    const length = this.config.archiveLayers.length * this.config.dModel;
    return Float32Array.from({ length }, (_, i) => queries[(i * 7) % queries.length]!);
  }

  #state(position: number, inner: ModelState | undefined): RecordedState {
    const state: RecordedState = { position, inner, dispose: () => state.inner?.dispose() };
    return state;
  }

  #traceOf(from: number, to: number): SegmentTrace {
    const { scores, chunkEnds, poolPositions, archiveNotes, deltaSums } = this.#reading.trace;
    const { nLayer, poolSize, chunk, archiveLayers, noteDim } = this.config;
    const { tokens } = this.#reading;
    const cut = (all: Float32Array, rows: number, width: number) => {
      const part = new Float32Array(rows * (to - from) * width);
      for (let row = 0; row < rows; row++) {
        const at = row * tokens * width;
        part.set(all.subarray(at + from * width, at + to * width), row * (to - from) * width);
      }
      return part;
    };
    const firstChunk = Math.floor(from / chunk);
    const chunks = Math.floor(to / chunk) - firstChunk;
    const positions = new Int32Array(nLayer * chunks * poolSize);
    for (let layer = 0; layer < nLayer; layer++) {
      const at = (layer * chunkEnds.length + firstChunk) * poolSize;
      positions.set(poolPositions.subarray(at, at + chunks * poolSize), layer * chunks * poolSize);
    }
    return {
      scores: cut(scores, nLayer, 1),
      chunkEnds: chunkEnds.slice(firstChunk, firstChunk + chunks),
      poolPositions: positions,
      archiveNotes: cut(archiveNotes, archiveLayers.length, noteDim),
      deltaSums: deltaSums.slice(),
    };
  }

  #timed<T>(work: () => T): T {
    const began = processorMs();
    const result = work();
    this.modelMs += processorMs() - began;
    return result;
  }
}

/** Milliseconds of processor time of this process. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
