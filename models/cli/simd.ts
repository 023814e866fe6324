import v8 from 'node:v8';
import { hasRelaxedSimd, simdModule } from '../../kernels/simd/module.js';

/**
 * Compiles the CPU kernels, with relaxed vectors.
 *
 * Node 20 has relaxed vectors (fused multiply-add among them) but leaves them off; browsers, and so VS Code, have
 * them on. And it compiles them before ONNX Runtime is loaded, whose module must not be optimized (see
 * `node-webgpu.ts`), while these must.
 */
export function prepareSimd(): void {
  if (!hasRelaxedSimd()) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  simdModule(hasRelaxedSimd());
}
