import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, checkTensor, type GpuTensor } from '../gpu/tensor.js';
import { f32 } from '../gpu/uniforms.js';
import type { PoolWindow } from '../note-pool/note-pool.js';
import { poolEntryOf } from '../note-pool/pool-rule.js';
import { ShapeError, checkInteger } from '../shapes.js';
import code from './pool-attention.wgsl';

export interface PoolAttentionShape {
  readonly nHeads: number;
  /** A multiple of 4, at most 128. */
  readonly noteDim: number;
  readonly poolSize: number;
  readonly chunk: number;
}

export interface PoolAttentionArgs {
  /** Absolute position of the first token. */
  readonly position: number;
  /** (L, nHeads · noteDim) queries folded into note space: W_kᵀ q / √headDim. */
  readonly queries: GpuTensor;
  readonly window: PoolWindow;
  /** First slot read and number of slots: one for the own layer, several for cross-layer attention. */
  readonly firstSlot: number;
  readonly slots: number;
  /** (L, 1) gate; where it is ≤ tau2 the read is skipped (0). */
  readonly gate?: GpuTensor;
  readonly tau2?: number;
  /** (L, nHeads · noteDim) output. */
  readonly reads: GpuTensor;
  /** (L, nHeads, slots · poolSize) receives the attention weights. */
  readonly weights?: GpuTensor;
}

const NAME = 'pool attention';
const LANES = 64;

/** Folded multi-head attention over the state pools of one or several layers; see the README. */
export class PoolAttention {
  readonly #shape: PoolAttentionShape;
  readonly #kernels: { readonly attend: Kernel; readonly weigh: Kernel };

  private constructor(
    shape: PoolAttentionShape,
    kernels: { readonly attend: Kernel; readonly weigh: Kernel },
  ) {
    this.#shape = shape;
    this.#kernels = kernels;
  }

  /**
   * Compiles the shaders for one shape.
   *
   * @throws {ShapeError} unless `noteDim` is a multiple of 4 up to 128 and every other size is at least 1
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(gpu: Gpu, shape: PoolAttentionShape): Promise<PoolAttention> {
    const { nHeads, noteDim, poolSize, chunk } = shape;
    checkInteger(NAME, 'nHeads', nHeads, 1);
    checkInteger(NAME, 'noteDim', noteDim, 4, 128);
    if (noteDim % 4 !== 0) throw new ShapeError(NAME, `noteDim must be a multiple of 4; it is ${noteDim}`);
    checkInteger(NAME, 'poolSize', poolSize, 1);
    checkInteger(NAME, 'chunk', chunk, 1);
    const phase = (entryPoint: string): Promise<Kernel> =>
      gpu.pipelines.get({
        name: 'pool-attention',
        code: [activations, code],
        entryPoint,
        constants: {
          POOL_SIZE: poolSize,
          CHUNK: chunk,
          HEADS: nHeads,
          NOTE_VEC: noteDim / 4,
          BLOCK: 16,
          LANES,
        },
      });
    const [attend, weigh] = await Promise.all([phase('attend'), phase('weigh')]);
    return new PoolAttention(shape, { attend, weigh });
  }

  /**
   * Records the reads of one segment of L tokens.
   *
   * @throws {ShapeError} if there are no tokens, or `position`, `firstSlot` or `slots` is out of range
   * @throws {ShapeError} if a tensor does not have its shape, or one of the window or `weights` is not dense
   * @throws {ShapeError} if the row stride or first column of `queries` or `reads` is not a multiple of 4
   * @throws {ShapeError} if the tokens reach more pools than the window has room for
   * @throws {ShapeError} if `reads` or `weights` shares its buffer with an input
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: PoolAttentionArgs): void {
    const { nHeads, noteDim, poolSize, chunk } = this.#shape;
    const { position, queries, window, firstSlot, slots, gate, tau2 = 0, reads, weights } = args;
    const length = queries.shape[0] ?? 0;
    const width = nHeads * noteDim;
    checkInteger(NAME, 'the length of queries', length, 1);
    checkInteger(NAME, 'position', position, 0);
    checkTensor(NAME, 'queries', queries, length, width);
    checkTensor(NAME, 'reads', reads, length, width);
    for (const [name, { stride, column }] of Object.entries({ queries, reads })) {
      if (stride % 4 !== 0 || column % 4 !== 0) {
        throw new ShapeError(NAME, `${name} has a row stride or first column that is not a multiple of 4`);
      }
    }
    checkInteger(NAME, 'firstSlot', firstSlot, 0, window.slots - 1);
    checkInteger(NAME, 'slots', slots, 1, window.slots - firstSlot);
    checkDense(NAME, 'window.positions', window.positions, window.slots, window.entries, poolSize);
    checkDense(NAME, 'window.scores', window.scores, window.slots, window.entries, poolSize);
    checkDense(NAME, 'window.notes', window.notes, window.slots, window.entries, poolSize, noteDim);
    const entries = poolEntryOf(chunk, position, length - 1) + 1;
    if (entries > window.entries) {
      throw new ShapeError(
        NAME,
        `the tokens read ${entries} pools; the window has room for ${window.entries}`,
      );
    }
    if (gate) checkTensor(NAME, 'gate', gate, length, 1);
    const inputs = {
      queries,
      windowPositions: window.positions,
      windowScores: window.scores,
      windowNotes: window.notes,
      ...(gate && { gate }),
    };
    checkDistinct(NAME, { reads }, inputs);

    const uniforms = [
      ...[length, position % chunk, window.entries, firstSlot, slots],
      ...[queries.stride / 4, queries.column / 4, reads.stride / 4, reads.column / 4],
      ...[gate?.stride ?? 0, gate?.column ?? 0, f32(tau2)],
    ];
    // Without a gate something must still be bound; the shader does not look at it.
    const bindings = {
      1: queries,
      2: window.positions,
      3: window.scores,
      4: window.notes,
      5: gate ?? window.scores,
    };
    const { attend, weigh } = this.#kernels;
    const blocks = Math.ceil((chunk * nHeads) / LANES);
    recorder.dispatch(attend, uniforms, { ...bindings, 6: reads }, [entries, blocks]);
    if (!weights) return;
    checkDense(NAME, 'weights', weights, length, nHeads, slots * poolSize);
    checkDistinct(NAME, { weights }, inputs);
    recorder.dispatch(weigh, uniforms, { ...bindings, 7: weights }, [Math.ceil((length * nHeads) / LANES)]);
  }
}
