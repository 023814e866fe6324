import { rows } from '../../../kernels/cpu/rows.js';
import { meanFidelity } from '../../../kernels/retention/lags.js';
import { prefersFusedDot } from '../../../kernels/simd/fused-dot.js';
import { SimdModule } from '../../../kernels/simd/module.js';
import { SimdOperators } from '../../../kernels/simd/simd.js';
import type {
  DecayOptions,
  DecayResult,
  EngineName,
  ForwardOptions,
  ForwardResult,
  StateSnapshot,
} from '../engine.js';
import { StreamingEngine, type Segment } from '../streaming-engine.js';
import type { TrainedWeights } from '../trained.js';
import type { MemMambaModel } from '../weights.js';
import { CpuArrays } from './cpu-arrays.js';
import { CpuForward, HEAD_ROWS } from './cpu-forward.js';
import { CpuHeads } from './cpu-heads.js';
import { cpuWidths, packWeights, type Precision } from './cpu-layers.js';
import { CpuStates, type CpuSlot } from './cpu-states.js';
import { AttentionTracer, Tracer } from './cpu-trace.js';

/**
 * Tokens a segment: few enough that the arrays of a layer stay in a core's second cache, enough that reading the
 * weights does not matter.
 */
const SEGMENT_LENGTH = 256;

export interface CpuEngineOptions {
  /** Default `f32`. With `int8` the engine is `cpu-int8`; `docs/runtime.md` states what that costs. */
  readonly precision?: Precision;
  readonly segmentLength?: number;
  /** Kernels with fused multiply-add; default: where the runtime has them. */
  readonly relaxed?: boolean;
}

/**
 * The engine without a GPU: everything on one thread, in WebAssembly vectors. Weights and activations stand in the
 * memory of the kernels, so nothing is copied between the steps of a layer. What it computes for a token does not
 * depend on how the tokens are cut into segments, to the bit.
 */
export class CpuEngine extends StreamingEngine<CpuSlot> {
  override readonly name: EngineName;
  override readonly device = 'WASM, 1 thread';
  /** Never settles: there is no device to lose. */
  override readonly lost = new Promise<string>(() => undefined);

  readonly #trained: TrainedWeights;
  readonly #arrays: CpuArrays;
  readonly #states: CpuStates;
  readonly #forward: CpuForward;
  readonly #heads: CpuHeads;
  #operators: SimdOperators | undefined;

  private constructor(
    model: MemMambaModel,
    module: SimdModule,
    precision: Precision,
    segmentLength: number,
    fused: boolean,
  ) {
    super(model, segmentLength);
    this.name = precision === 'int8' ? 'cpu-int8' : 'cpu';
    const { config, trained } = model;
    const { poolSize, chunk, noteDim, replacement, tau1 } = config;
    const rule = { poolSize, chunk, noteDim, replacement, tau1 };
    const weights = packWeights(model, module, precision, segmentLength, fused);
    const headRows = Math.min(HEAD_ROWS, segmentLength);
    const arrays = new CpuArrays(config, module, segmentLength, headRows, this.heads);
    this.#trained = trained;
    this.#arrays = arrays;
    this.#states = new CpuStates(config, rule, cpuWidths(config).inner);
    this.#forward = new CpuForward({ config, trained, weights, arrays, module }, rule, this.#states);
    this.#heads = new CpuHeads(weights.heads, arrays, this.#forward);
  }

  /** Packs the weights into the memory of the kernels; the model's own arrays are left as they are. */
  static async create(model: MemMambaModel, options: CpuEngineOptions = {}): Promise<CpuEngine> {
    const { precision = 'f32', segmentLength = SEGMENT_LENGTH, relaxed } = options;
    const fused = precision === 'int8' && relaxed !== false && (await prefersFusedDot());
    return new CpuEngine(model, new SimdModule(relaxed), precision, segmentLength, fused);
  }

  protected override createSlot(): CpuSlot {
    return this.#states.create();
  }

  protected override releaseSlot(): void {
    // The garbage collector takes it.
  }

