/** A seeded source of numbers (mulberry32), so that a failing case can be run again. */
export class Random {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** `count` f32 numbers, uniform in [low, high). */
  uniform(count: number, low: number, high: number): Float32Array<ArrayBuffer> {
    return Float32Array.from({ length: count }, () => low + (high - low) * this.next());
  }
}
