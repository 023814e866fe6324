import type { Engine, ForwardOptions, ForwardResult, ModelState, StateSnapshot } from '../memmamba/engine.js';
import { DeviceLoss } from '../memmamba/device-loss.js';
import { DeviceLostError } from '../memmamba/errors.js';
import type { ResumePoints } from './resume-points.js';

/** Devices in a row that may be lost under one call before the call fails. */
const ATTEMPTS = 3;
/** How long after an error the loss that caused it may still be reported. */
const LOSS_GRACE_MS = 200;

interface Live {
  readonly engine: Promise<Engine>;
  readonly state: Promise<ModelState>;
}

/**
 * The state of one document on a device that may be lost. A call that fails because the device went away is
 * made again on another engine: the last saved state is restored there and the tokens after it are read
 * again. So nothing that was computed is lost, and callers never see the loss.
 */
export class Session {
  readonly #newEngine: () => Promise<Engine>;
  readonly #points: ResumePoints;
  readonly #ids: (from: number, to: number) => Uint32Array;

  #live: Live | undefined;
  #position = 0;
  /** Settles when no pass is under way that changes the state. */
  #advancing: Promise<void> = Promise.resolve();

  /**
   * @param newEngine gives a live engine, another one after a loss
   * @param points saved states of this document
   * @param ids ids of the tokens [from, to) that were read
   */
  constructor(
    newEngine: () => Promise<Engine>,
    readonly pool: 'on' | 'off',
    points: ResumePoints,
    ids: (from: number, to: number) => Uint32Array,
  ) {
    this.#newEngine = newEngine;
    this.#points = points;
    this.#ids = ids;
  }

  /** Tokens read so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * Runs `work` with the engine and the document's state; again on a new engine if the device is lost. `work`
   * must leave the state as it is.
   */
  async run<T>(work: (engine: Engine, state: ModelState) => Promise<T>): Promise<T> {
    await this.#advancing;
    return this.#attempt(work);
  }

  /**
   * Reads tokens and advances the document; `record` is called with the result at the very moment at which
   * they count as read. After an error or an abort nothing has changed.
   *
   * @returns false, and nothing was read, if a new engine takes shorter segments than the one before: then
   *   give fewer tokens
   */
  advance(
    tokens: Uint32Array,
    options: ForwardOptions,
    record: (result: ForwardResult) => void,
  ): Promise<boolean> {
    const advance = async () => {
      const result = await this.#attempt(async (engine, state) =>
        tokens.length > engine.segmentLength
          ? undefined
          : engine.forward(state, tokens, { ...options, pool: this.pool }),
      );
      if (!result) return false;
      if (options.signal?.aborted) {
        // The pass ended after its caller had gone. The state on the device is ahead of what was recorded.
        this.#forget();
        throw options.signal.reason;
      }
      this.#position += tokens.length;
      record(result);
      return true;
    };
    const advancing = advance();
    this.#advancing = advancing.then(
      () => undefined,
      () => undefined,
    );
    return advancing;
  }

  /** Runs `work` on a copy of the document's state: questions never change what was read. */
  onCopy<T>(work: (engine: Engine, copy: ModelState) => Promise<T>): Promise<T> {
    return this.run(async (engine, state) => {
      const copy = engine.cloneState(state);
      try {
        return await work(engine, copy);
      } finally {
        copy.dispose();
      }
    });
  }

  /** Goes back to the position of the last saved state: what was read behind it counts as not read. */
  rewind(position: number): void {
    if (position !== this.#points.last.position)
      throw new RangeError(
        `The last saved state is at token ${this.#points.last.position}, not ${position}.`,
      );
    this.#forget();
    this.#position = position;
  }

  snapshot(): Promise<StateSnapshot> {
    return this.run((engine, state) => engine.snapshot(state));
  }

  dispose(): void {
    this.#forget();
  }

  /** Gives the state up; the next call restores it from the last saved one. */
  #forget(): void {
    const live = this.#live;
    this.#live = undefined;
    live?.state.then((state) => state.dispose()).catch(() => undefined);
  }

  async #attempt<T>(work: (engine: Engine, state: ModelState) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const live = (this.#live ??= this.#start());
      let engine: Engine | undefined;
      try {
        engine = await live.engine;
        return await orLost(work(engine, await live.state), engine);
      } catch (error) {
        const isLost = error instanceof DeviceLostError || (engine !== undefined && (await wasLost(engine)));
        // What was lost or could not start is started anew by the next call.
        const hasStarted = await live.state.then(
          () => true,
          () => false,
        );
        if (isLost || !hasStarted) this.#live = undefined;
        if (!isLost || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #start(): Live {
    const engine = this.#newEngine();
    const state = engine.then((ready) => orLost(this.#restore(ready), ready));
    return { engine, state };
  }

  /** The last saved state on a new engine, brought to where the document stands. */
  async #restore(engine: Engine): Promise<ModelState> {
    const { snapshot, position } = this.#points.last;
    const state = snapshot ? engine.restore(snapshot) : engine.createState();
    for (let at = position; at < this.#position; at += engine.segmentLength) {
      const to = Math.min(at + engine.segmentLength, this.#position);
      await engine.forward(state, this.#ids(at, to), { pool: this.pool });
    }
    return state;
  }
}

const losses = new WeakMap<Engine, DeviceLoss>();

/** Settles as `work` does, or rejects when the engine's device is lost under it; an engine is listened to once. */
function orLost<T>(work: Promise<T>, engine: Engine): Promise<T> {
  let loss = losses.get(engine);
  if (!loss) losses.set(engine, (loss = new DeviceLoss(engine.lost)));
  return loss.orLost(work);
}

async function wasLost(engine: Engine): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), LOSS_GRACE_MS);
  });
  try {
    return await Promise.race([engine.lost.then(() => true), later]);
  } finally {
    clearTimeout(timer);
  }
}
