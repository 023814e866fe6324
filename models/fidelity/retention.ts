import type { Engine, ModelState } from '../memmamba/engine.js';
import type { ResumePoints } from '../reading/resume-points.js';
import { append } from '../text/lists.js';

/** Retention of the tokens of one segment. */
export interface SegmentRetention {
  /** Position of the first token. */
  readonly position: number;
  readonly count: number;
  /** (nLayer, count), in [0, 1]. */
  readonly retention: Float32Array;
}

/** What is kept of ranges that were asked for, in bytes. */
const CACHE_BYTES = 16 << 20;

/**
 * Retention of token t at the end T of what was read, per layer (no unit, in [0, 1]):
 *
 *   Σ_{c,n} |W_t| · exp(A ΣΔ_{t<j≤T}) / Σ_{c,n} |W_t|,   W_t = Δ_t x'_t B_tᵀ  (dInner, dState)
 *
 * the share of what the token wrote into the scan's state that is still there at T; exact for the recurrence
 * with its inputs held fixed, the pool not counted. The definition is ours.
 *
 * ΣΔ up to T is known only when T was read. So this is a second pass over the range, from the saved state
 * before it: once for the ΣΔ of each segment up to the next saved state, and once for the decay itself.
 */
export class RetentionPass {
  readonly #points: ResumePoints;
  readonly #length: number;
  readonly #ids: (from: number, to: number) => Uint32Array;
  readonly #pool: 'on' | 'off';

  /** By position of a segment's first token; whole intervals between saved states, so keys never overlap. */
  readonly #known = new Map<number, SegmentRetention>();
  #bytes = 0;

  /**
   * @param length tokens that were read, T
   * @param ids token ids in [from, to)
   */
  constructor(
    points: ResumePoints,
    length: number,
    ids: (from: number, to: number) => Uint32Array,
    pool: 'on' | 'off',
  ) {
    this.#points = points;
    this.#length = length;
    this.#ids = ids;
    this.#pool = pool;
  }

  /** Retention of all segments that overlap the tokens [from, to), in order. */
  async range(engine: Engine, from: number, to: number, signal?: AbortSignal): Promise<SegmentRetention[]> {
    const found: SegmentRetention[] = [];
    const { all } = this.#points;
    for (let p = this.#points.indexAt(from); p < all.length && all[p]!.position < to; p++) {
      const segments = segmentsBetween(
        all[p]!.position,
        all[p + 1]?.position ?? this.#length,
        engine.segmentLength,
      );
      const first = segments.findIndex((s) => s.to > from);
      const wanted = segments.slice(first).filter((s) => s.from < to);
      const known = wanted.map((s) => this.#known.get(s.from));
      if (known.every((k, i) => k?.count === wanted[i]!.to - wanted[i]!.from)) {
        append(
          found,
          known.filter((k) => k !== undefined),
        );
      } else {
        append(found, await this.#compute(engine, p, segments, first, wanted.length, signal));
      }
    }
    return found;
  }

  async #compute(
    engine: Engine,
    point: number,
    segments: readonly Segment[],
    first: number,
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<SegmentRetention[]> {
    const pool = this.#pool;
    const { snapshot } = this.#points.all[point]!;
    const state = snapshot ? engine.restore(snapshot) : engine.createState();
    try {
      for (const s of segments.slice(0, first)) {
        await engine.forward(state, this.#ids(s.from, s.to), { pool, signal });
      }
      const after = await this.#sumsAfter(engine, state, point, segments.slice(first), signal);
      const results: SegmentRetention[] = [];
      for (const [i, s] of segments.slice(first, first + count).entries()) {
        const options = { after: after[i]!, pool, signal };
        const { retention } = await engine.decay(state, this.#ids(s.from, s.to), options);
        const result = { position: s.from, count: s.to - s.from, retention };
        this.#remember(result);
        results.push(result);
      }
      return results;
    } finally {
      state.dispose();
    }
  }

  /** (nLayer, dInner) ΣΔ from the end of each segment to T; `state` stands before the first of them. */
  async #sumsAfter(
    engine: Engine,
    state: ModelState,
    point: number,
    segments: readonly Segment[],
    signal: AbortSignal | undefined,
  ): Promise<Float64Array[]> {
    const after = [this.#points.sumsFrom(point + 1)];
    // A segment that ends at the next saved state needs no reading ahead.
    if (segments.length === 1) return after;
    const sums: Float32Array[] = [];
    const ahead = engine.cloneState(state);
    try {
      for (const s of segments) {
        const options = { pool: this.#pool, trace: true, signal };
        const { trace } = await engine.forward(ahead, this.#ids(s.from, s.to), options);
        sums.push(trace!.deltaSums);
      }
    } finally {
      ahead.dispose();
    }
    for (const own of sums.slice(1).reverse()) after.push(after.at(-1)!.map((sum, i) => sum + own[i]!));
    return after.reverse();
  }

  #remember(result: SegmentRetention): void {
    this.#known.set(result.position, result);
    this.#bytes += result.retention.byteLength;
    for (const [position, oldest] of this.#known) {
      if (this.#bytes <= CACHE_BYTES) break;
      this.#known.delete(position);
      this.#bytes -= oldest.retention.byteLength;
    }
  }
}

interface Segment {
  readonly from: number;
  readonly to: number;
}

function segmentsBetween(from: number, to: number, length: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = from; at < to; at += length) segments.push({ from: at, to: Math.min(at + length, to) });
  return segments;
}
