/** A value of a WGSL uniform struct; the wrapper names the WGSL type where it is not u32. */
export type UniformValue = number | { readonly f32: number } | { readonly i32: number };

/** A value that WGSL declares as f32. */
export const f32 = (value: number): UniformValue => ({ f32: value });
/** A value that WGSL declares as i32. */
export const i32 = (value: number): UniformValue => ({ i32: value });

/**
 * Writes the members of a uniform struct of 4-byte scalars, in the order of the WGSL declaration, and
 * returns the struct's size in bytes.
 *
 * @throws {RangeError} if a bare number is no u32, or the struct reaches beyond the view
 */
export function writeUniforms(view: DataView, offset: number, values: readonly UniformValue[]): number {
  values.forEach((value, i) => {
    const at = offset + 4 * i;
    if (typeof value === 'number') {
      if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
        throw new RangeError(`uniform ${i} must be a u32; it is ${value}`);
      }
      view.setUint32(at, value, true);
    } else if ('f32' in value) {
      view.setFloat32(at, value.f32, true);
    } else {
      view.setInt32(at, value.i32, true);
    }
  });
  return 4 * values.length;
}
