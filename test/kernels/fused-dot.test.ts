import { expect, it } from 'vitest';
import { prefersFusedDot } from '../../kernels/simd/fused-dot.js';
import { Int8Matrix, reserveQuantizedRows } from '../../kernels/simd/int8-matrix.js';
import { SimdModule } from '../../kernels/simd/module.js';
import { prepareSimd } from '../../models/cli/simd.js';

prepareSimd();

const [TOKENS, INPUTS, OUTPUTS] = [7, 72, 16] as const;
const weights = {
  outputs: OUTPUTS,
  inputs: INPUTS,
  values: Int8Array.from({ length: OUTPUTS * INPUTS }, (_, i) => ((i * 91) % 255) - 127),
  steps: new Float32Array(OUTPUTS).fill(0.5),
};
const tokens = Float32Array.from({ length: TOKENS * INPUTS }, (_, i) => Math.sin(i));

function product(relaxed: boolean, fused: boolean): Float32Array {
  const module = new SimdModule(relaxed);
  const matrix = new Int8Matrix(module, reserveQuantizedRows(module, TOKENS, INPUTS, fused), 1, weights);
  const y = { at: module.reserve(TOKENS * OUTPUTS), stride: OUTPUTS };
  matrix.multiply(TOKENS, { at: module.put(tokens), stride: INPUTS }, y);
  return module.floats(y.at, TOKENS * OUTPUTS).slice();
}

// In code of whatever compiler: the runtime decides that.
it('chooses, once, an instruction that gives the same bits as plain vectors', async () => {
  const expected = product(false, false);
  const choice = prefersFusedDot();
  expect(prefersFusedDot()).toBe(choice);
  expect(product(true, await choice)).toEqual(expected);
  expect(product(true, false)).toEqual(expected);
});
