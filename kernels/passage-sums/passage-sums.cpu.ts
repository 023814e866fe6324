import { softplus } from '../cpu/activations.js';
import { checkArray, checkRows, type Rows } from '../cpu/rows.js';

export interface PassageSumsCpuArgs {
  readonly length: number;
  /** A multiple of 4. */
  readonly columns: number;
  /** Rows of a block. */
  readonly block: number;
  /** Rows of the first block that stand before the first row here, below `block`. */
  readonly lead: number;
  /** (L, columns + 1): the parts, and behind them the gate before softplus. */
  readonly products: Rows;
  /** (blocks, columns) output. */
  readonly sums: Float32Array;
}

const NAME = 'passage sums';

/** sums_b = Σ_t softplus(g_t) p_t over the rows t of block b, in f32, row by row. */
export function passageSumsCpu({ length, columns, block, lead, products, sums }: PassageSumsCpuArgs): void {
  checkRows(NAME, 'products', products, length, columns + 1);
  checkArray(NAME, 'sums', sums, Math.ceil((lead + length) / block), columns);
  const { data, offset, stride } = products;
  sums.fill(0);
  for (let t = 0; t < length; t++) {
    const from = offset + t * stride;
    const to = Math.floor((lead + t) / block) * columns;
    const gate = softplus(data[from + columns]!);
    for (let i = 0; i < columns; i++) sums[to + i]! += gate * data[from + i]!;
  }
}
