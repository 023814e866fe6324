import { Int8Matrix, reserveQuantizedRows } from './int8-matrix.js';
import { SimdModule, hasRelaxedSimd } from './module.js';

/** One token more than the kernel takes at a time, so that all of its loops run. */
const [TOKENS, INPUTS, OUTPUTS] = [65, 384, 256] as const;
/** Products a sample: clocks of browsers have steps of 0.1 ms. */
const PRODUCTS = 8;
/** Samples of each; by the last ones the runtime has optimized the code. */
const SAMPLES = 8;

let known: Promise<boolean> | undefined;

/**
 * True where `Int8Matrix` should multiply by the fused instruction: where that is right and faster. Only a trial can
 * tell. The runtime makes one instruction of it or five, by its version and the processor; and the baseline compiler of
 * V8 11.3 (Node 20, where relaxed vectors are an experiment) makes wrong code of it. Results are the same either way.
 * Tried once, in some 50 ms.
 *
 * @throws {RangeError} if there is no memory for the trial
 */
export function prefersFusedDot(): Promise<boolean> {
  return (known ??= tryBoth());
}

async function tryBoth(): Promise<boolean> {
  if (!hasRelaxedSimd()) return false;
  const weights = {
    outputs: OUTPUTS,
    inputs: INPUTS,
    values: Int8Array.from({ length: OUTPUTS * INPUTS }, (_, i) => ((i * 37) % 255) - 127),
    steps: new Float32Array(OUTPUTS).fill(1),
  };
  const tokens = Float32Array.from({ length: TOKENS * INPUTS }, (_, i) => ((i * 29) % 101) - 50);
  const [apart, fused] = [contestant(false), contestant(true)];
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const each of [apart, fused]) each.sample();
    const expected = apart.product();
    if (fused.product().some((value, i) => value !== expected[i])) return false;
    // Optimized code is taken up between calls.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return fused.best() < apart.best();

  function contestant(fused: boolean) {
    const module = new SimdModule(true);
    const matrix = new Int8Matrix(module, reserveQuantizedRows(module, TOKENS, INPUTS, fused), 1, weights);
    const x = { at: module.put(tokens), stride: INPUTS };
    const y = { at: module.reserve(TOKENS * OUTPUTS), stride: OUTPUTS };
    let best = Infinity;
    return {
      sample: () => {
        const start = performance.now();
        for (let i = 0; i < PRODUCTS; i++) matrix.multiply(TOKENS, x, y);
        best = Math.min(best, performance.now() - start);
      },
      product: () => module.floats(y.at, TOKENS * OUTPUTS),
      best: () => best,
    };
  }
}
