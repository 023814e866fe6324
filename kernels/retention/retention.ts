import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, checkTensor, type GpuTensor } from '../gpu/tensor.js';
import type { UniformValue } from '../gpu/uniforms.js';
import { checkInteger } from '../shapes.js';
import { checkLags } from './lags.js';
import code from './retention.wgsl';

export interface RetentionShape {
  readonly dInner: number;
  /** States a channel, 1 to 64. */
  readonly dState: number;
  /** Whether Δ has yet to go through softplus; true by default. */
  readonly softplus?: boolean;
}

/** What the scan of the range read. */
export interface ScanInputs {
  /** (L, dInner) input of the scan. */
  readonly u: GpuTensor;
  /** (L, dInner) Δ, before softplus unless the shape says otherwise. */
  readonly deltaRaw: GpuTensor;
  /** (L, dState). */
  readonly b: GpuTensor;
  /** (dInner, dState) A = -exp(A_log). */
  readonly a: GpuTensor;
}

export interface RetentionArgs extends ScanInputs {
  /** (dInner) ΣΔ from the end of these tokens to T. */
  readonly after: GpuTensor;
  /** (L) receives the retention at T. */
  readonly retention: GpuTensor;
}

export interface MemoryFidelityArgs extends ScanInputs {
  /** Distances k, each 0 or a power of two, rising. */
  readonly lags: readonly number[];
  /** (lags.length, L) receives the fidelity of token t at distance k, 0 where t + k ≥ L. */
  readonly fidelity: GpuTensor;
}

const NAME = 'retention';
const TILE = 32;
const LANES = 64;
const PHASES = ['tile_sums', 'tile_after', 'suffix', 'first', 'double', 'survive'] as const;
type Phase = (typeof PHASES)[number];

/** The part of the uniforms that differs between dispatches. */
interface Survive {
  readonly power: 1 | 2;
  readonly lag: number;
  readonly tokens: number;
  readonly outFirst: number;
}

/** Retention and token memory fidelity; see the README beside this file. */
export class Retention {
  readonly #shape: RetentionShape;
  readonly #kernels: Readonly<Record<Phase, Kernel>>;

  private constructor(shape: RetentionShape, kernels: Readonly<Record<Phase, Kernel>>) {
    this.#shape = shape;
    this.#kernels = kernels;
  }

