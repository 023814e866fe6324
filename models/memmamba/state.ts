import type { MemMambaConfig } from './config.js';
import type { LayerSnapshot, ModelState, PoolSnapshot, StateSnapshot } from './engine.js';
import { EngineUseError } from './errors.js';

/**
 * A state as its engine sees it: where the document stands, and the slot that holds its memory on the
 * engine's device. A forward pass works in the engine's spare slot and exchanges the two when it has
 * succeeded, so a failed or aborted pass leaves no trace.
 */
export class SlotState<Slot> implements ModelState {
  readonly #release: (slot: Slot) => void;

  #slot: Slot | undefined;

  constructor(
    readonly owner: object,
    slot: Slot,
    public position: number,
    release: (slot: Slot) => void,
  ) {
    this.#release = release;

    this.#slot = slot;
  }

  /** @throws {EngineUseError} after `dispose`. */
  get current(): Slot {
    if (this.#slot === undefined) throw new EngineUseError('This model state was disposed of.');
    return this.#slot;
  }

  /** Installs `slot` and returns the one it replaces. */
  exchange(slot: Slot): Slot {
    const old = this.current;
    this.#slot = slot;
    return old;
  }

  dispose(): void {
    if (this.#slot !== undefined) this.#release(this.#slot);
    this.#slot = undefined;
  }
}

/** The snapshot of an unread document. */
export function emptySnapshot(config: MemMambaConfig): StateSnapshot {
  const { nLayer, dInner, dConv, dState, poolSize, noteDim } = config;
  return {
    position: 0,
    layers: Array.from({ length: nLayer }, () => ({
      convTail: new Float32Array((dConv - 1) * dInner),
      h: new Float32Array(dInner * dState),
      pool: emptyPool(poolSize, noteDim),
      pending: emptyPool(0, noteDim),
    })),
  };
}

function emptyPool(size: number, noteDim: number): PoolSnapshot {
  return {
    positions: new Int32Array(size).fill(-1),
    scores: new Float32Array(size).fill(-Infinity),
    notes: new Float32Array(size * noteDim),
  };
}

/**
 * Checks that a snapshot fits a model before an engine takes it; snapshots may come from storage.
 *
 * @throws {EngineUseError} naming the first part that does not fit.
 */
export function checkSnapshot(config: MemMambaConfig, snapshot: StateSnapshot): void {
  const { nLayer, dInner, dConv, dState, poolSize, noteDim, chunk } = config;
  const { position, layers } = snapshot;
  const expect = (what: string, actual: number, expected: number) => {
    if (actual !== expected) {
      throw new EngineUseError(
        `This saved state does not fit the model ${config.name}: ${what} is ${actual}, expected ${expected}. ` +
          'Read the document again.',
      );
    }
  };
  if (!Number.isSafeInteger(position) || position < 0) expect('position', position, 0);
  expect('the number of layers', layers.length, nLayer);
  layers.forEach((layer: LayerSnapshot, index) => {
    const pool = (name: string, { positions, scores, notes }: PoolSnapshot, size: number) => {
      expect(`layer ${index}, ${name} positions`, positions.length, size);
      expect(`layer ${index}, ${name} scores`, scores.length, size);
      expect(`layer ${index}, ${name} notes`, notes.length, size * noteDim);
    };
    expect(`layer ${index}, convolution tail`, layer.convTail.length, (dConv - 1) * dInner);
    expect(`layer ${index}, scan state`, layer.h.length, dInner * dState);
    pool('pool', layer.pool, poolSize);
    pool('pending', layer.pending, position % chunk);
  });
}

/** Absolute positions of the tokens of the unfinished chunk. */
export function pendingPositions(position: number, chunk: number): Int32Array {
  const count = position % chunk;
  return Int32Array.from({ length: count }, (_, i) => position - count + i);
}
