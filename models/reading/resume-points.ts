import type { StateSnapshot } from '../memmamba/engine.js';
import { partitionPoint } from '../text/growable.js';

export interface ResumePoint {
  /** Tokens read before this point. */
  readonly position: number;
  /** The state there; null at the start of the document. */
  readonly snapshot: StateSnapshot | null;
}

interface Interval extends ResumePoint {
  /** (nLayer, dInner) ΣΔ from this point to the next, or to the end of what was read. */
  readonly deltaSums: Float64Array;
}

/**
 * Saved states along a document, with the sum of Δ between them.
 *
 * They serve resuming after a lost device, and retention, which reads a range again and needs ΣΔ from there to
 * the end T. Sums between neighbours are added up in f64; nothing is ever subtracted. When the states exceed
 * their share of memory every other one is dropped and the spacing doubles.
 */
export class ResumePoints {
  readonly #sums: number;
  readonly #capacity: number;

  #points: Interval[];
  #spacing: number;
  #bytes = 0;

  /**
   * @param sums length of a ΣΔ vector, nLayer × dInner
   * @param spacing tokens between two points at first
   * @param capacity bytes that all points may take together
   */
  constructor(sums: number, spacing: number, capacity: number) {
    this.#sums = sums;
    this.#capacity = capacity;

    this.#spacing = spacing;
    this.#points = [{ position: 0, snapshot: null, deltaSums: new Float64Array(sums) }];
  }

  get byteLength(): number {
    return this.#bytes;
  }

  get all(): readonly ResumePoint[] {
    return this.#points;
  }

  get last(): ResumePoint {
    return this.#points.at(-1)!;
  }

  /** True when the state at `position` should be saved. */
  isDue(position: number): boolean {
    return position - this.last.position >= this.#spacing;
  }

  /** Adds the ΣΔ (nLayer, dInner) of tokens that were just read after the last point. */
  accumulate(deltaSums: Float32Array): void {
    const total = this.#points.at(-1)!.deltaSums;
    for (let i = 0; i < this.#sums; i++) total[i]! += deltaSums[i]!;
  }

  save(snapshot: StateSnapshot): void {
    this.#points.push({ position: snapshot.position, snapshot, deltaSums: new Float64Array(this.#sums) });
    this.#bytes += this.#bytesOf(snapshot);
    while (this.#bytes > this.#capacity && this.#points.length > 2) this.#thinOut();
  }

  /** The last point at or before `position`. */
  at(position: number): ResumePoint {
    return this.#points[this.indexAt(position)]!;
  }

  /** Forgets what was read behind a point: those after it, and the ΣΔ since. */
  rewind(position: number): void {
    const kept = this.indexAt(position) + 1;
    for (const { snapshot } of this.#points.splice(kept)) {
      if (snapshot) this.#bytes -= this.#bytesOf(snapshot);
    }
    this.#points[kept - 1]!.deltaSums.fill(0);
  }

  /** Index of the last point at or before `position`. */
  indexAt(position: number): number {
    return partitionPoint(this.#points.length, (i) => this.#points[i]!.position <= position) - 1;
  }

  /** (nLayer, dInner) ΣΔ from point `index` to the end of what was read. */
  sumsFrom(index: number): Float64Array {
    const total = new Float64Array(this.#sums);
    for (const { deltaSums } of this.#points.slice(index)) {
      for (let i = 0; i < this.#sums; i++) total[i]! += deltaSums[i]!;
    }
    return total;
  }

  /** Drops every second point but the first, and gives its sums to the one before. */
  #thinOut(): void {
    const kept: Interval[] = [];
    for (const [index, point] of this.#points.entries()) {
      if (index % 2 === 0) {
        kept.push(point);
      } else {
        const { deltaSums } = kept.at(-1)!;
        for (let i = 0; i < this.#sums; i++) deltaSums[i]! += point.deltaSums[i]!;
        if (point.snapshot) this.#bytes -= this.#bytesOf(point.snapshot);
      }
    }
    this.#points = kept;
    this.#spacing *= 2;
  }

  #bytesOf(snapshot: StateSnapshot): number {
    let bytes = this.#sums * Float64Array.BYTES_PER_ELEMENT;
    for (const { convTail, h, pool, pending } of snapshot.layers) {
      bytes += convTail.byteLength + h.byteLength;
      for (const { positions, scores, notes } of [pool, pending]) {
        bytes += positions.byteLength + scores.byteLength + notes.byteLength;
      }
    }
    return bytes;
  }
}
