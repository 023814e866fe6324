import activations from '../gpu/activations.wgsl';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipeline.js';
import type { Recorder } from '../gpu/recorder.js';
import { checkDense, checkDistinct, checkTensor, type GpuTensor } from '../gpu/tensor.js';
import { ShapeError, checkInteger } from '../shapes.js';
import rates from './decay-rates.wgsl';
import ratesVec4 from './decay-rates-vec4.wgsl';
import code from './selective-scan.wgsl';

export interface SelectiveScanShape {
  readonly dInner: number;
  /** States a channel, 1 to 64. */
  readonly dState: number;
  /** Whether Δ has yet to go through softplus; true by default. */
  readonly softplus?: boolean;
}

export interface SelectiveScanArgs {
  /** (L, dInner) input after the convolution. */
  readonly u: GpuTensor;
  /** (L, dInner) Δ, its bias added, before softplus unless the shape says otherwise. */
  readonly deltaRaw: GpuTensor;
  /** (L, dInner) gate before silu. */
  readonly z: GpuTensor;
  /** (L, dState). */
  readonly b: GpuTensor;
  /** (L, dState); columns of the same tensor as `b`. */
  readonly c: GpuTensor;
  /** (dInner, dState) A = -exp(A_log). */
  readonly a: GpuTensor;
  /** (dInner) skip. */
  readonly d: GpuTensor;
  /** (dInner, dState) state before the first token. */
  readonly h: GpuTensor;
  /** (L, dInner) output. */
  readonly y: GpuTensor;
  /** (dInner, dState) receives the state after the last token; in another buffer than `h`. */
  readonly nextH: GpuTensor;
  /** (dInner) receives ΣΔ over the tokens. */
  readonly deltaSum: GpuTensor;
}

const NAME = 'selective scan';
/** Tokens staged at once: B and C of two blocks, 64 states wide, just fit the 16 KiB of the default limits. */
const BLOCK = 16;
const LANES = 128;
/** A workgroup of the pass over tiles: small, since it has few invocations to spread over the device. */
const SPINE_LANES = 32;
/** Tokens a tile. On an H100 128 is slower than both its neighbours, presumably for their distance in memory. */
const TILES = [192, 96, 64, 32];
/** Invocations that keep a large GPU busy; more of them only make the tiles shorter. */
const ENOUGH_INVOCATIONS = 65_536;

/** Sizes that decide speed and nothing else; the defaults suit most devices. */
export interface SelectiveScanTuning {
  /** Invocations a workgroup, a channel each. */
  readonly lanes?: number;
  /** Tokens a tile; chosen by the length where it is left out. */
  readonly tile?: number;
}

/** Selective scan with discretization, skip and gate; see the README beside this file. */
export class SelectiveScan {
  readonly #shape: SelectiveScanShape;
  readonly #kernels: { readonly reduce: Kernel; readonly spine: Kernel; readonly scan: Kernel };
  readonly #lanes: number;
  readonly #tile: number | undefined;

  private constructor(
    shape: SelectiveScanShape,
    kernels: { readonly reduce: Kernel; readonly spine: Kernel; readonly scan: Kernel },
    lanes: number,
    tile: number | undefined,
  ) {
    this.#shape = shape;
    this.#kernels = kernels;
    this.#lanes = lanes;
    this.#tile = tile;
  }

  /**
   * Compiles the shaders for one shape.
   *
   * @throws {ShapeError} unless `dInner` is at least 1 and `dState` is 1 to 64
   * @throws {RangeError} if `lanes` is negative or no integer
   * @throws {KernelCompileError} if the device does not compile a shader
   */
  static async create(
    gpu: Gpu,
    shape: SelectiveScanShape,
    { lanes = LANES, tile }: SelectiveScanTuning = {},
  ): Promise<SelectiveScan> {
    checkInteger(NAME, 'dInner', shape.dInner, 1);
    checkInteger(NAME, 'dState', shape.dState, 1, 64);
    const phase = (entryPoint: string): Promise<Kernel> =>
      gpu.pipelines.get({
        name: 'selective-scan',
        code: [activations, shape.dState % 4 === 0 ? ratesVec4 : rates, code],
        entryPoint,
        constants: {
          D_STATE: shape.dState,
          STATE_VEC: Math.ceil(shape.dState / 4),
          BLOCK,
          ...{ LANES: lanes, SPINE_LANES },
          SOFTPLUS: Number(shape.softplus ?? true),
        },
      });
    const [reduce, spine, scan] = await Promise.all([phase('reduce'), phase('spine'), phase('scan')]);
    return new SelectiveScan(shape, { reduce, spine, scan }, lanes, tile);
  }

