import type { Calibration } from './calibration.js';
import type { MemMambaConfig } from './config.js';
import type {
  DecayOptions,
  DecayResult,
  Engine,
  EngineName,
  ForwardOptions,
  ForwardResult,
  Heads,
  ModelState,
  ReaderEngine,
  StateSnapshot,
} from './engine.js';
import { EngineUseError } from './errors.js';
import { Queue } from '../scheduling/queue.js';
import type { ReaderModel } from './reader-model.js';
import type { RetrievalHead } from './retrieval-head.js';
import type { SentenceHead } from './sentence-head.js';
import { SlotState, checkSnapshot } from './state.js';
import type { MemMambaModel } from './weights.js';

/** One pass over a segment. */
export interface Segment<Slot> {
  /** The state before it. */
  readonly from: Slot;
  /** Receives the state after it; what it holds before is of no meaning. */
  readonly to: Slot;
  /** Absolute position of the first token. */
  readonly position: number;
  readonly tokens: Uint32Array;
  readonly pool: 'on' | 'off';
  readonly signal: AbortSignal | undefined;
}

export const NO_HEADS: Heads = { passages: false, reader: false };

/** The heads that a model was trained with. */
export function headsOf({ trained, reader }: MemMambaModel): Heads {
  return { passages: trained.passages !== undefined, reader: reader !== undefined };
}

/** Does something in turn with an engine's other calls. */
export type RunInTurn = <Result>(work: () => Result | Promise<Result>) => Promise<Result>;

/** A reader and what it holds on the device. */
export interface OpenReader extends ReaderEngine {
  release(): void;
}

/**
 * What both engines have in common: calls are queued, arguments checked, and a pass writes into the
 * spare slot, which takes the place of the state's own only when the pass has succeeded. So an engine holds one slot
 * more than there are states, and an error or an abort leaves every state as it was.
 */
export abstract class StreamingEngine<Slot> implements Engine {
  abstract readonly name: EngineName;
  abstract readonly device: string;
  abstract readonly lost: Promise<string>;

  readonly config: MemMambaConfig;
  readonly retrieval: readonly RetrievalHead[];
  readonly heads: Heads;
  readonly calibration: Calibration;
  /** The sentence head's part for each archive layer, in their order, or none. */
  protected readonly sentence: readonly SentenceHead[];

  readonly #queue = new Queue();
  readonly #readerModel: (() => Promise<ReaderModel>) | undefined;
  #reading: Promise<ReaderEngine> | undefined;
  #reader: OpenReader | undefined;
  #spare: Slot | undefined;
  #disposed = false;

  protected constructor(
    model: MemMambaModel,
    readonly segmentLength: number,
    heads = headsOf(model),
  ) {
    const { config, retrieval, sentence, reader } = model;
    this.#readerModel = reader;
    this.config = config;
    this.calibration = model.calibration;
    this.retrieval = retrieval;
    this.heads = heads;
    this.sentence = sentence;
  }

  /** A slot of any content. */
  protected abstract createSlot(): Slot;
  protected abstract releaseSlot(slot: Slot): void;
  protected abstract copySlot(from: Slot, to: Slot): void;
  /** Writes a snapshot, or the empty state, into a slot. */
  protected abstract fillSlot(slot: Slot, snapshot: StateSnapshot | undefined): void;
  protected abstract readSlot(slot: Slot, position: number): StateSnapshot | Promise<StateSnapshot>;
  protected abstract forwardSegment(segment: Segment<Slot>, options: ForwardOptions): Promise<ForwardResult>;
  protected abstract decaySegment(segment: Segment<Slot>, options: DecayOptions): Promise<DecayResult>;
  protected abstract createReader(model: ReaderModel, run: RunInTurn): OpenReader | Promise<OpenReader>;
  protected abstract release(): Promise<void>;
  /** Throws if the device cannot work any more. */
  protected abstract checkDevice(): void;

  createState(): ModelState {
    return this.#newState(0, (slot) => this.fillSlot(slot, undefined));
  }

  cloneState(state: ModelState): ModelState {
    const from = this.#own(state);
    return this.#newState(from.position, (slot) => this.copySlot(from.current, slot));
  }

  restore(snapshot: StateSnapshot): ModelState {
    checkSnapshot(this.config, snapshot);
    return this.#newState(snapshot.position, (slot) => this.fillSlot(slot, snapshot));
  }

