import { causalConvCpu, checkCausalConv, type CausalConvCpu } from '../causal-conv/causal-conv.cpu.js';
import { softplus } from '../cpu/activations.js';
import type { Rows } from '../cpu/rows.js';
import type { PoolSequenceCpu } from '../note-pool/note-pool.cpu.js';
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
import { panelWidth } from './matrix.js';
import { SimdModule } from './module.js';

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

/** Elements that may be lost between two arrays. */
const PADDING = 16;
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
 * module's own memory and results out of it, which keeps callers free of addresses; the CPU engine, whose arrays
 * stand in that memory, calls the functions of the module itself.
 */
export class SimdOperators implements CpuOperators {
  readonly #module: SimdModule;

  /**
   * @param relaxed as of {@link SimdModule}
   * @throws {WebAssembly.CompileError} if the runtime lacks the vectors
   */
  constructor(relaxed?: boolean) {
    this.#module = new SimdModule(relaxed);
  }

  /**
   * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkCausalConv}
   * @throws {RangeError} if the memory cannot grow by so much
   */
  causalConv(args: CausalConvCpu): void {
    const { length, dInner, dConv, x, weight, bias, tail, y } = args;
    if (dInner % 4 !== 0) {
      causalConvCpu(args);
      return;
    }
    checkCausalConv(args);
    const before = dConv - 1;
    this.#begin(dInner * (before + length * 2 + dConv + 1));
    // The tail and what follows it in one piece, so that the next tail is its end.
    const joined = this.#take((before + length) * dInner);
    joined.set(tail);
    const input = copyRows(x, joined.subarray(before * dInner), length, dInner);
    const taps = byTap(weight, this.#take(dConv * dInner), dConv);
    const offset = this.#take(dInner);
    const output = this.#take(length * dInner);
    offset.set(bias);
    const row = 4 * dInner;
    this.#module.run.causalConv(
      ...([length, dInner, dConv, at(joined), at(input), row] as const),
      ...([at(taps), at(offset), at(output), row] as const),
    );
    tail.set(joined.subarray(length * dInner));
    copyOut(output, y, length, dInner);
  }

