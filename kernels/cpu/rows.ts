import { ShapeError } from '../shapes.js';

/**
 * Rows of a matrix inside a larger array: row t starts at `data[offset + t * stride]`. This is how an
 * operator reads one half of a projection's output, or a few of its columns, without a copy.
 */
export interface Rows {
  readonly data: Float32Array;
  readonly offset: number;
  readonly stride: number;
}

/** Rows of `stride` elements; `offset` is the first column of interest. */
export function rows(data: Float32Array, stride: number, offset = 0): Rows {
  return { data, offset, stride };
}

/** @throws {ShapeError} unless `view` holds `length` rows of `width` elements, its stride at least `width` */
export function checkRows(operator: string, name: string, view: Rows, length: number, width: number): void {
  const { data, offset, stride } = view;
  if (stride < width) {
    throw new ShapeError(operator, `${name} has a row stride of ${stride}, less than its ${width} columns`);
  }
  const needed = offset + (length - 1) * stride + width;
  if (offset < 0 || needed > data.length) {
    throw new ShapeError(
      operator,
      `${name} must hold ${length} rows of ${width} (stride ${stride}, first column ${offset}): ` +
        `${needed} elements; it has ${data.length}`,
    );
  }
}

/** @throws {ShapeError} unless `data` has exactly the elements of `shape` */
export function checkArray(
  operator: string,
  name: string,
  data: { readonly length: number },
  ...shape: readonly number[]
): void {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (data.length === size) return;
  throw new ShapeError(
    operator,
    `${name} must be (${shape.join(', ')}), ${size} elements; it has ${data.length}`,
  );
}
