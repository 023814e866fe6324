/** IEEE 754 binary16. Node 20 has no Float16Array, so the bits are made here. */

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** The nearest binary16 number, ties to even, as its 16 bits. */
export function toFloat16(value: number): number {
  word[0] = value;
  const b = bits[0]!;
  const sign = (b >>> 16) & 0x8000;
  const exponent = (b >>> 23) & 0xff;
  const mantissa = b & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  const e = exponent - 127 + 15;
  if (e >= 31) return sign | 0x7c00;
  if (e <= 0) {
    if (e < -10) return sign;
    return sign | roundShift(mantissa | 0x800000, 14 - e);
  }
  // A carry out of the mantissa raises the exponent, up to infinity: the bits are laid out for it.
  return sign | ((e << 10) + roundShift(mantissa, 13));
}

/**
 * Rounds `count` numbers of `values` from `from` on to binary16, into `target` from `to` on.
 *
 * @param bits the bits of `values`: {@link bitsOf}
 */
export function toFloat16s(
  bits: Uint32Array,
  from: number,
  count: number,
  target: Uint16Array,
  to: number,
): void {
  for (let i = 0; i < count; i++) {
    const b = bits[from + i]!;
    const e = ((b >>> 23) & 0xff) - 112;
    // Normal numbers, as most are; a carry out of the mantissa raises the exponent.
    target[to + i] =
      e > 0 && e < 31
        ? ((b >>> 16) & 0x8000) | (((e << 23) + (b & 0x7fffff) + 0xfff + ((b >>> 13) & 1)) >>> 13)
        : unusual(b);
  }
}

/** The bits of some numbers, in the same memory. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function unusual(b: number): number {
  bits[0] = b;
  return toFloat16(word[0]!);
}

/** `value / 2^shift` rounded to the nearest integer, ties to even. */
function roundShift(value: number, shift: number): number {
  const down = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && down & 1) ? down + 1 : down;
}

/** (65536) the value of every binary16 bit pattern. */
export const FROM_FLOAT16: Float32Array = Float32Array.from({ length: 1 << 16 }, (_, b) => {
  const sign = b & 0x8000 ? -1 : 1;
  const e = (b >>> 10) & 0x1f;
  const m = b & 0x3ff;
  if (e === 31) return m ? NaN : sign * Infinity;
  return sign * (e === 0 ? m * 2 ** -24 : (1 + m / 1024) * 2 ** (e - 15));
});