  /**
   * Records the scan of one segment of L tokens.
   *
   * @throws {ShapeError} if there are no tokens or a tensor does not have its shape
   * @throws {ShapeError} if `b` and `c` are not columns of one tensor
   * @throws {ShapeError} if `a`, `d`, `h`, `nextH` or `deltaSum` is not dense
   * @throws {ShapeError} if an output shares its buffer with an input, or `nextH` with `deltaSum`
   * @throws {RangeError} if the segment needs more workgroups than the device dispatches
   */
  record(recorder: Recorder, args: SelectiveScanArgs): void {
    const { dInner, dState } = this.#shape;
    const { u, deltaRaw, z, b, c, a, d, h, y, nextH, deltaSum } = args;
    const length = u.shape[0] ?? 0;
    checkInteger(NAME, 'the length of u', length, 1);
    for (const [name, tensor] of Object.entries({ u, deltaRaw, z, y })) {
      checkTensor(NAME, name, tensor, length, dInner);
    }
    checkTensor(NAME, 'b', b, length, dState);
    checkTensor(NAME, 'c', c, length, dState);
    if (b.buffer !== c.buffer || b.byteOffset !== c.byteOffset || b.stride !== c.stride) {
      throw new ShapeError(NAME, 'b and c must be columns of one tensor');
    }
    checkDense(NAME, 'a', a, dInner, dState);
    checkDense(NAME, 'd', d, dInner);
    checkDense(NAME, 'h', h, dInner, dState);
    checkDense(NAME, 'nextH', nextH, dInner, dState);
    checkDense(NAME, 'deltaSum', deltaSum, dInner);
    checkDistinct(NAME, { y, nextH, deltaSum }, { u, deltaRaw, z, b, a, d, h });
    if (nextH.buffer === deltaSum.buffer) {
      throw new ShapeError(NAME, 'nextH and deltaSum must lie in different buffers');
    }

    const tile = this.#tile ?? tileOf(length, dInner);
    const tiles = Math.ceil(length / tile);
    const groups = Math.ceil(dInner / this.#lanes);
    const uniforms = [
      ...[length, dInner, tiles, tile, u.stride, u.column],
      ...[deltaRaw.stride, deltaRaw.column, z.stride, z.column],
      ...[b.stride, b.column, c.column, y.stride, y.column],
    ];
    // One binding serves B and C: it reaches to the later of the two.
    const bc = b.column > c.column ? b : c;
    const { scratch } = recorder.gpu;
    const tileState = scratch.take(4 * tiles * dState * dInner);
    const tileDelta = scratch.take(4 * tiles * dInner);
    const { reduce, spine, scan } = this.#kernels;
    recorder.dispatch(reduce, uniforms, { 1: u, 2: deltaRaw, 4: bc, 5: a, 7: tileState, 8: tileDelta }, [
      groups,
      tiles,
    ]);
    recorder.dispatch(spine, uniforms, { 5: a, 7: tileState, 8: tileDelta, 9: h, 10: nextH, 11: deltaSum }, [
      Math.ceil(dInner / SPINE_LANES),
      dState,
    ]);
    recorder.dispatch(scan, uniforms, { 1: u, 2: deltaRaw, 3: z, 4: bc, 5: a, 6: d, 7: tileState, 12: y }, [
      groups,
      tiles,
    ]);
    scratch.giveBack(tileState);
    scratch.giveBack(tileDelta);
  }
}

/**
 * Tokens a tile: as long as there are still enough tiles to keep a large GPU busy, since the pass over tiles is
 * sequential.
 */
function tileOf(length: number, dInner: number): number {
  return TILES.find((tile) => length * dInner >= tile * ENOUGH_INVOCATIONS) ?? TILES.at(-1)!;
}
