import type { SimdModule } from '../../../kernels/simd/module.js';
import type { MemMambaConfig } from '../config.js';
import type { TrainedWeights } from '../trained.js';
import type { CpuBlocks } from './cpu-blocks.js';
import type { CpuArrays } from './cpu-arrays.js';
import type { CpuWeights } from './cpu-layers.js';

/** The model's weights, packed and as trained, and the memory they are multiplied in. */
export interface CpuParts {
  readonly config: MemMambaConfig;
  readonly trained: TrainedWeights;
  readonly weights: CpuWeights;
  readonly blocks: CpuBlocks;
  readonly arrays: CpuArrays;
  readonly module: SimdModule;
}
