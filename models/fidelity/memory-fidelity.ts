import type { MemMambaConfig } from '../memmamba/config.js';
import type { Engine, ModelState } from '../memmamba/engine.js';
import { nextTurn } from '../scheduling/next-turn.js';
import type { ResumePoints } from '../reading/resume-points.js';
import type { Fidelity } from './types.js';

/** Tokens that are looked at; more would not change the curves to the eye. */
const TOKENS = 4096;
/** Tokens a segment at most. */
const LONGEST_SEGMENT = 2048;

/**
 * The two memory fidelities of MemMamba, which the paper defines in words; the formulas are ours.
 *
 * ETMF at distance k, per layer: E_t of ⟨W_t, W_t ⊙ exp(A ΣΔ_{t<j≤t+k})⟩ / ‖W_t‖², with
 * W_t = Δ_t x'_t B_tᵀ; 1 at k = 0 and never rising. No unit. Distances 0, 1, 2, 4, … below a segment.
 *
 * ECLMF from layer l to l + p: linear CKA between the updates that the two blocks add to the residual stream,
 * in [0, 1]; see `linearCka`.
 *
 * Both are averages over up to 4,096 tokens, in segments spread evenly over the document's saved states.
 */
export async function fidelityOf(
  engine: Engine,
  points: ResumePoints,
  length: number,
  ids: (from: number, to: number) => Uint32Array,
  options: { readonly pool: 'on' | 'off'; readonly signal?: AbortSignal | undefined },
): Promise<Fidelity> {
  // The updates of all layers come to the host: longer segments would take hundreds of megabytes.
  const segmentLength = Math.min(engine.segmentLength, LONGEST_SEGMENT);
  const sums = new FidelitySums(engine.config, Math.min(segmentLength, length));
  for (const point of sample(points, length, segmentLength)) {
    options.signal?.throwIfAborted();
    const { snapshot, position } = points.all[point]!;
    const segment = ids(position, Math.min(position + segmentLength, length));
    const state = snapshot ? engine.restore(snapshot) : engine.createState();
    try {
      await sums.add(engine, state, segment, options);
    } finally {
      state.dispose();
    }
  }
  return sums.result;
}

/** Both fidelities, summed up over segments. */
class FidelitySums {
  readonly #config: MemMambaConfig;
  readonly #lags: readonly number[];
  readonly #etmf: Float64Array;
  readonly #counts: Float64Array;
  readonly #pairs: readonly { readonly from: number; readonly to: number; readonly cka: LinearCka }[];
  #tokens = 0;

  /** @param longest tokens of a segment at most */
  constructor(config: MemMambaConfig, longest: number) {
    this.#config = config;
    const lags = [0];
    for (let k = 1; k < longest; k *= 2) lags.push(k);
    this.#lags = lags;
    this.#etmf = new Float64Array(config.nLayer * lags.length);
    this.#counts = new Float64Array(lags.length);
    this.#pairs = layerPairs(config).map((pair) => ({ ...pair, cka: new LinearCka(config.dModel) }));
  }

