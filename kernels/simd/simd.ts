import { causalConvCpu, checkCausalConv, type CausalConvCpu } from '../causal-conv/causal-conv.cpu.js';
import { softplus } from '../cpu/activations.js';
import type { Rows } from '../cpu/rows.js';
import { poolEntryOf } from '../note-pool/pool-rule.js';
import {
  checkPoolAttention,
  poolAttentionCpu,
  type PoolAttentionCpu,
} from '../pool-attention/pool-attention.cpu.js';
import {
  checkMemoryFidelity,
  checkRetention,
  memoryFidelityCpu,
  retentionCpu,
  type MemoryFidelityCpu,
  type RetentionCpu,
} from '../retention/retention.cpu.js';
import {
  checkSelectiveScan,
  selectiveScanCpu,
  type SelectiveScanCpu,
} from '../selective-scan/selective-scan.cpu.js';
import { SIMD_WASM } from './simd-wasm.js';

/** Signatures of the compiled functions; `assembly/` describes the arguments. */
interface SimdExports {
  readonly memory: WebAssembly.Memory;
  causalConv(
    length: number,
    channels: number,
    taps: number,
    x: number,
    weight: number,
    bias: number,
    y: number,
  ): void;
  selectiveScan(
    length: number,
    channels: number,
    states: number,
    u: number,
    delta: number,
    z: number,
    b: number,
    c: number,
    a: number,
    d: number,
    h: number,
    y: number,
    sums: number,
    lost: number,
  ): void;
  poolAttention(
    count: number,
    dim: number,
    slots: number,
    queries: number,
    notes: number,
    columns: number,
    bias: number,
    weights: number,
    reads: number,
  ): void;
  softplus(count: number, x: number, y: number): void;
  add(count: number, x: number, z: number, y: number): void;
  suffixSums(
    length: number,
    channels: number,
    delta: number,
    after: number,
    lost: number,
    sums: number,
  ): void;
  survive(
    length: number,
    channels: number,
    states: number,
    u: number,
    delta: number,
    sums: number,
    b: number,
    a: number,
    slowest: number,
    power: 1 | 2,
    scratch: number,
    out: number,
  ): void;
}

/** What tokens wrote, as retention and fidelity need it. */
type Writes = Pick<RetentionCpu, 'length' | 'dInner' | 'dState' | 'u' | 'deltaRaw' | 'b' | 'a'>;

/** The same in the module's memory; see `assembly/retention.ts`. */
interface WritesInMemory {
  readonly input: Float32Array;
  readonly delta: Float32Array;
  readonly rates: Float32Array;
  readonly slowest: Float32Array;
  readonly b: Float32Array;
  readonly sums: Float32Array;
  readonly scratch: Float32Array;
  readonly out: Float32Array;
}

const PAGE = 65536;
/** Bias of a slot that holds no note: its weight is 2^-126, and the note beside it is zero. */
const NO_NOTE = -1e30;

/** The operators that the CPU engine calls; the reference functions and the vectorised ones are both of this kind. */
export interface CpuOperators {
  causalConv(args: CausalConvCpu): void;
  selectiveScan(args: SelectiveScanCpu): void;
  poolAttention(args: PoolAttentionCpu): void;
  retention(args: RetentionCpu): void;
  memoryFidelity(args: MemoryFidelityCpu): void;
}

/** Plain TypeScript in f64: what everything else is checked against. */
export const referenceOperators: CpuOperators = {
  causalConv: causalConvCpu,
  selectiveScan: selectiveScanCpu,
  poolAttention: poolAttentionCpu,
  retention: retentionCpu,
  memoryFidelity: memoryFidelityCpu,
};

/**
 * The operators in f32 on WebAssembly's 128-bit vectors, ten times faster than the reference. They take the
 * same arguments; sizes that are no multiple of four go to the reference. Arguments are copied into the
 * module's own memory and results out of it, which costs a few percent and keeps callers free of pointers.
 */
export class SimdOperators implements CpuOperators {
  private readonly exports: SimdExports;
  /** First byte behind the arrays of the running call. */
  private top = 0;
  private memory = new Float32Array(0);

  constructor() {
    const bytes = Uint8Array.from(atob(SIMD_WASM), (character) => character.charCodeAt(0));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    this.exports = instance.exports as unknown as SimdExports;
  }

  causalConv(args: CausalConvCpu): void {
    const { length, dInner, dConv, x, weight, bias, tail, y } = args;
    if (dInner % 4 !== 0) {
      causalConvCpu(args);
      return;
    }
    checkCausalConv(args);
    const before = dConv - 1;
    this.begin(dInner * (before + length * 2 + dConv + 1));
    const input = this.take((before + length) * dInner);
    const taps = this.take(dConv * dInner);
    const offset = this.take(dInner);
    const output = this.take(length * dInner);
    input.set(tail);
    copyRows(x, input.subarray(before * dInner), length, dInner);
    for (let c = 0; c < dInner; c++) {
      for (let k = 0; k < dConv; k++) taps[k * dInner + c] = weight[c * dConv + k]!;
    }
    offset.set(bias);
    this.exports.causalConv(length, dInner, dConv, at(input), at(taps), at(offset), at(output));
    tail.set(input.subarray(length * dInner));
    copyOut(output, y, length, dInner);
  }

