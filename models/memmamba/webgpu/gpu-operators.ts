import { CausalConv } from '../../../kernels/causal-conv/causal-conv.js';
import type { Gpu } from '../../../kernels/gpu/device.js';
import { NotePool } from '../../../kernels/note-pool/note-pool.js';
import { PoolAttention } from '../../../kernels/pool-attention/pool-attention.js';
import { Retention } from '../../../kernels/retention/retention.js';
import { SelectiveScan } from '../../../kernels/selective-scan/selective-scan.js';
import type { MemMambaConfig } from '../config.js';

/** The recurrent kernels of a model. */
export interface GpuOperators {
  readonly conv: CausalConv;
  readonly scan: SelectiveScan;
  readonly pool: NotePool;
  readonly attention: PoolAttention;
  readonly retention: Retention;
}

/**
 * @param softplus whether the kernels take the softplus of Δ, or find it taken
 * @throws {ShapeError} if the configuration has a size that a kernel does not take
 * @throws {KernelCompileError} if the device does not compile a shader
 */
export async function createOperators(
  gpu: Gpu,
  config: MemMambaConfig,
  softplus: boolean,
): Promise<GpuOperators> {
  const { dInner, dState, poolSize, chunk, noteDim, replacement, tau1 } = config;
  const scanned = { dInner, dState, softplus };
  const [conv, scan, pool, attention, retention] = await Promise.all([
    CausalConv.create(gpu, config),
    SelectiveScan.create(gpu, scanned),
    NotePool.create(gpu, { poolSize, chunk, noteDim, replacement, tau1 }),
    PoolAttention.create(gpu, config),
    Retention.create(gpu, scanned),
  ]);
  return { conv, scan, pool, attention, retention };
}