  /**
   * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkSelectiveScan}
   * @throws {RangeError} if the memory cannot grow by so much
   */
  selectiveScan(args: SelectiveScanCpu): void {
    const { length, dInner, dState, u, deltaRaw, z, b, c, a, d, h, y, deltaSum } = args;
    if (dInner % 4 !== 0) {
      selectiveScanCpu(args);
      return;
    }
    checkSelectiveScan(args);
    this.#begin(length * (4 * dInner + 2 * dState) + 2 * dInner * dState + 3 * dInner);
    const wide = (view: Rows) => at(copyRows(view, this.#take(length * dInner), length, dInner));
    const narrow = (view: Rows) => at(copyRows(view, this.#take(length * dState), length, dState));
    const rates = interleave(a, this.#take(dInner * dState), dState, Math.LOG2E);
    const state = interleave(h, this.#take(dInner * dState), dState, 1);
    const skip = this.#take(dInner);
    const output = this.#take(length * dInner);
    const sums = this.#take(dInner).fill(0);
    const lost = this.#take(dInner).fill(0);
    skip.set(d);
    const row = 4 * dInner;
    this.#module.run.selectiveScan(
      ...([length, dInner, dState, wide(u), row, wide(deltaRaw), row, wide(z), row] as const),
      ...([narrow(b), narrow(c), 4 * dState, at(rates), at(skip), at(state)] as const),
      ...([at(output), row, at(sums), at(lost)] as const),
    );
    separate(state, h, dState);
    copyOut(output, y, length, dInner);
    deltaSum?.set(sums);
  }

  /**
   * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkPoolAttention}
   * @throws {RangeError} if the memory cannot grow by so much
   */
  poolAttention(args: PoolAttentionCpu): void {
    const { length, nHeads, noteDim, poolSize, chunk, position, queries, pools } = args;
    const { gate, tau2 = 0, reads, weights } = args;
    checkPoolAttention(args);
    const width = nHeads * noteDim;
    const wideDim = panelWidth(noteDim);
    const total = pools.length * poolSize;
    const slots = panelWidth(total);
    this.#begin(
      length * (width + nHeads * wideDim) + slots * (nHeads * chunk + 1 + 2 * noteDim + 2 * wideDim),
    );
    const query = copyRows(queries, this.#take(length * width), length, width);
    const read = this.#take(length * nHeads * wideDim);
    const weight = this.#take(nHeads * chunk * slots);
    const notes = this.#take(total * noteDim);
    const columns = this.#take(slots * noteDim);
    const rows = this.#take(total * wideDim);
    const bias = this.#take(slots);

    for (let first = 0; first < length;) {
      const entry = poolEntryOf(chunk, position, first);
      const count = Math.min(length - first, chunk - ((position + first) % chunk));
      const filled = poolBias(pools, entry, poolSize, bias);
      if (filled === 0) {
        read.fill(0, first * nHeads * wideDim, (first + count) * nHeads * wideDim);
        weight.fill(0);
      } else {
        const size = poolSize * noteDim;
        pools.forEach((pool, p) => {
          notes.set(pool.notes.subarray(entry * size, (entry + 1) * size), p * size);
        });
        this.#module.run.packNotes(total, noteDim, at(notes), at(columns), at(rows));
        this.#module.run.poolAttention(
          ...([count, nHeads, noteDim, total, at(query) + 4 * first * width, 4 * width] as const),
          ...([at(columns), at(rows), at(bias), at(weight)] as const),
          ...([at(read) + 4 * first * nHeads * wideDim, 4 * nHeads * wideDim] as const),
        );
      }
      for (let t = first; t < first + count; t++) {
        const isOpen = !gate || gate.data[gate.offset + t * gate.stride]! > tau2;
        if (!isOpen) read.fill(0, t * nHeads * wideDim, (t + 1) * nHeads * wideDim);
        for (let head = 0; head < nHeads; head++) {
          const from = (t * nHeads + head) * wideDim;
          const to = reads.offset + t * reads.stride + head * noteDim;
          reads.data.set(read.subarray(from, from + noteDim), to);
          if (!weights) continue;
          const own = (head * count + t - first) * slots;
          const row = (t * nHeads + head) * total;
          if (isOpen) weights.set(weight.subarray(own, own + total), row);
          else weights.fill(0, row, row + total);
        }
      }
      first += count;
    }
  }

  /**
   * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkRetention}
   * @throws {RangeError} if the memory cannot grow by so much
   */
  retention(args: RetentionCpu): void {
    const { length, dInner, retention, after } = args;
    if (dInner % 4 !== 0) {
      retentionCpu(args);
      return;
    }
    checkRetention(args);
    const writes = this.#takeWrites(args, 2 * dInner);
    const behind = this.#take(dInner);
    behind.set(after);
    const lost = this.#take(dInner).fill(0);
    this.#module.run.suffixSums(length, dInner, at(writes.delta), at(behind), at(lost), at(writes.sums));
    this.#survive(args, writes, length, 1);
    retention.set(writes.out);
  }

  /**
   * @throws {ShapeError} if a size is out of range or an array does not fit it, as of {@link checkMemoryFidelity}
   * @throws {RangeError} if the memory cannot grow by so much
   */
  memoryFidelity(args: MemoryFidelityCpu): void {
    const { length, dInner, lags, fidelity } = args;
    if (dInner % 4 !== 0) {
      memoryFidelityCpu(args);
      return;
    }
    checkMemoryFidelity(args);
    const writes = this.#takeWrites(args, 0);
    const { delta, sums, out } = writes;
    let k = 0;
    lags.forEach((lag, row) => {
      const tokens = Math.max(0, length - lag);
      for (; k < lag && tokens > 0; k = k === 0 ? 1 : 2 * k) {
        if (k === 0) sums.set(delta.subarray(dInner));
        // In place: an element is read as a summand before it is written as a sum.
        else this.#module.run.add((length - 2 * k) * dInner, at(sums), at(sums) + 4 * k * dInner, at(sums));
      }
      // At distance 0 nothing has decayed.
      if (lag === 0) sums.fill(0);
      this.#survive(args, writes, tokens, 2);
      out.fill(0, tokens);
      fidelity.set(out, row * length);
    });
  }

  /** Takes room for what `survive` reads and writes, and `more` elements besides, and fills in its inputs. */
  #takeWrites(args: Writes, more: number): WritesInMemory {
    const { length, dInner, dState, u, deltaRaw, b, a } = args;
    this.#begin(length * (3 * dInner + dState + 1) + dInner * (dState + 1) + dState + more);
    const input = copyRows(u, this.#take(length * dInner), length, dInner);
    const delta = copyRows(deltaRaw, this.#take(length * dInner), length, dInner);
    this.#module.run.softplus(length * dInner, at(delta), at(delta));
    const rates = this.#take(dInner * dState);
    interleave(a, rates, dState, Math.LOG2E);
    const slowest = this.#take(dInner);
    for (let c = 0; c < dInner; c++) {
      let rate = -Infinity;
      for (let n = 0; n < dState; n++) rate = Math.max(rate, a[c * dState + n]!);
      slowest[c] = rate * Math.LOG2E;
    }
    return {
      ...{ input, delta, rates, slowest },
      b: copyRows(b, this.#take(length * dState), length, dState),
      sums: this.#take(length * dInner),
      scratch: this.#take(dState),
      out: this.#take(length),
    };
  }

  #survive({ dInner, dState }: Writes, writes: WritesInMemory, tokens: number, power: 1 | 2): void {
    const { input, delta, sums, b, rates, slowest, scratch, out } = writes;
    this.#module.run.survive(
      ...([tokens, dInner, dState, at(input), at(delta), at(sums)] as const),
      ...([at(b), at(rates), at(slowest), power, at(scratch), at(out)] as const),
    );
  }

  /** Makes room for `elements` f32 and the padding between arrays; earlier arrays are given up. */
  #begin(elements: number): void {
    this.#module.clear();
    this.#module.reserve(elements + 16 * PADDING);
    this.#module.clear();
  }

  /** The next `elements` f32 of the module's memory. */
  #take(elements: number): Float32Array {
    return this.#module.floats(this.#module.reserve(elements), elements);
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

/** (channels, taps) -> (taps, channels); what `to` holds beyond the channels becomes 0. */
export function byTap(weight: Float32Array, to: Float32Array, taps: number): Float32Array {
  const channels = weight.length / taps;
  const row = to.length / taps;
  to.fill(0);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < taps; k++) to[k * row + c] = weight[c * taps + k]!;
  }
  return to;
}

/**
 * Fills `bias` with log σ(s) of the notes of entry `entry` of several pools, and with a very low number where there is
 * none. Returns the number of notes.
 */
export function poolBias(
  pools: readonly PoolSequenceCpu[],
  entry: number,
  poolSize: number,
  bias: Float32Array,
): number {
  let filled = 0;
  bias.fill(NO_NOTE);
  pools.forEach(({ positions, scores }, p) => {
    for (let j = 0; j < poolSize; j++) {
      const from = entry * poolSize + j;
      if (positions[from]! < 0) continue;
      bias[p * poolSize + j] = -softplus(-scores[from]!);
      filled++;
    }
  });
  return filled;
}

/** (channels, states) -> (channels / 4, states, 4), scaled. */
export function interleave(
  from: Float32Array,
  to: Float32Array,
  states: number,
  scale: number,
): Float32Array {
  for (let i = 0; i < from.length; i++) {
    const channel = Math.floor(i / states);
    const target = ((channel >> 2) * states + (i % states)) * 4 + (channel & 3);
    to[target] = from[i]! * scale;
  }
  return to;
}

/** The inverse of {@link interleave} with scale 1. */
export function separate<A extends Float32Array>(from: Float32Array, to: A, states: number): A {
  for (let i = 0; i < to.length; i++) {
    const channel = Math.floor(i / states);
    to[i] = from[((channel >> 2) * states + (i % states)) * 4 + (channel & 3)]!;
  }
  return to;
}
