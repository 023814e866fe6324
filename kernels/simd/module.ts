import { RELAXED_SIMD_WASM, SIMD_WASM } from './simd-wasm.js';

/** Address of an array in a module's memory, in bytes. */
export type Address = number;

/** The two ways to multiply in eight bits take the same. */
type MatmulInt8 = (
  m: number,
  k: number,
  n: number,
  planes: number,
  a: Address,
  aStride: number,
  scales: Address,
  b: Address,
  sums: Address,
  sigma: Address,
  bias: Address,
  c: Address,
  cStride: number,
  add: number,
) => void;

/** The compiled functions; `assembly/` describes the arguments. Strides are in bytes, address 0 leaves an array out. */
export interface SimdExports {
  readonly memory: WebAssembly.Memory;
  causalConv(
    length: number,
    channels: number,
    taps: number,
    tail: Address,
    x: Address,
    xStride: number,
    weight: Address,
    bias: Address,
    y: Address,
    yStride: number,
  ): void;
  selectiveScan(
    length: number,
    channels: number,
    states: number,
    u: Address,
    uStride: number,
    delta: Address,
    deltaStride: number,
    z: Address,
    zStride: number,
    b: Address,
    c: Address,
    bcStride: number,
    a: Address,
    d: Address,
    h: Address,
    y: Address,
    yStride: number,
    sums: Address,
    lost: Address,
  ): void;
  packNotes(slots: number, dim: number, notes: Address, columns: Address, rows: Address): void;
  poolAttention(
    count: number,
    heads: number,
    dim: number,
    slots: number,
    queries: Address,
    queryStride: number,
    columns: Address,
    rows: Address,
    bias: Address,
    weights: Address,
    reads: Address,
    readStride: number,
  ): void;
  addSoftmax(m: number, n: number, logits: Address, stride: number, scale: number, total: Address): void;
  matmul(
    m: number,
    k: number,
    n: number,
    a: Address,
    aStride: number,
    b: Address,
    c: Address,
    cStride: number,
    rho: Address,
    bias: Address,
    add: number,
  ): void;
  readonly matmulInt8: MatmulInt8;
  readonly matmulInt8Fused: MatmulInt8;
  rmsScales(m: number, d: number, x: Address, xStride: number, epsilon: number, scales: Address): void;
  quantizeRows(
    m: number,
    k: number,
    planes: number,
    x: Address,
    xStride: number,
    weight: Address,
    q: Address,
    qStride: number,
    rho: Address,
    scales: Address,
  ): void;
  softplus(count: number, x: Address, y: Address): void;
  add(count: number, x: Address, z: Address, y: Address): void;
  suffixSums(
    length: number,
    channels: number,
    delta: Address,
    after: Address,
    lost: Address,
    sums: Address,
  ): void;
  survive(
    length: number,
    channels: number,
    states: number,
    u: Address,
    delta: Address,
    sums: Address,
    b: Address,
    a: Address,
    slowest: Address,
    power: 1 | 2,
    scratch: Address,
    out: Address,
  ): void;
}

const PAGE = 65536;
/** Arrays begin at cache lines. */
const ALIGNMENT = 64;

const compiled = new Map<boolean, WebAssembly.Module>();

/**
 * The compiled kernels, with or without relaxed vectors; compiled once, so that all instances share optimized code.
 *
 * @throws {WebAssembly.CompileError} if the runtime lacks these vectors
 */
export function simdModule(relaxed: boolean): WebAssembly.Module {
  const known = compiled.get(relaxed);
  if (known) return known;
  const module = new WebAssembly.Module(bytesOf(relaxed ? RELAXED_SIMD_WASM : SIMD_WASM));
  compiled.set(relaxed, module);
  return module;
}

/** True where the runtime has relaxed vectors, so that a product and a sum are one instruction with one rounding. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(bytesOf(RELAXED_SIMD_WASM));
}

/**
 * One instance of the compiled kernels with a memory of its own, handed out from the bottom up. Callers hold
 * addresses: a view of the memory is of no use any more once the memory has grown.
 */
export class SimdModule {
  readonly run: SimdExports;
  /** The first page is the module's own. */
  #top: Address = PAGE;

  /**
   * @param relaxed take the kernels with fused multiply-add; default: where the runtime has it
   * @throws {WebAssembly.CompileError} if the runtime lacks the vectors
   */
  constructor(relaxed = hasRelaxedSimd()) {
    this.run = new WebAssembly.Instance(simdModule(relaxed)).exports as unknown as SimdExports;
  }

  /**
   * Room for `elements` f32, aligned; its content is what was there before. The memory may grow.
   *
   * @throws {RangeError} if the memory cannot grow by so much
   */
  reserve(elements: number): Address {
    const { memory } = this.run;
    const start = Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT;
    this.#top = start + elements * Float32Array.BYTES_PER_ELEMENT;
    const missing = this.#top - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return start;
  }

  /** Bytes that are reserved. */
  get byteLength(): number {
    return this.#top;
  }

  /** Gives up everything that was reserved. */
  clear(): void {
    this.#top = PAGE;
  }

  /** What `release` takes to give up all that is reserved from now on. */
  mark(): Address {
    return this.#top;
  }

  release(mark: Address): void {
    this.#top = mark;
  }

  /**
   * View of f32 at an address, good until the next `reserve`.
   *
   * @throws {RangeError} if the view reaches beyond the memory, or `at` is not a multiple of 4
   */
  floats(at: Address, elements: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, at, elements);
  }

  /**
   * View of i8 at an address, good until the next `reserve`.
   *
   * @throws {RangeError} if the view reaches beyond the memory
   */
  bytes(at: Address, elements: number): Int8Array {
    return new Int8Array(this.run.memory.buffer, at, elements);
  }

  /**
   * Reserves room for an array and copies it there.
   *
   * @throws {RangeError} if the memory cannot grow by so much
   */
  put(array: Float32Array): Address {
    const at = this.reserve(array.length);
    this.floats(at, array.length).set(array);
    return at;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
