import type { Span } from '../../models/text/span.js';
import { layersWithPool } from '../../models/fidelity/retention-with-pool.js';
import type { TokenRetention } from '../../models/document/types.js';

/** Tiles of the map side by side. */
export const COLUMNS = 16;
/** Rows of the map at most. */
const MAX_ROWS = 160;
/** UTF-16 code units a tile at least: a token has about four. */
const MIN_TILE = 6;
/** UTF-16 code units a row at least. */
export const SHORTEST_ROW = MIN_TILE * COLUMNS;
/** UTF-16 code units of a row that are computed; of a longer row its beginning stands for it. */
export const MAX_SAMPLE = 4_000;

/** Which number of a token's retention is shown. */
export interface Measure {
  /** Index of a layer, or the mean of all. */
  readonly layer: number | 'mean';
  /** Whether a note in a layer's pool counts as retention 1 there. */
  readonly counted: boolean;
}

/** The number that `measure` takes of a token, in [0, 1]. */
export function measured(
  token: Pick<TokenRetention, 'layers' | 'pool'>,
  { layer, counted }: Measure,
): number {
  const layers = counted ? layersWithPool(token) : token.layers;
  if (layer !== 'mean') return layers[layer] ?? 0;
  return layers.length > 0 ? layers.reduce((sum, value) => sum + value, 0) / layers.length : 0;
}

/** What is kept of a row: sums over the tokens that begin in each tile, whatever is shown of them later. */
interface RowSums {
  readonly layers: number;
  /** (COLUMNS) tokens that begin in the tile. */
  readonly counts: Float64Array;
  /** (COLUMNS, layers) sums of retention, the pool not counted and counted. */
  readonly state: Float64Array;
  readonly counted: Float64Array;
}

/**
 * A stretch of a document as a grid of tiles in reading order, and what is known of each: rows are computed one
 * by one, in any order. A tile's value is the mean over the tokens that begin in it.
 */
export class RetentionRows {
  readonly rows: number;
  /** UTF-16 code units a row. */
  readonly rowLength: number;
  readonly #sums: (RowSums | undefined)[];

  /** @param range the stretch of the document that is shown */
  constructor(readonly range: Span) {
    const length = Math.max(1, range.end - range.start);
    this.rowLength = Math.max(SHORTEST_ROW, Math.ceil(length / MAX_ROWS));
    this.rows = Math.ceil(length / this.rowLength);
    this.#sums = new Array<undefined>(this.rows).fill(undefined);
  }

  /** True if rows show a part of their text only. */
  get isSampled(): boolean {
    return this.rowLength > MAX_SAMPLE;
  }

  /** Rows that are computed. */
  get known(): number {
    return this.#sums.reduce((known, sums) => known + (sums ? 1 : 0), 0);
  }

  /** The text of a row, as much of it as is computed. */
  sampleOf(row: number): Span {
    const start = this.range.start + row * this.rowLength;
    return { start, end: Math.min(start + Math.min(this.rowLength, MAX_SAMPLE), this.range.end) };
  }

  /** Takes what was computed of a row. */
  set(row: number, tokens: readonly TokenRetention[]): void {
    const layers = tokens[0]?.layers.length ?? 0;
    const sums: RowSums = {
      layers,
      counts: new Float64Array(COLUMNS),
      state: new Float64Array(COLUMNS * layers),
      counted: new Float64Array(COLUMNS * layers),
    };
    const { start, end } = this.sampleOf(row);
    const span = this.isSampled ? end - start : this.rowLength;
    for (const token of tokens) {
      const column = clamp(Math.floor(((token.start - start) / span) * COLUMNS), 0, COLUMNS - 1);
      sums.counts[column]! += 1;
      layersWithPool(token).forEach((value, layer) => {
        sums.counted[column * layers + layer]! += value;
        sums.state[column * layers + layer]! += token.layers[layer]!;
      });
    }
    this.#sums[row] = sums;
  }

  /** The row that shows an offset; clipped to those that there are. */
  rowAt(offset: number): number {
    return clamp(Math.floor((offset - this.range.start) / this.rowLength), 0, this.rows - 1);
  }

  /** The values of a row's tiles; NaN where no token begins. Undefined where nothing is known yet. */
  tiles(row: number, { layer, counted }: Measure): Float64Array | undefined {
    const known = this.#sums[row];
    if (!known) return undefined;
    const { layers, counts } = known;
    const sums = counted ? known.counted : known.state;
    return counts.map((count, column) => {
      const own = sums.subarray(column * layers, (column + 1) * layers);
      const sum =
        layer === 'mean' ? own.reduce((total, value) => total + value, 0) / layers : (own[layer] ?? 0);
      return sum / count;
    });
  }

  /**
   * The row to compute next: the nearest to `around` within a screenful of rows, else the one that lies farthest
   * from all that is known, so that the whole is there coarsely before any part is there finely. Undefined when
   * all is known.
   */
  next(around: number | undefined): number | undefined {
    if (around !== undefined) {
      const at = this.rowAt(around);
      for (let d = 0; d <= NEAR; d++) {
        for (const row of [at + d, at - d]) {
          if (row >= 0 && row < this.rows && !this.#sums[row]) return row;
        }
      }
    }
    let best: number | undefined;
    let bestGap = 0;
    let last = -1;
    for (let row = 0; row <= this.rows; row++) {
      if (row < this.rows && !this.#sums[row]) continue;
      const gap = row - last - 1;
      if (gap > bestGap) {
        bestGap = gap;
        best = last + 1 + Math.floor(gap / 2);
      }
      last = row;
    }
    return best;
  }
}

/** Rows to each side of the view that come first. */
const NEAR = 3;

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
