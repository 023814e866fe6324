import { ShapeError, checkInteger } from '../shapes.js';

/** How a state pool fills and what leaves it; the same for every layer of a model. */
export interface PoolRule {
  /** Notes a pool holds. */
  readonly poolSize: number;
  /** Tokens a chunk; chunks are cut at absolute token positions. */
  readonly chunk: number;
  readonly noteDim: number;
  /**
   * `priority` keeps the highest scores, of equal ones the earlier token; `fifo` keeps the latest tokens
   * with σ(s) > 0.5.
   */
  readonly replacement: 'priority' | 'fifo';
  /** With `priority`, only tokens with σ(s) > tau1 may enter; at 0 every finite score may. */
  readonly tau1: number;
}

/** Scores above this value may enter the pool, compared in f32; NaN never may. */
export function entryThreshold(rule: PoolRule): number {
  if (rule.replacement === 'fifo') return 0;
  return Math.fround(Math.log(rule.tau1 / (1 - rule.tau1)));
}

/** @throws {ShapeError} unless `poolSize` and `chunk` are 1 to 256, `noteDim` is at least 1, and `tau1` is in [0, 1) */
export function checkPoolRule(operator: string, rule: PoolRule): void {
  checkInteger(operator, 'poolSize', rule.poolSize, 1, 256);
  checkInteger(operator, 'chunk', rule.chunk, 1, 256);
  checkInteger(operator, 'noteDim', rule.noteDim, 1);
  if (!(rule.tau1 >= 0 && rule.tau1 < 1)) {
    throw new ShapeError(operator, `tau1 must be in [0, 1); it is ${rule.tau1}`);
  }
}

/** Chunks that end in (position, position + length]: the pools after them are entries 1, 2, … of the output. */
export function chunksEnded(chunk: number, position: number, length: number): number {
  return Math.floor((position + length) / chunk) - Math.floor(position / chunk);
}

/**
 * The entry of a segment's pool sequence that token t (counted from the segment's start) reads: the pool
 * as it stood after the chunk before the token's own.
 */
export function poolEntryOf(chunk: number, position: number, t: number): number {
  return Math.floor((position + t) / chunk) - Math.floor(position / chunk);
}
