import { dequantized, type Weights } from '../../kernels/simd/weights.js';
import { ModelFileError } from './errors.js';
import { isRecord } from './files.js';

const BYTES = { F16: 2, F32: 4, I8: 1 } as const;
type DType = keyof typeof BYTES;

/**
 * A safetensors file: 8 bytes little-endian header length, a JSON header, then the raw little-endian data.
 * Read here are F16, F32 and I8, the types our exporters write; a matrix NAME in I8 has a tensor NAME.step with the
 * step of each of its rows (`memmamba_training.model.quantization`). Decoding happens on `take`, tensor by
 * tensor, so that at most one f32 copy of a tensor exists beside the file.
 *
 * Format: https://huggingface.co/docs/safetensors (the header's offsets count from the end of the header).
 */
export class Safetensors {
  readonly #bytes: Uint8Array;
  readonly #file: string;

  readonly #entries = new Map<string, { dtype: DType; shape: number[]; start: number; end: number }>();

  /** @throws {ModelFileError} if the header is malformed or points outside the file. */
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;

    const fail = (problem: string): never => {
      throw new ModelFileError(file, problem);
    };
    if (bytes.byteLength < 8) fail('it is too short to be a safetensors file.');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerLength = Number(view.getBigUint64(0, true));
    const dataStart = 8 + headerLength;
    if (dataStart > bytes.byteLength) fail('its header is longer than the file.');
    let header: unknown;
    try {
      header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)));
    } catch (cause) {
      throw new ModelFileError(file, 'its header is not JSON.', { cause });
    }
    if (!isRecord(header)) return fail('its header is not a JSON object.');
    for (const [name, entry] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      if (!isRecord(entry)) return fail(`the entry of ${name} is not an object.`);
      const { dtype, shape, data_offsets: offsets } = entry;
      if (!isDType(dtype)) return fail(`${name} has type ${String(dtype)}; F16, F32 or I8 is needed.`);
      if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
        return fail(`${name} has a malformed entry.`);
      const [start, end] = offsets as [number, number];
      const size = shape.reduce((product, length) => product * length, 1) * BYTES[dtype];
      if (end - start !== size || dataStart + end > bytes.byteLength) {
        return fail(`the data of ${name} is cut off or does not fit its shape.`);
      }
      this.#entries.set(name, { dtype, shape, start: dataStart + start, end: dataStart + end });
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * The bytes of a tensor, as they lie in the file.
   *
   * @throws {ModelFileError} if there is none of that name
   */
  raw(name: string): Uint8Array {
    const { start, end } = this.#entry(name);
    return this.#bytes.subarray(start, end);
  }

  /**
   * @throws {ModelFileError} if there is none of that name
   */
  shapeOf(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  /**
   * One tensor in f32.
   *
   * @throws {ModelFileError} if there is none of that name or its shape is another.
   */
  take(name: string, ...shape: readonly number[]): Float32Array {
    const entry = this.#entry(name, shape);
    if (entry.dtype === 'I8') return dequantized(this.#integers(name, shape[0] ?? 1, entry)).values;
    // A copy, because the data need not be aligned to its element size.
    const raw = this.#bytes.slice(entry.start, entry.end).buffer;
    return entry.dtype === 'F32' ? new Float32Array(raw) : decodeHalf(new Uint16Array(raw));
  }

  /**
   * A matrix (outputs, inputs) as it lies there: in eight bits it is a view of the file.
   *
   * @throws {ModelFileError} as of {@link take}
   */
  matrix(name: string, outputs: number, inputs: number): Weights {
    const entry = this.#entry(name, [outputs, inputs]);
    if (entry.dtype === 'I8') return this.#integers(name, outputs, entry);
    return { outputs, inputs, values: this.take(name, outputs, inputs) };
  }

  #integers(name: string, outputs: number, { start, end }: { start: number; end: number }) {
    const values = new Int8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start);
    return { outputs, inputs: (end - start) / outputs, values, steps: this.take(`${name}.step`, outputs) };
  }

  #entry(name: string, shape?: readonly number[]) {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new ModelFileError(this.#file, `it holds no tensor ${name}.`);
    if (!shape) return entry;
    if (entry.shape.length !== shape.length || entry.shape.some((length, axis) => length !== shape[axis])) {
      throw new ModelFileError(
        this.#file,
        `${name} has shape (${entry.shape.join(', ')}), but config.json asks for (${shape.join(', ')}).`,
      );
    }
    return entry;
  }
}

function isDType(value: unknown): value is DType {
  return typeof value === 'string' && Object.hasOwn(BYTES, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && Number(length) >= 0);
}

/**
 * IEEE 754 binary16 to f32, exactly. Shifting a half's exponent and fraction into f32 position leaves the
 * exponent 112 too small; multiplying by 2^112 corrects it, subnormals included.
 */
export function decodeHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    if ((half & 0x7c00) === 0x7c00) {
      bits[i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
    } else {
      bits[i] = (half & 0x7fff) << 13;
      out[i]! *= 2 ** 112;
      bits[i]! |= sign;
    }
  }
  return out;
}
