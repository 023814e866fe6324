import {
  NotePool,
  createPoolWindow,
  windowEntries,
  type PoolState,
} from '../../../kernels/note-pool/note-pool.js';
import {
  createPoolStateCpu,
  notePoolCpu,
  type PoolSequenceCpu,
  type PoolStateCpu,
} from '../../../kernels/note-pool/note-pool.cpu.js';
import { chunksEnded, type PoolRule } from '../../../kernels/note-pool/pool-rule.js';
import { rows } from '../../../kernels/cpu/rows.js';
import { readTensors } from '../../../kernels/gpu/readback.js';
import { createTensor, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { poisonScratch, poisoned, runOnGpu, testGpu, upload } from './gpu.js';

/** A stretch of tokens to add to a pool. */
export interface PoolSegment {
  readonly position: number;
  readonly scores: Float32Array<ArrayBuffer>;
  /** (length, noteDim). */
  readonly notes: Float32Array<ArrayBuffer>;
}

export interface PoolRun {
  /** The pools of the segment: the carried one, then one after each chunk end. */
  readonly sequence: PoolSequenceCpu;
  /** The state after the segment. */
  readonly state: PoolStateCpu;
}

/** A note that tells where it comes from: (position + 1, -(position + 1), 0, …). */
export function tellingNotes(position: number, length: number, noteDim: number): Float32Array<ArrayBuffer> {
  const notes = new Float32Array(length * noteDim);
  for (let t = 0; t < length; t++) {
    notes[t * noteDim] = position + t + 1;
    if (noteDim > 1) notes[t * noteDim + 1] = -(position + t + 1);
  }
  return notes;
}

function cloneState(state: PoolStateCpu): PoolStateCpu {
  return {
    positions: state.positions.slice(),
    scores: state.scores.slice(),
    notes: state.notes.slice(),
    pendingScores: state.pendingScores.slice(),
    pendingNotes: state.pendingNotes.slice(),
  };
}

export function poolOnCpu(rule: PoolRule, segment: PoolSegment, before: PoolStateCpu): Promise<PoolRun> {
  const { position, scores, notes } = segment;
  const state = cloneState(before);
  const sequence = notePoolCpu({
    rule,
    position,
    length: scores.length,
    scores: rows(scores, 1),
    notes: rows(notes, rule.noteDim),
    state,
  });
  return Promise.resolve({ sequence, state });
}

/** Runs on slot 1 of a window of two, so that a slot's offset is tested too. */
export async function poolOnGpu(
  rule: PoolRule,
  segment: PoolSegment,
  before: PoolStateCpu,
): Promise<PoolRun> {
  const { poolSize, chunk, noteDim } = rule;
  const { position, scores, notes } = segment;
  const length = scores.length;
  const gpu = await testGpu();
  const pool = await NotePool.create(gpu, rule);
  const window = createPoolWindow(gpu, rule, 2, windowEntries(rule, length));
  const state: PoolState = {
    positions: upload(gpu, Int32Array.from(before.positions), poolSize),
    scores: upload(gpu, Float32Array.from(before.scores), poolSize),
    notes: upload(gpu, Float32Array.from(before.notes), poolSize, noteDim),
    pendingScores: upload(gpu, Float32Array.from(before.pendingScores), chunk),
    pendingNotes: upload(gpu, Float32Array.from(before.pendingNotes), chunk, noteDim),
  };
  const nextState: PoolState = {
    positions: createTensor(gpu.device, [poolSize]),
    scores: poisoned(gpu, poolSize),
    notes: poisoned(gpu, poolSize, noteDim),
    pendingScores: poisoned(gpu, chunk),
    pendingNotes: poisoned(gpu, chunk, noteDim),
  };
  await poisonScratch(gpu, 1024);
  let entries = 0;
  await runOnGpu(gpu, (recorder) => {
    entries = pool.record(recorder, {
      position,
      scores: upload(gpu, scores, length),
      notes: upload(gpu, notes, length, noteDim),
      state,
      nextState,
      window,
      slot: 1,
    });
  });
  const tensors: GpuTensor[] = [
    ...[window.positions, window.scores, window.notes],
    ...[nextState.positions, nextState.scores, nextState.notes],
    ...[nextState.pendingScores, nextState.pendingNotes],
  ];
  const bytes = await readTensors(gpu, tensors);
  const f32 = (i: number): Float32Array<ArrayBuffer> => new Float32Array(bytes[i]!);
  const from = window.entries * poolSize;
  const to = from + entries * poolSize;
  return {
    sequence: {
      entries,
      positions: new Int32Array(bytes[0]!).slice(from, to),
      scores: f32(1).slice(from, to),
      notes: f32(2).slice(from * noteDim, to * noteDim),
    },
    state: {
      positions: new Int32Array(bytes[3]!),
      scores: f32(4),
      notes: f32(5),
      pendingScores: f32(6),
      pendingNotes: f32(7),
    },
  };
}

export type RunPool = typeof poolOnCpu;

/** The pool after every chunk end of a stream that is read in the given pieces, and the last state. */
export async function readStream(
  run: RunPool,
  rule: PoolRule,
  scores: Float32Array<ArrayBuffer>,
  pieces: readonly number[],
): Promise<{ pools: PoolSequenceCpu[]; state: PoolStateCpu }> {
  let state = createPoolStateCpu(rule);
  let position = 0;
  const pools: PoolSequenceCpu[] = [];
  for (const length of pieces) {
    const notes = tellingNotes(position, length, rule.noteDim);
    const segment = { position, scores: scores.slice(position, position + length), notes };
    const result = await run(rule, segment, state);
    for (let entry = 1; entry <= chunksEnded(rule.chunk, position, length); entry++) {
      const from = entry * rule.poolSize;
      const to = from + rule.poolSize;
      pools.push({
        entries: 1,
        positions: result.sequence.positions.slice(from, to),
        scores: result.sequence.scores.slice(from, to),
        notes: result.sequence.notes.slice(from * rule.noteDim, to * rule.noteDim),
      });
    }
    state = result.state;
    position += length;
  }
  return { pools, state };
}
