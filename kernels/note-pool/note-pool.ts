import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, createTensor, type GpuTensor } from '../gpu/tensor.js';
import { f32 } from '../gpu/uniforms.js';
import { ShapeError, checkInteger } from '../shapes.js';
import code from './note-pool.wgsl';
import { checkPoolRule, chunksEnded, entryThreshold, type PoolRule } from './pool-rule.js';

/**
 * One layer's carried pool on the device; the same contents as `PoolStateCpu`. A state that is read and
 * the state that is written must lie in different buffers; one buffer may hold all tensors of a state.
 */
export interface PoolState {
  /** (poolSize) i32, -1 where unused. */
  readonly positions: GpuTensor;
  /** (poolSize), -Infinity where unused. */
  readonly scores: GpuTensor;
  /** (poolSize, noteDim). */
  readonly notes: GpuTensor;
  /** (chunk) scores of the unfinished chunk; the first (position mod chunk) are in use. */
  readonly pendingScores: GpuTensor;
  /** (chunk, noteDim). */
  readonly pendingNotes: GpuTensor;
}

/**
 * The pools that a segment's tokens read, of several layers (slots): entry 0 is the carried pool, entry i
 * that after the i-th chunk end in the segment. Each slot is written by one {@link NotePool.record}.
 */
export interface PoolWindow {
  readonly slots: number;
  /** Entries a slot has room for: {@link windowEntries} of the longest segment. */
  readonly entries: number;
  /** (slots, entries, poolSize) i32, -1 where unused. */
  readonly positions: GpuTensor;
  /** (slots, entries, poolSize), -Infinity where unused. */
  readonly scores: GpuTensor;
  /** (slots, entries, poolSize, noteDim), 0 where unused. */
  readonly notes: GpuTensor;
}

export interface NotePoolArgs {
  /** Absolute position of the segment's first token. */
  readonly position: number;
  /** (L) note scores before the sigmoid. */
  readonly scores: GpuTensor;
  /** (L, noteDim). */
  readonly notes: GpuTensor;
  readonly state: PoolState;
  readonly nextState: PoolState;
  readonly window: PoolWindow;
  /** The window's slot that receives this layer's pools. */
  readonly slot: number;
}

const NAME = 'note pool';
const PHASES = ['rank', 'digest', 'carry', 'merge', 'gather'] as const;
type Phase = (typeof PHASES)[number];
/** Fewer chunks are walked over in one block: two more dispatches cost as much. */
const LONG_WALK = 16;

/** Entries a window needs for segments of up to `length` tokens, wherever they start. */
export function windowEntries(rule: PoolRule, length: number): number {
  return chunksEnded(rule.chunk, rule.chunk - 1, length) + 1;
}

/**
 * A window of `slots` layers with room for `entries` pools each. Its tensors are zeroed, and have the shapes that
 * {@link PoolWindow} names.
 */
export function createPoolWindow(gpu: Gpu, rule: PoolRule, slots: number, entries: number): PoolWindow {
  const { poolSize, noteDim } = rule;
  const tensor = (name: string, ...shape: number[]): GpuTensor =>
    createTensor(gpu.device, shape, `pool window ${name}`);
  return {
    slots,
    entries,
    positions: tensor('positions', slots, entries, poolSize),
    scores: tensor('scores', slots, entries, poolSize),
    notes: tensor('notes', slots, entries, poolSize, noteDim),
  };
}

/** Prefix top-k (priority) or FIFO over chunks; see the README beside this file. */
export class NotePool {
  readonly #kernels: Readonly<Record<Phase, Kernel>>;

  private constructor(
    readonly rule: PoolRule,
    kernels: Readonly<Record<Phase, Kernel>>,
  ) {
    this.#kernels = kernels;
  }

