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