  get result(): Fidelity {
    const lags = this.#lags;
    const shown = lags.map((_, i) => i).filter((i) => this.#counts[i]! > 0);
    return {
      lags: shown.map((i) => lags[i]!),
      etmf: Array.from({ length: this.#config.nLayer }, (_, layer) =>
        shown.map((i) => this.#etmf[layer * lags.length + i]! / this.#counts[i]!),
      ),
      eclmf: this.#pairs.map(({ from, to, cka }) => ({ from, to, value: cka.value })),
      tokens: this.#tokens,
    };
  }

  /** @param state in front of the segment; it is advanced */
  async add(
    engine: Engine,
    state: ModelState,
    segment: Uint32Array,
    options: { readonly pool: 'on' | 'off'; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    const copy = engine.cloneState(state);
    try {
      const { updates } = await engine.forward(copy, segment, { ...options, updates: true });
      const rows = segment.length * this.#config.dModel;
      const of = (layer: number) => updates!.subarray(layer * rows, (layer + 1) * rows);
      for (const { from, to, cka } of this.#pairs) {
        cka.add(of(from), of(to));
        await nextTurn();
      }
    } finally {
      copy.dispose();
    }
    const lags = this.#lags;
    const after = new Float64Array(this.#config.nLayer * this.#config.dInner);
    const decay = await engine.decay(state, segment, { ...options, after, lags });
    for (const [i, count] of decay.etmfCount!.entries()) {
      if (count === 0) continue;
      this.#counts[i]! += count;
      for (let at = i; at < this.#etmf.length; at += lags.length) this.#etmf[at]! += count * decay.etmf![at]!;
    }
    this.#tokens += segment.length;
  }
}

/** Layers l and l + p; without cross-layer attention p = 4, the reference model's, or less in a flat model. */
function layerPairs({ crossLayerEvery, nLayer }: MemMambaConfig): { from: number; to: number }[] {
  const p = crossLayerEvery > 0 ? crossLayerEvery : Math.min(4, Math.max(1, nLayer - 1));
  return Array.from({ length: Math.max(0, nLayer - p) }, (_, from) => ({ from, to: from + p }));
}

/** Indices of saved states, evenly spread, whose following segments hold {@link TOKENS} tokens together. */
function sample(points: ResumePoints, length: number, segmentLength: number): number[] {
  const usable = points.all.flatMap(({ position }, i) => (position < length ? [i] : []));
  const wanted = Math.min(usable.length, Math.ceil(TOKENS / segmentLength));
  return Array.from({ length: wanted }, (_, i) => usable[Math.floor((i * usable.length) / wanted)]!);
}

/**
 * Linear CKA (Kornblith et al. 2019, arXiv 1905.00414, eq. 4 with linear kernels) of two sets of rows with
 * the same D columns, centred: ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F). Rows come in parts; the cross products are
 * summed in f64 and centred at the end, so memory is 3 D² whatever the number of rows.
 */
export class LinearCka {
  readonly #columns: number;

  #rows = 0;
  readonly #xx: Float64Array;
  readonly #yy: Float64Array;
  readonly #xy: Float64Array;
  readonly #sumX: Float64Array;
  readonly #sumY: Float64Array;

  constructor(columns: number) {
    this.#columns = columns;

    this.#xx = new Float64Array(columns * columns);
    this.#yy = new Float64Array(columns * columns);
    this.#xy = new Float64Array(columns * columns);
    this.#sumX = new Float64Array(columns);
    this.#sumY = new Float64Array(columns);
  }

  /** @param x (rows, columns) @param y (rows, columns) */
  add(x: Float32Array, y: Float32Array): void {
    const columns = this.#columns;
    const count = x.length / columns;
    addProducts(this.#xx, x, x, columns);
    addProducts(this.#yy, y, y, columns);
    addProducts(this.#xy, x, y, columns);
    for (let r = 0; r < count; r++) {
      for (let i = 0; i < columns; i++) {
        this.#sumX[i]! += x[r * columns + i]!;
        this.#sumY[i]! += y[r * columns + i]!;
      }
    }
    this.#rows += count;
  }

  /** In [0, 1]; 0 where one side does not vary. */
  get value(): number {
    const cross = this.#norm2(this.#xy, this.#sumX, this.#sumY);
    const own = this.#norm2(this.#xx, this.#sumX, this.#sumX) * this.#norm2(this.#yy, this.#sumY, this.#sumY);
    return own > 0 ? Math.min(1, cross / Math.sqrt(own)) : 0;
  }

  /** Squared Frobenius norm of the centred cross product, XᵀY - n x̄ ȳᵀ. */
  #norm2(products: Float64Array, sumX: Float64Array, sumY: Float64Array): number {
    let total = 0;
    for (let i = 0; i < this.#columns; i++) {
      for (let j = 0; j < this.#columns; j++) {
        total += (products[i * this.#columns + j]! - (sumX[i]! * sumY[j]!) / this.#rows) ** 2;
      }
    }
    return total;
  }
}

/** out += XᵀY. Four rows at a time, so that each entry of `out` is loaded and stored once for four products. */
function addProducts(out: Float64Array, x: Float32Array, y: Float32Array, columns: number): void {
  const rows = x.length / columns;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const [a, b, c, d] = [r * columns, (r + 1) * columns, (r + 2) * columns, (r + 3) * columns];
    for (let i = 0; i < columns; i++) {
      const [x0, x1, x2, x3] = [x[a + i]!, x[b + i]!, x[c + i]!, x[d + i]!];
      for (let j = 0, o = i * columns; j < columns; j++, o++) {
        out[o]! += x0 * y[a + j]! + x1 * y[b + j]! + x2 * y[c + j]! + x3 * y[d + j]!;
      }
    }
  }
  for (; r < rows; r++) {
    for (let i = 0; i < columns; i++) {
      const x0 = x[r * columns + i]!;
      for (let j = 0; j < columns; j++) out[i * columns + j]! += x0 * y[r * columns + j]!;
    }
  }
}