  snapshot(state: ModelState): Promise<StateSnapshot> {
    return this.#queue.run(async () => {
      this.#checkUsable();
      const from = this.#own(state);
      return this.readSlot(from.current, from.position);
    });
  }

  forward(state: ModelState, tokens: Uint32Array, options: ForwardOptions = {}): Promise<ForwardResult> {
    return this.#advance(state, tokens, options, (segment) => {
      this.#checkHeads(options);
      return this.forwardSegment(segment, options);
    });
  }

  decay(state: ModelState, tokens: Uint32Array, options: DecayOptions): Promise<DecayResult> {
    const { nLayer, dInner } = this.config;
    if (options.after.length !== nLayer * dInner) {
      throw new RangeError(
        `decay: after must hold ${nLayer * dInner} sums; it holds ${options.after.length}`,
      );
    }
    return this.#advance(state, tokens, options, (segment) => this.decaySegment(segment, options));
  }

  openReader(): Promise<ReaderEngine> {
    const { heads, config } = this;
    const readerModel = this.#readerModel;
    if (!readerModel || !heads.reader) {
      return Promise.reject(new EngineUseError(`The model ${config.name} has no reader.`));
    }
    if (!this.#reading) {
      this.#reading = readerModel().then((reader) => this.#inTurn(() => this.#keepReader(reader)));
      // The next call tries again.
      this.#reading.catch(() => (this.#reading = undefined));
    }
    return this.#reading;
  }

  dispose(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#disposed) return;
      this.#disposed = true;
      this.#reader?.release();
      if (this.#spare !== undefined) this.releaseSlot(this.#spare);
      this.#spare = undefined;
      await this.release();
    });
  }

  async #keepReader(model: ReaderModel): Promise<OpenReader> {
    return (this.#reader = await this.createReader(model, this.#inTurn));
  }

  /** Does something when what was asked of the engine before is done. */
  readonly #inTurn: RunInTurn = (work) =>
    this.#queue.run(async () => {
      this.#checkUsable();
      return work();
    });

  #advance<Result>(
    state: ModelState,
    tokens: Uint32Array,
    options: { readonly pool?: 'on' | 'off'; readonly signal?: AbortSignal },
    pass: (segment: Segment<Slot>) => Promise<Result>,
  ): Promise<Result> {
    const { pool = 'on', signal } = options;
    return this.#queue.run(async () => {
      signal?.throwIfAborted();
      this.#checkUsable();
      this.#checkTokens(tokens);
      const own = this.#own(state);
      const { position } = own;
      const to = (this.#spare ??= this.createSlot());
      const result = await pass({ from: own.current, to, position, tokens, pool, signal });
      this.#spare = own.exchange(to);
      own.position = position + tokens.length;
      return result;
    });
  }

  #newState(position: number, fill: (slot: Slot) => void): SlotState<Slot> {
    this.#checkUsable();
    const slot = this.createSlot();
    fill(slot);
    return new SlotState<Slot>(this, slot, position, (released) => this.releaseSlot(released));
  }

  #own(state: ModelState): SlotState<Slot> {
    if (!(state instanceof SlotState) || state.owner !== this) {
      throw new EngineUseError(
        'This model state belongs to another engine; carry it over by snapshot and restore.',
      );
    }
    return state as SlotState<Slot>;
  }

  #checkUsable(): void {
    if (this.#disposed) throw new EngineUseError('This engine was disposed of.');
    this.checkDevice();
  }

  #checkHeads({ passageSums = 'none' }: ForwardOptions): void {
    const { heads, config } = this;
    if (passageSums !== 'none' && !heads.passages) {
      throw new EngineUseError(`The model ${config.name} has no passage head.`);
    }
  }

  #checkTokens(tokens: Uint32Array): void {
    const { segmentLength } = this;
    const { vocabSize } = this.config;
    if (tokens.length === 0 || tokens.length > segmentLength) {
      throw new RangeError(`A segment holds 1 to ${segmentLength} tokens; this one holds ${tokens.length}`);
    }
    const stranger = tokens.findIndex((token) => token >= vocabSize);
    if (stranger >= 0) {
      throw new RangeError(`Token ${tokens[stranger]} is not in the vocabulary of ${vocabSize}`);
    }
  }
}