  /**
   * Compiles the shaders for one shape.
   *
   * @throws {ShapeError} unless `dInner` is at least 1 and `dState` is 1 to 64
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(gpu: Gpu, shape: RetentionShape): Promise<Retention> {
    checkInteger(NAME, 'dInner', shape.dInner, 1);
    checkInteger(NAME, 'dState', shape.dState, 1, 64);
    const kernels = await Promise.all(
      PHASES.map(async (entryPoint) => {
        const kernel = await gpu.pipelines.get({
          name: 'retention',
          code: [activations, code],
          entryPoint,
          constants: { D_STATE: shape.dState, TILE, LANES, SOFTPLUS: Number(shape.softplus ?? true) },
        });
        return [entryPoint, kernel] as const;
      }),
    );
    return new Retention(shape, Object.fromEntries(kernels) as Record<Phase, Kernel>);
  }

  /**
   * Retention of each token at T.
   *
   * @throws {ShapeError} if there are no tokens or a tensor does not have its shape
   * @throws {ShapeError} if `after`, `a` or `retention` is not dense, or `retention` shares its buffer with an input
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: RetentionArgs): void {
    const { dInner } = this.#shape;
    const { u, deltaRaw, b, a, after, retention } = args;
    const length = this.#checkInputs(args);
    checkDense(NAME, 'after', after, dInner);
    checkDense(NAME, 'retention', retention, length);
    checkDistinct(NAME, { retention }, { u, deltaRaw, b, a, after });

    const tiles = Math.ceil(length / TILE);
    const groups = Math.ceil(dInner / LANES);
    const uniforms = this.#uniforms(args, length, { power: 1, lag: 1, tokens: length, outFirst: 0 });
    const { scratch } = recorder.gpu;
    const tileDelta = scratch.take(4 * tiles * dInner);
    const sums = scratch.take(4 * length * dInner);
    const { tile_sums, tile_after, suffix, survive } = this.#kernels;
    recorder.dispatch(tile_sums, uniforms, { 2: deltaRaw, 6: tileDelta }, [groups, tiles]);
    recorder.dispatch(tile_after, uniforms, { 5: after, 6: tileDelta }, [groups]);
    recorder.dispatch(suffix, uniforms, { 2: deltaRaw, 6: tileDelta, 7: sums }, [groups, tiles]);
    recorder.dispatch(survive, uniforms, { 1: u, 2: deltaRaw, 3: b, 4: a, 7: sums, 9: retention }, [length]);
    scratch.giveBack(tileDelta);
    scratch.giveBack(sums);
  }

  /**
   * Fidelity of each token at each distance; `meanFidelity` makes ETMF of it.
   *
   * @throws {ShapeError} if there are no tokens, a tensor does not have its shape, or the distances are as
   * {@link checkLags} forbids
   * @throws {ShapeError} if `a` or `fidelity` is not dense, or `fidelity` shares its buffer with an input
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  recordFidelity(recorder: Recorder, args: MemoryFidelityArgs): void {
    const { dInner } = this.#shape;
    const { u, deltaRaw, b, a, lags, fidelity } = args;
    const length = this.#checkInputs(args);
    checkLags(NAME, lags);
    checkDense(NAME, 'fidelity', fidelity, lags.length, length);
    checkDistinct(NAME, { fidelity }, { u, deltaRaw, b, a });

    const groups = Math.ceil(dInner / LANES);
    const { scratch } = recorder.gpu;
    let sums = scratch.take(4 * length * dInner);
    let other = scratch.take(4 * length * dInner);
    const { first, double, survive } = this.#kernels;
    let k = 0;
    lags.forEach((lag, row) => {
      while (k < lag && k < length) {
        const uniforms = this.#uniforms(args, length, { power: 2, lag: k, tokens: length, outFirst: 0 });
        if (k === 0) {
          recorder.dispatch(first, uniforms, { 2: deltaRaw, 7: sums }, [groups, length]);
        } else {
          [sums, other] = [other, sums];
          recorder.dispatch(double, uniforms, { 7: sums, 8: other }, [groups, length]);
        }
        k = k === 0 ? 1 : 2 * k;
      }
      const tokens = Math.max(0, length - lag);
      const uniforms = this.#uniforms(args, length, { power: 2, lag, tokens, outFirst: row * length });
      recorder.dispatch(survive, uniforms, { 1: u, 2: deltaRaw, 3: b, 4: a, 7: sums, 9: fidelity }, [length]);
    });
    scratch.giveBack(sums);
    scratch.giveBack(other);
  }

  #checkInputs({ u, deltaRaw, b, a }: ScanInputs): number {
    const { dInner, dState } = this.#shape;
    const length = u.shape[0] ?? 0;
    checkInteger(NAME, 'the length of u', length, 1);
    checkTensor(NAME, 'u', u, length, dInner);
    checkTensor(NAME, 'deltaRaw', deltaRaw, length, dInner);
    checkTensor(NAME, 'b', b, length, dState);
    checkDense(NAME, 'a', a, dInner, dState);
    return length;
  }

  #uniforms({ u, deltaRaw, b }: ScanInputs, length: number, survive: Survive): UniformValue[] {
    return [
      ...[length, this.#shape.dInner, Math.ceil(length / TILE), u.stride, u.column],
      ...[deltaRaw.stride, deltaRaw.column, b.stride, b.column],
      ...[survive.power, survive.lag, survive.tokens, survive.outFirst],
    ];
  }
}
