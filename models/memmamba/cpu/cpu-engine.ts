import { rows } from '../../../kernels/cpu/rows.js';
import { meanFidelity } from '../../../kernels/retention/lags.js';
import { prefersFusedDot } from '../../../kernels/simd/fused-dot.js';
import { SimdModule } from '../../../kernels/simd/module.js';
import { SimdOperators } from '../../../kernels/simd/simd.js';
import type { MemMambaConfig } from '../config.js';
import type {
  DecayOptions,
  DecayResult,
  EngineName,
  ForwardOptions,
  ForwardResult,
  StateSnapshot,
} from '../engine.js';
import type { ReaderModel } from '../reader-model.js';
import { StreamingEngine, type RunInTurn, type Segment } from '../streaming-engine.js';
import type { TrainedWeights } from '../trained.js';
import type { MemMambaModel } from '../weights.js';
import { CpuArrays } from './cpu-arrays.js';
import { CpuForward, HEAD_ROWS } from './cpu-forward.js';
import { CpuBlocks } from './cpu-blocks.js';
import { cpuWidths, packerOf, packReader, packWeights, type Packer, type Precision } from './cpu-layers.js';
import { CpuPassages } from './cpu-passages.js';
import { CpuReader } from './cpu-reader.js';
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

interface Settings {
  readonly precision: Precision;
  readonly segmentLength: number;
  readonly relaxed: boolean | undefined;
  /** Which instruction multiplies integers. */
  readonly fused: boolean;
}

function newPacker(config: MemMambaConfig, { precision, segmentLength, relaxed, fused }: Settings): Packer {
  return packerOf(config, new SimdModule(relaxed), precision, segmentLength, fused);
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
  readonly #passages: CpuPassages | undefined;
  readonly #settings: Settings;
  #operators: SimdOperators | undefined;

  private constructor(model: MemMambaModel, settings: Settings) {
    const { precision, segmentLength } = settings;
    super(model, segmentLength);
    this.#settings = settings;
    this.name = precision === 'int8' ? 'cpu-int8' : 'cpu';
    const { config, trained } = model;
    const { poolSize, chunk, noteDim, replacement, tau1 } = config;
    const rule = { poolSize, chunk, noteDim, replacement, tau1 };
    const packer = newPacker(config, settings);
    const { module } = packer;
    const weights = packWeights(model, packer);
    const headRows = Math.min(HEAD_ROWS, segmentLength);
    const arrays = new CpuArrays(config, module, segmentLength, headRows, { ...this.heads, reader: false });
    this.#trained = trained;
    this.#arrays = arrays;
    this.#states = new CpuStates(config, rule, cpuWidths(config).inner);
    const blocks = new CpuBlocks(config, trained.embedding, weights.layers, { arrays, module });
    this.#forward = new CpuForward({ config, trained, weights, blocks, arrays, module }, rule, this.#states);
    this.#passages = weights.passages && new CpuPassages(weights.passages, arrays, blocks);
  }

  /** Packs the weights into the memory of the kernels; the model's own arrays are left as they are. */
  static async create(model: MemMambaModel, options: CpuEngineOptions = {}): Promise<CpuEngine> {
    const { precision = 'f32', segmentLength = SEGMENT_LENGTH, relaxed } = options;
    const fused = precision === 'int8' && relaxed !== false && (await prefersFusedDot());
    return new CpuEngine(model, { precision, segmentLength, relaxed, fused });
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
    const { noteStreams = false, passageSums = 'none' } = options;
    const length = segment.tokens.length;
    const traced = trace ? new Tracer(this.config, this.sentence, segment) : undefined;
    const attended = attention ? new AttentionTracer(this.config, segment) : undefined;
    const added = updates ? new Float32Array(nLayer * length * dModel) : undefined;
    const streams = noteStreams ? new Float32Array(archiveLayers.length * dModel) : undefined;
    let before = new Float32Array(0);
    await this.#forward.readLayers(segment, {
      lastReads: logits !== 'none' || updates || attention || passageSums !== 'none',
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
        passageSums: this.#passages!.sums(segment.position, length, passageSums),
      }),
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

  protected override createReader(model: ReaderModel, run: RunInTurn): CpuReader {
    const { config, segmentLength } = this;
    // In a memory of its own: that of the engine would move as it grows.
    const packer = newPacker(config, this.#settings);
    const { module } = packer;
    const weights = packReader(model, packer);
    const arrays = new CpuArrays(config, module, segmentLength, 0, { passages: false, reader: true });
    const blocks = new CpuBlocks(config, model.embedding, weights.blocks, { arrays, module });
    const createSlots = () => this.#states.create();
    return new CpuReader(weights, { arrays, blocks, module, createSlots, segmentLength, run });
  }

  protected override checkDevice(): void {
    // There is nothing that could have been lost.
  }

  protected override release(): Promise<void> {
    return Promise.resolve();
  }
}
