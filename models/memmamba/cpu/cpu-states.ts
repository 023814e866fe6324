import { interleave, separate } from '../../../kernels/simd/simd.js';
import { createPoolStateCpu, type PoolStateCpu } from '../../../kernels/note-pool/note-pool.cpu.js';
import type { PoolRule } from '../../../kernels/note-pool/pool-rule.js';
import type { MemMambaConfig } from '../config.js';
import type { StateSnapshot } from '../engine.js';
import { pendingPositions } from '../state.js';

/** One layer's memory. */
export interface LayerSlot {
  /** (dConv - 1, dInner). */
  readonly convTail: Float32Array;
  /** As the scan takes it: (inner / 4, dState, 4). */
  readonly h: Float32Array;
  readonly pool: PoolStateCpu;
}
export type CpuSlot = readonly LayerSlot[];

/** Makes, copies, fills and reads the memories of a model on the CPU. */
export class CpuStates {
  readonly #config: MemMambaConfig;
  readonly #rule: PoolRule;
  readonly #inner: number;

  /** @param inner width of the inner stream, up to whole panels */
  constructor(config: MemMambaConfig, rule: PoolRule, inner: number) {
    this.#config = config;
    this.#rule = rule;
    this.#inner = inner;
  }

  /** An empty memory. */
  create(): CpuSlot {
    const { nLayer, dConv, dInner, dState } = this.#config;
    return Array.from({ length: nLayer }, () => ({
      convTail: new Float32Array((dConv - 1) * dInner),
      h: new Float32Array(this.#inner * dState),
      pool: createPoolStateCpu(this.#rule),
    }));
  }

  copy(from: CpuSlot, to: CpuSlot): void {
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

  /** Writes a snapshot, or the empty memory, into a slot. */
  fill(slot: CpuSlot, snapshot: StateSnapshot | undefined): void {
    if (snapshot === undefined) {
      this.copy(this.create(), slot);
      return;
    }
    const { dState } = this.#config;
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

  /** The snapshot of a memory in which this many tokens stand. */
  read(slot: CpuSlot, position: number): StateSnapshot {
    const { chunk, noteDim, dInner, dState } = this.#config;
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
}
