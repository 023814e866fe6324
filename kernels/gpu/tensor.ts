import { ShapeError } from '../shapes.js';

/**
 * A matrix or array in a GPU buffer: f32 unless its use says otherwise. Rows may be spaced wider than
 * they are and begin at a later column, so halves and column ranges of a projection need no copy.
 */
export interface GpuTensor {
  readonly buffer: GPUBuffer;
  /** Byte offset of the first row in the buffer, a multiple of 256 (WebGPU's binding alignment). */
  readonly byteOffset: number;
  readonly shape: readonly number[];
  /** Elements from one row to the next, counting the last dimension as the row. */
  readonly stride: number;
  /** First column of the view, in elements after `byteOffset`. */
  readonly column: number;
}

const ALIGNMENT = 256;
const ELEMENT_BYTES = 4;

/** A dense tensor at `byteOffset` in `buffer`. */
export function gpuTensor(buffer: GPUBuffer, shape: readonly number[], byteOffset = 0): GpuTensor {
  return { buffer, byteOffset, shape, stride: shape.at(-1) ?? 1, column: 0 };
}

/**
 * Columns [start, start + count) of a tensor, without a copy.
 *
 * @throws {ShapeError} unless there is at least one and all lie within the tensor
 */
export function columns(tensor: GpuTensor, start: number, count: number): GpuTensor {
  const width = tensor.shape.at(-1) ?? 0;
  if (start < 0 || count < 1 || start + count > width) {
    throw new ShapeError('columns', `columns ${start} to ${start + count} do not lie within ${width}`);
  }
  return { ...tensor, shape: [...tensor.shape.slice(0, -1), count], column: tensor.column + start };
}

/**
 * Rows [first, first + count) of a matrix, without a copy. The first row's byte is to be a multiple of 256.
 *
 * @throws {ShapeError} unless there is at least one and all lie within the matrix
 */
export function rowsOf(tensor: GpuTensor, first: number, count: number): GpuTensor {
  const [rows = 0, width = 0] = tensor.shape;
  if (tensor.shape.length !== 2 || first < 0 || count < 1 || first + count > rows) {
    throw new ShapeError('rowsOf', `rows ${first} to ${first + count} do not lie within ${rows}`);
  }
  const byteOffset = tensor.byteOffset + ELEMENT_BYTES * first * tensor.stride;
  return { ...tensor, byteOffset, shape: [count, width] };
}

/** Elements of a tensor of this shape; 1 for an empty shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Bytes from `byteOffset` to the end of the last row. */
export function tensorBytes({ shape, stride, column }: GpuTensor): number {
  const width = shape.at(-1) ?? 1;
  const rows = elementCount(shape) / width;
  return ((rows - 1) * stride + column + width) * ELEMENT_BYTES;
}

/** A new buffer for storage and copies, zeroed by WebGPU. */
export function createTensor(device: GPUDevice, shape: readonly number[], label = 'tensor'): GpuTensor {
  const buffer = device.createBuffer({
    label,
    size: Math.max(ELEMENT_BYTES, elementCount(shape) * ELEMENT_BYTES),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  return gpuTensor(buffer, shape);
}

/**
 * A new tensor with these values.
 *
 * @throws {ShapeError} unless there are as many values as elements
 */
export function uploadTensor(
  device: GPUDevice,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  shape: readonly number[],
  label = 'tensor',
): GpuTensor {
  if (values.length !== elementCount(shape)) {
    throw new ShapeError('uploadTensor', `${values.length} values do not fill (${shape.join(', ')})`);
  }
  const tensor = createTensor(device, shape, label);
  device.queue.writeBuffer(tensor.buffer, 0, values);
  return tensor;
}

/**
 * Checks a tensor. ONNX Runtime pads its buffers, so their size says nothing about the shape, and a too small one
 * raises no error by itself.
 *
 * @throws {ShapeError} unless the tensor has this shape, starts at a multiple of 256 bytes, and lies inside its
 * buffer
 * @throws {ShapeError} if its row stride is less than its columns
 */
export function checkTensor(
  operator: string,
  name: string,
  tensor: GpuTensor,
  ...shape: readonly number[]
): void {
  const { buffer, byteOffset, stride } = tensor;
  if (tensor.shape.length !== shape.length || shape.some((dimension, i) => tensor.shape[i] !== dimension)) {
    throw new ShapeError(
      operator,
      `${name} must be (${shape.join(', ')}); it is (${tensor.shape.join(', ')})`,
    );
  }
  if (byteOffset % ALIGNMENT !== 0) {
    throw new ShapeError(operator, `${name} starts at byte ${byteOffset}, not a multiple of ${ALIGNMENT}`);
  }
  if (stride < (shape.at(-1) ?? 1)) {
    throw new ShapeError(operator, `${name} has a row stride of ${stride}, less than its columns`);
  }
  const end = byteOffset + tensorBytes(tensor);
  if (end > buffer.size) {
    throw new ShapeError(operator, `${name} needs ${end} bytes of its buffer, which has ${buffer.size}`);
  }
}

/** @throws {ShapeError} as of {@link checkTensor}, and if the tensor is not dense: wider rows, or a first column */
export function checkDense(
  operator: string,
  name: string,
  tensor: GpuTensor,
  ...shape: readonly number[]
): void {
  checkTensor(operator, name, tensor, ...shape);
  if (tensor.column !== 0 || tensor.stride !== (shape.at(-1) ?? 1)) {
    throw new ShapeError(operator, `${name} must be dense; it is a view of columns`);
  }
}

/** @throws {ShapeError} if an output shares its buffer with an input: WebGPU forbids both in one dispatch */
export function checkDistinct(
  operator: string,
  outputs: Readonly<Record<string, GpuTensor>>,
  inputs: Readonly<Record<string, GpuTensor>>,
): void {
  const seen = new Map<GPUBuffer, string>();
  for (const [name, { buffer }] of Object.entries(inputs)) seen.set(buffer, name);
  for (const [name, { buffer }] of Object.entries(outputs)) {
    const other = seen.get(buffer);
    if (other !== undefined) {
      throw new ShapeError(operator, `${name} and ${other} must lie in different buffers`);
    }
  }
}