  protected override copySlot(from: CpuSlot, to: CpuSlot): void {
    this.#states.copy(from, to);
  }

  protected override fillSlot(slot: CpuSlot, snapshot: StateSnapshot | undefined): void {
    this.#states.fill(slot, snapshot);
  }

  protected override readSlot(slot: CpuSlot, position: number): StateSnapshot {
    return this.#states.read(slot, position);
  }

  protected override async forwardSegment(
    segment: Segment<CpuSlot>,
    options: ForwardOptions,
  ): Promise<ForwardResult> {
    const { nLayer, dModel, archiveLayers } = this.config;
    const { logits = 'none', trace = false, attention = false, updates = false } = options;
    const { noteStreams = false, passageSums = 'none', reader = false } = options;
    const length = segment.tokens.length;
    const traced = trace ? new Tracer(this.config, this.sentence, segment) : undefined;
    const attended = attention ? new AttentionTracer(this.config, segment) : undefined;
    const added = updates ? new Float32Array(nLayer * length * dModel) : undefined;
    const streams = noteStreams ? new Float32Array(archiveLayers.length * dModel) : undefined;
    let before = new Float32Array(0);
    await this.#forward.readLayers(segment, {
      lastReads: logits !== 'none' || updates || attention || reader || passageSums !== 'none',
      ...(attended && { weights: attended.result.weights }),
      onLayer: (pass, layer) => {
        traced?.add(pass, layer);
        attended?.add(pass, layer);
      },
      onNote: (layer) => {
        const archived = archiveLayers.indexOf(layer);
        if (archived >= 0) streams?.set(this.#forward.noteStream(layer, length - 1), archived * dModel);
      },
      onResidual: (layer) => {
        if (!added) return;
        const after = this.#forward.residual(length);
        const own = added.subarray(layer * length * dModel);
        if (layer >= 0) after.forEach((value, i) => (own[i] = value - before[i]!));
        before = after;
      },
    });
    return {
      ...(logits !== 'none' && { logits: this.#forward.logits(logits === 'last' ? length - 1 : 0, length) }),
      ...(traced && { trace: traced.result }),
      ...(attended && { attention: attended.result }),
      ...(streams && { noteStreams: streams }),
      ...(added && { updates: added }),
      ...(passageSums !== 'none' && {
        passageSums: this.#heads.passageSums(segment.position, length, passageSums),
      }),
      ...(reader && { reader: this.#heads.reader(length) }),
    };
  }

  protected override async decaySegment(
    segment: Segment<CpuSlot>,
    options: DecayOptions,
  ): Promise<DecayResult> {
    const { nLayer, dInner, dState } = this.config;
    const { lags, after } = options;
    const length = segment.tokens.length;
    const retention = new Float32Array(nLayer * length);
    const etmf = lags && new Float32Array(nLayer * lags.length);
    let etmfCount: Int32Array | undefined;
    const operators = (this.#operators ??= new SimdOperators());
    const { delta } = this.#arrays;
    await this.#forward.readLayers(segment, {
      lastReads: false,
      onLayer: (pass, layer) => {
        const common = {
          length,
          dInner,
          dState,
          u: pass.u,
          deltaRaw: rows(delta.data, delta.stride),
          b: pass.b,
          a: this.#trained.layers[layer]!.a,
        };
        operators.retention({
          ...common,
          after: after.subarray(layer * dInner, (layer + 1) * dInner),
          retention: retention.subarray(layer * length, (layer + 1) * length),
        });
        if (lags && etmf) {
          const fidelity = new Float32Array(lags.length * length);
          operators.memoryFidelity({ ...common, lags, fidelity });
          const mean = meanFidelity(fidelity, lags, length);
          etmf.set(mean.etmf, layer * lags.length);
          etmfCount = mean.count;
        }
      },
    });
    return { retention, ...(etmf && { etmf }), ...(etmfCount && { etmfCount }) };
  }

  protected override checkDevice(): void {
    // There is nothing that could have been lost.
  }

  protected override release(): Promise<void> {
    return Promise.resolve();
  }
}