  selectiveScan(args: SelectiveScanCpu): void {
    const { length, dInner, dState, u, deltaRaw, z, b, c, a, d, h, y, deltaSum } = args;
    if (dInner % 4 !== 0) {
      selectiveScanCpu(args);
      return;
    }
    checkSelectiveScan(args);
    this.begin(length * (4 * dInner + 2 * dState) + 2 * dInner * dState + 3 * dInner);
    const wide = (view: Rows) => copyRows(view, this.take(length * dInner), length, dInner);
    const narrow = (view: Rows) => copyRows(view, this.take(length * dState), length, dState);
    const inputs = [wide(u), wide(deltaRaw), wide(z), narrow(b), narrow(c)].map(at);
    const rates = this.take(dInner * dState);
    const state = this.take(dInner * dState);
    const skip = this.take(dInner);
    const output = this.take(length * dInner);
    const sums = this.take(dInner).fill(0);
    const lost = this.take(dInner).fill(0);
    interleave(a, rates, dState, Math.LOG2E);
    interleave(h, state, dState, 1);
    skip.set(d);
    this.exports.selectiveScan(
      length,
      dInner,
      dState,
      ...(inputs as [number, number, number, number, number]),
      ...([rates, skip, state, output, sums, lost].map(at) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ]),
    );
    separate(state, h, dState);
    copyOut(output, y, length, dInner);
    deltaSum?.set(sums);
  }

  poolAttention(args: PoolAttentionCpu): void {
    const {
      length,
      nHeads,
      noteDim,
      poolSize,
      chunk,
      position,
      queries,
      pools,
      gate,
      tau2 = 0,
      reads,
      weights,
    } = args;
    if (noteDim % 4 !== 0) {
      poolAttentionCpu(args);
      return;
    }
    checkPoolAttention(args);
    const width = nHeads * noteDim;
    const total = pools.length * poolSize;
    const slots = Math.ceil(total / 4) * 4;
    this.begin(length * (2 * width + nHeads * slots) + slots * (2 * noteDim + 1));
    const query = copyRows(queries, this.take(length * width), length, width);
    const read = this.take(length * width);
    const weight = this.take(length * nHeads * slots);
    const notes = this.take(slots * noteDim);
    const columns = this.take(slots * noteDim);
    const bias = this.take(slots);

    for (let first = 0; first < length;) {
      const entry = poolEntryOf(chunk, position, first);
      const end = Math.min(length, first + chunk - ((position + first) % chunk));
      let filled = 0;
      notes.fill(0);
      columns.fill(0);
      bias.fill(NO_NOTE);
      pools.forEach((pool, p) => {
        for (let j = 0; j < poolSize; j++) {
          const from = entry * poolSize + j;
          if (pool.positions[from]! < 0) continue;
          const slot = p * poolSize + j;
          filled++;
          bias[slot] = -softplus(-pool.scores[from]!);
          for (let i = 0; i < noteDim; i++) {
            const value = pool.notes[from * noteDim + i]!;
            notes[slot * noteDim + i] = value;
            columns[i * slots + slot] = value;
          }
        }
      });
      if (filled === 0) {
        read.fill(0, first * width, end * width);
        weight.fill(0, first * nHeads * slots, end * nHeads * slots);
      } else {
        this.exports.poolAttention(
          (end - first) * nHeads,
          noteDim,
          slots,
          at(query) + first * width * 4,
          at(notes),
          at(columns),
          at(bias),
          at(weight) + first * nHeads * slots * 4,
          at(read) + first * width * 4,
        );
      }
      first = end;
    }

    if (gate) {
      for (let t = 0; t < length; t++) {
        if (gate.data[gate.offset + t * gate.stride]! > tau2) continue;
        read.fill(0, t * width, (t + 1) * width);
        weight.fill(0, t * nHeads * slots, (t + 1) * nHeads * slots);
      }
    }
    copyOut(read, reads, length, width);
    if (weights) copyOut2(weight, slots, weights, total, length * nHeads);
  }

  retention(args: RetentionCpu): void {
    const { length, dInner, retention, after } = args;
    if (dInner % 4 !== 0) {
      retentionCpu(args);
      return;
    }
    checkRetention(args);
    const writes = this.takeWrites(args, 2 * dInner);
    const behind = this.take(dInner);
    behind.set(after);
    const lost = this.take(dInner).fill(0);
    this.exports.suffixSums(length, dInner, at(writes.delta), at(behind), at(lost), at(writes.sums));
    this.survive(args, writes, length, 1);
    retention.set(writes.out);
  }

  memoryFidelity(args: MemoryFidelityCpu): void {
    const { length, dInner, lags, fidelity } = args;
    if (dInner % 4 !== 0) {
      memoryFidelityCpu(args);
      return;
    }
    checkMemoryFidelity(args);
    const writes = this.takeWrites(args, 0);
    const { delta, sums, out } = writes;
    let k = 0;
    lags.forEach((lag, row) => {
      const tokens = Math.max(0, length - lag);
      for (; k < lag && tokens > 0; k = k === 0 ? 1 : 2 * k) {
        if (k === 0) sums.set(delta.subarray(dInner));
        // In place: an element is read as a summand before it is written as a sum.
        else this.exports.add((length - 2 * k) * dInner, at(sums), at(sums) + 4 * k * dInner, at(sums));
      }
      // At distance 0 nothing has decayed.
      if (lag === 0) sums.fill(0);
      this.survive(args, writes, tokens, 2);
      out.fill(0, tokens);
      fidelity.set(out, row * length);
    });
  }

  /** Takes room for what `survive` reads and writes, and `more` elements besides, and fills in its inputs. */
  private takeWrites(args: Writes, more: number): WritesInMemory {
    const { length, dInner, dState, u, deltaRaw, b, a } = args;
    this.begin(length * (3 * dInner + dState + 1) + dInner * (dState + 1) + dState + more);
    const input = copyRows(u, this.take(length * dInner), length, dInner);
    const delta = copyRows(deltaRaw, this.take(length * dInner), length, dInner);
    this.exports.softplus(length * dInner, at(delta), at(delta));
    const rates = this.take(dInner * dState);
    interleave(a, rates, dState, Math.LOG2E);
    const slowest = this.take(dInner);
    for (let c = 0; c < dInner; c++) {
      let rate = -Infinity;
      for (let n = 0; n < dState; n++) rate = Math.max(rate, a[c * dState + n]!);
      slowest[c] = rate * Math.LOG2E;
    }
    return {
      ...{ input, delta, rates, slowest },
      b: copyRows(b, this.take(length * dState), length, dState),
      sums: this.take(length * dInner),
      scratch: this.take(dState),
      out: this.take(length),
    };
  }

  private survive({ dInner, dState }: Writes, writes: WritesInMemory, tokens: number, power: 1 | 2): void {
    const { input, delta, sums, b, rates, slowest, scratch, out } = writes;
    this.exports.survive(
      ...([tokens, dInner, dState, at(input), at(delta), at(sums)] as const),
      ...([at(b), at(rates), at(slowest), power, at(scratch), at(out)] as const),
    );
  }

  /** Makes room for `elements` f32 and the padding between arrays; earlier arrays are given up. */
  private begin(elements: number): void {
    const { memory } = this.exports;
    const needed = PAGE + elements * 4 + 16 * 16;
    if (memory.buffer.byteLength < needed) memory.grow(Math.ceil((needed - memory.buffer.byteLength) / PAGE));
    this.memory = new Float32Array(memory.buffer);
    // The first page is the module's own.
    this.top = PAGE;
  }

  /** The next `elements` f32 of the module's memory, aligned to a vector. */
  private take(elements: number): Float32Array {
    const start = this.top;
    this.top = Math.ceil((start + elements * 4) / 16) * 16;
    return this.memory.subarray(start / 4, start / 4 + elements);
  }
}

