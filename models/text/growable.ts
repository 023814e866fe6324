/** Typed arrays that grow by blocks: appending never copies what is there, and nothing is boxed. */

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array;

const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;

/** A list of numbers of one kind. 75 million tokens are 1,145 blocks. */
export class Growable<A extends Numbers> {
  readonly #make: (length: number) => A;

  readonly #blocks: A[] = [];
  #length = 0;

  /** @param make for example `(n) => new Uint16Array(n)` */
  constructor(make: (length: number) => A) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }

  push(value: number): void {
    const at = this.#length & (BLOCK - 1);
    if (at === 0 && this.#length >> BLOCK_BITS === this.#blocks.length) this.#blocks.push(this.#make(BLOCK));
    this.#blocks[this.#length >> BLOCK_BITS]![at] = value;
    this.#length++;
  }

  /** The number at `index`; `index` must be below `length`. */
  get(index: number): number {
    return this.#blocks[index >> BLOCK_BITS]![index & (BLOCK - 1)]!;
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}

/**
 * The number of leading entries of a sorted list for which `isBefore` holds, by bisection.
 * `isBefore` must hold for a prefix and for nothing after it.
 */
export function partitionPoint(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