  /**
   * Compiles the shaders for one rule.
   *
   * @throws {ShapeError} if the rule is out of range, as of {@link checkPoolRule}
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(gpu: Gpu, rule: PoolRule): Promise<NotePool> {
    checkPoolRule(NAME, rule);
    const { poolSize, chunk, noteDim, replacement } = rule;
    const compile = (entryPoint: Phase): Promise<Kernel> =>
      gpu.pipelines.get({
        name: 'note-pool',
        code: [code],
        entryPoint,
        constants: {
          POOL_SIZE: poolSize,
          CHUNK: chunk,
          NOTE_DIM: noteDim,
          FIFO: replacement === 'fifo' ? 1 : 0,
          LANES: 64,
        },
      });
    const kernels = await Promise.all(PHASES.map(async (name) => [name, await compile(name)] as const));
    return new NotePool(rule, Object.fromEntries(kernels) as Record<Phase, Kernel>);
  }

  /**
   * Returns the number of entries of the slot that are valid for this segment.
   *
   * @throws {ShapeError} if there are no tokens, or `position` or `slot` is out of range
   * @throws {ShapeError} if a tensor does not have its shape or is not dense
   * @throws {ShapeError} if the window has no room for the pools of the segment
   * @throws {ShapeError} unless `nextState`, `window` and what is read lie in different buffers
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: NotePoolArgs): number {
    const { position, scores, notes, state, nextState, window, slot } = args;
    const { poolSize, chunk, noteDim } = this.rule;
    const length = scores.shape[0] ?? 0;
    checkInteger(NAME, 'the length of scores', length, 1);
    checkInteger(NAME, 'position', position, 0, 2 ** 31 - 1 - length);
    checkDense(NAME, 'scores', scores, length);
    checkDense(NAME, 'notes', notes, length, noteDim);
    this.#checkState('state', state);
    this.#checkState('nextState', nextState);
    const inputs = { segmentScores: scores, segmentNotes: notes, ...state };
    checkDistinct(NAME, { ...nextState }, inputs);
    const { positions: windowPositions, scores: windowScores, notes: windowNotes } = window;
    checkDistinct(NAME, { windowPositions, windowScores, windowNotes }, { ...inputs, ...nextState });
    checkDense(NAME, 'window.positions', windowPositions, window.slots, window.entries, poolSize);
    checkDense(NAME, 'window.scores', windowScores, window.slots, window.entries, poolSize);
    checkDense(NAME, 'window.notes', windowNotes, window.slots, window.entries, poolSize, noteDim);
    checkInteger(NAME, 'slot', slot, 0, window.slots - 1);
    const ended = chunksEnded(chunk, position, length);
    const entries = ended + 1;
    if (entries > window.entries) {
      throw new ShapeError(
        NAME,
        `the segment has ${entries} pools; the window has room for ${window.entries}`,
      );
    }

    const offset = position % chunk;
    const firstEntry = slot * window.entries;
    // Three walks, over a block, over the blocks, and over a block again, are shortest at the square root.
    const block = ended <= LONG_WALK ? Math.max(1, ended) : Math.ceil(Math.sqrt(ended));
    const blocks = Math.max(1, Math.ceil(ended / block));
    const uniforms = [
      ...[entries, firstEntry, offset, position - offset],
      ...[f32(entryThreshold(this.rule)), f32(-Infinity), block],
    ];
    const { scratch } = recorder.gpu;
    // Per chunk: the rows that may enter, best first, and how many there are.
    const ranked = scratch.take(4 * Math.max(1, ended) * (poolSize + 1));
    const source = scratch.take(4 * entries * poolSize);
    const { rank, digest, carry, merge, gather } = this.#kernels;
    if (ended > 0) {
      recorder.dispatch(rank, uniforms, { 1: scores, 2: state.pendingScores, 3: ranked }, [ended]);
    }
    const all = { 1: scores, 2: state.pendingScores };
    const carried = { 4: state.positions, 5: state.scores };
    if (blocks > 1) {
      const digests = scratch.take(4 * (blocks - 1) * (poolSize + 1));
      recorder.dispatch(digest, uniforms, { ...all, 3: ranked, 13: digests }, [blocks - 1]);
      recorder.dispatch(carry, uniforms, { ...all, ...carried, 3: digests, 8: source }, [1]);
      scratch.giveBack(digests);
    }
    recorder.dispatch(
      merge,
      uniforms,
      { ...all, ...carried, 3: ranked, 6: windowPositions, 7: windowScores, 8: source },
      [blocks],
    );
    recorder.dispatch(
      gather,
      uniforms,
      { 8: source, 9: notes, 10: state.pendingNotes, 11: state.notes, 12: windowNotes },
      [entries, poolSize],
    );
    scratch.giveBack(ranked);
    scratch.giveBack(source);

    const last = (firstEntry + ended) * poolSize;
    recorder.copy(windowPositions, last, nextState.positions, 0, poolSize);
    recorder.copy(windowScores, last, nextState.scores, 0, poolSize);
    recorder.copy(windowNotes, last * noteDim, nextState.notes, 0, poolSize * noteDim);
    // The unfinished chunk: what was pending before, unless a chunk ended, then the segment's last tokens.
    const kept = ended > 0 ? 0 : offset;
    const fresh = ended > 0 ? (position + length) % chunk : length;
    recorder.copy(state.pendingScores, 0, nextState.pendingScores, 0, kept);
    recorder.copy(state.pendingNotes, 0, nextState.pendingNotes, 0, kept * noteDim);
    recorder.copy(scores, length - fresh, nextState.pendingScores, kept, fresh);
    recorder.copy(notes, (length - fresh) * noteDim, nextState.pendingNotes, kept * noteDim, fresh * noteDim);
    return entries;
  }

  #checkState(name: string, state: PoolState): void {
    const { poolSize, chunk, noteDim } = this.rule;
    checkDense(NAME, `${name}.positions`, state.positions, poolSize);
    checkDense(NAME, `${name}.scores`, state.scores, poolSize);
    checkDense(NAME, `${name}.notes`, state.notes, poolSize, noteDim);
    checkDense(NAME, `${name}.pendingScores`, state.pendingScores, chunk);
    checkDense(NAME, `${name}.pendingNotes`, state.pendingNotes, chunk, noteDim);
  }
}
