import { checkArray, checkRows, type Rows } from '../cpu/rows.js';
import { checkInteger } from '../shapes.js';
import { checkPoolRule, chunksEnded, entryThreshold, type PoolRule } from './pool-rule.js';

/**
 * One layer's carried pool. Entries are ordered best first (`priority`: falling score, of equal ones
 * rising position; `fifo`: falling position); unused ones have position -1, score -Infinity, a zero note.
 */
export interface PoolStateCpu {
  /** (poolSize). */
  readonly positions: Int32Array;
  /** (poolSize). */
  readonly scores: Float32Array;
  /** (poolSize, noteDim). */
  readonly notes: Float32Array;
  /** (chunk) scores of the tokens of the unfinished chunk; the first (position mod chunk) are in use. */
  readonly pendingScores: Float32Array;
  /** (chunk, noteDim) their notes. */
  readonly pendingNotes: Float32Array;
}

/** The pools a segment's tokens read: entry 0 is the carried pool, entry i that after the i-th chunk end. */
export interface PoolSequenceCpu {
  readonly entries: number;
  /** (entries, poolSize), -1 where unused. */
  readonly positions: Int32Array;
  /** (entries, poolSize), -Infinity where unused. */
  readonly scores: Float32Array;
  /** (entries, poolSize, noteDim), 0 where unused. */
  readonly notes: Float32Array;
}

export interface NotePoolCpu {
  readonly rule: PoolRule;
  /** Absolute position of the segment's first token. */
  readonly position: number;
  /** Tokens. */
  readonly length: number;
  /** (length, 1) note scores before the sigmoid. */
  readonly scores: Rows;
  /** (length, noteDim). */
  readonly notes: Rows;
  /** Pool and pending tokens before the segment; replaced by those after it. */
  readonly state: PoolStateCpu;
}

/**
 * The state of an unread document: no notes and no pending tokens. Its arrays have the shapes that
 * {@link PoolStateCpu} names.
 */
export function createPoolStateCpu(rule: PoolRule): PoolStateCpu {
  const { poolSize, chunk, noteDim } = rule;
  return {
    positions: new Int32Array(poolSize).fill(-1),
    scores: new Float32Array(poolSize).fill(-Infinity),
    notes: new Float32Array(poolSize * noteDim),
    pendingScores: new Float32Array(chunk),
    pendingNotes: new Float32Array(chunk * noteDim),
  };
}

/**
 * The state pool after every chunk (priority replacement or FIFO): P_k = best poolSize of P_{k-1} and the
 * tokens of chunk k. Taking the best of a union is associative, so the result does not depend on how the
 * tokens are cut into segments.
 *
 * @throws {ShapeError} if the rule is out of range, as of {@link checkPoolRule}
 * @throws {ShapeError} unless `position` is at least 0, `length` is at least 1, and every array has its shape
 */
export function notePoolCpu(args: NotePoolCpu): PoolSequenceCpu {
  const { rule, position, length, scores, notes, state } = args;
  const { poolSize, chunk, noteDim } = rule;
  const name = 'note pool';
  checkPoolRule(name, rule);
  checkInteger(name, 'position', position, 0);
  checkInteger(name, 'length', length, 1);
  checkRows(name, 'scores', scores, length, 1);
  checkRows(name, 'notes', notes, length, noteDim);
  checkArray(name, 'state.positions', state.positions, poolSize);
  checkArray(name, 'state.scores', state.scores, poolSize);
  checkArray(name, 'state.notes', state.notes, poolSize, noteDim);
  checkArray(name, 'state.pendingScores', state.pendingScores, chunk);
  checkArray(name, 'state.pendingNotes', state.pendingNotes, chunk, noteDim);

  const entries = chunksEnded(chunk, position, length) + 1;
  const sequence: PoolSequenceCpu = {
    entries,
    positions: new Int32Array(entries * poolSize).fill(-1),
    scores: new Float32Array(entries * poolSize).fill(-Infinity),
    notes: new Float32Array(entries * poolSize * noteDim),
  };
  sequence.positions.set(state.positions);
  sequence.scores.set(state.scores);
  sequence.notes.set(state.notes);

  const threshold = entryThreshold(rule);
  let pending = position % chunk;
  let entry = 0;
  for (let t = 0; t < length; t++) {
    const from = notes.offset + t * notes.stride;
    state.pendingScores[pending] = scores.data[scores.offset + t * scores.stride]!;
    state.pendingNotes.set(notes.data.subarray(from, from + noteDim), pending * noteDim);
    pending++;
    if (pending < chunk) continue;
    pending = 0;
    entry++;
    const ranked = rankChunk(state.pendingScores, rule, threshold);
    mergeChunk(sequence, entry, ranked, state, position + t + 1 - chunk, rule);
  }
  const last = entry * poolSize;
  state.positions.set(sequence.positions.subarray(last, last + poolSize));
  state.scores.set(sequence.scores.subarray(last, last + poolSize));
  state.notes.set(sequence.notes.subarray(last * noteDim, (last + poolSize) * noteDim));
  return sequence;
}

/** Rows of the chunk that may enter the pool, best first. */
function rankChunk(scores: Float32Array, rule: PoolRule, threshold: number): number[] {
  const rows: number[] = [];
  scores.forEach((score, row) => {
    if (score > threshold) rows.push(row);
  });
  // The sort is stable, so of equal scores the earlier token stays first.
  if (rule.replacement === 'fifo') rows.reverse();
  else rows.sort((i, j) => scores[j]! - scores[i]!);
  return rows;
}

/** Writes entry `entry` of the sequence: the best of the entry before it and the ranked rows of a chunk. */
function mergeChunk(
  sequence: PoolSequenceCpu,
  entry: number,
  ranked: readonly number[],
  chunk: PoolStateCpu,
  chunkStart: number,
  { poolSize, noteDim, replacement }: PoolRule,
): void {
  const { positions, scores, notes } = sequence;
  let old = (entry - 1) * poolSize;
  const oldEnd = entry * poolSize;
  let next = 0;
  for (let slot = oldEnd; slot < oldEnd + poolSize; slot++) {
    const row = ranked[next];
    const oldLeft = old < oldEnd && positions[old]! >= 0;
    if (row === undefined && !oldLeft) return;
    // Everything in the pool is older than the chunk: it wins ties, and in FIFO it goes last.
    const takeNew =
      row !== undefined && (!oldLeft || replacement === 'fifo' || chunk.pendingScores[row]! > scores[old]!);
    if (takeNew) {
      positions[slot] = chunkStart + row;
      scores[slot] = chunk.pendingScores[row]!;
      notes.set(chunk.pendingNotes.subarray(row * noteDim, (row + 1) * noteDim), slot * noteDim);
      next++;
    } else {
      positions[slot] = positions[old]!;
      scores[slot] = scores[old]!;
      notes.copyWithin(slot * noteDim, old * noteDim, (old + 1) * noteDim);
      old++;
    }
  }
}