/** Address of an array in the module's memory. */
function at(array: Float32Array): number {
  return array.byteOffset;
}

function copyRows(from: Rows, to: Float32Array, length: number, width: number): Float32Array {
  const { data, offset, stride } = from;
  if (stride === width) {
    to.set(data.subarray(offset, offset + length * width));
  } else {
    for (let t = 0; t < length; t++) {
      to.set(data.subarray(offset + t * stride, offset + t * stride + width), t * width);
    }
  }
  return to;
}

function copyOut(from: Float32Array, to: Rows, length: number, width: number): void {
  const { data, offset, stride } = to;
  if (stride === width) {
    data.set(from.subarray(0, length * width), offset);
  } else {
    for (let t = 0; t < length; t++) data.set(from.subarray(t * width, (t + 1) * width), offset + t * stride);
  }
}

/** Copies rows of `width` out of rows of `stride`. */
function copyOut2(from: Float32Array, stride: number, to: Float32Array, width: number, count: number): void {
  for (let row = 0; row < count; row++)
    to.set(from.subarray(row * stride, row * stride + width), row * width);
}

/** (channels, states) -> (channels / 4, states, 4), scaled. */
function interleave(from: Float32Array, to: Float32Array, states: number, scale: number): void {
  for (let i = 0; i < from.length; i++) {
    const channel = Math.floor(i / states);
    const target = ((channel >> 2) * states + (i % states)) * 4 + (channel & 3);
    to[target] = from[i]! * scale;
  }
}

/** The inverse of {@link interleave} with scale 1. */
function separate(from: Float32Array, to: Float32Array, states: number): void {
  for (let i = 0; i < to.length; i++) {
    const channel = Math.floor(i / states);
    to[i] = from[((channel >> 2) * states + (i % states)) * 4 + (channel & 3)]!;
  }
}
