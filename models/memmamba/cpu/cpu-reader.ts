import { gelu } from '../../../kernels/cpu/activations.js';
import type { SimdModule } from '../../../kernels/simd/module.js';
import { rows } from '../../../kernels/cpu/rows.js';
import { nextTurn } from '../../scheduling/next-turn.js';
import type { AskedQuestion } from '../engine.js';
import { EngineUseError } from '../errors.js';
import {
  LONGEST_TEXT,
  noneLogit,
  passageLogits,
  READER_WIDTH,
  textOf,
  type ReadPassage,
} from '../reader-head.js';
import type { OpenReader, RunInTurn } from '../streaming-engine.js';
import type { CpuArrays } from './cpu-arrays.js';
import type { BlockSlot, CpuBlocks } from './cpu-blocks.js';
import type { CpuReaderWeights } from './cpu-layers.js';
import { copyOf } from './cpu-trace.js';

/** What the reader works with. */
export interface CpuReaderParts {
  readonly arrays: CpuArrays;
  readonly blocks: CpuBlocks;
  /** Makes an empty memory of a layer. */
  readonly createSlots: () => readonly BlockSlot[];
  readonly segmentLength: number;
  readonly run: RunInTurn;
  readonly module: SimdModule;
}

/** The reader on the CPU: it works in turn with the engine, and reads passage after passage. */
export class CpuReader implements OpenReader {
  readonly longest = LONGEST_TEXT;
  /** Passages gain nothing by being read together. */
  readonly batchTokens = 1;
  readonly #weights: CpuReaderWeights;
  readonly #parts: CpuReaderParts;

  constructor(weights: CpuReaderWeights, parts: CpuReaderParts) {
    this.#weights = weights;
    this.#parts = parts;
  }

  get byteLength(): number {
    return this.#parts.module.byteLength;
  }

  async ask(question: Uint32Array, signal?: AbortSignal): Promise<AskedQuestion> {
    if (question.length === 0) throw new EngineUseError('The question has no token.');
    const slots = this.#parts.createSlots();
    const none = noneLogit(await this.#read(slots, question, signal));
    return {
      none,
      read: (passages, end, own) => this.#readAll(slots, passages, end, own),
      dispose: () => undefined,
    };
  }

  release(): void {
    // The memory of the kernels goes with the engine.
  }

  async #readAll(
    slots: readonly BlockSlot[],
    passages: readonly Uint32Array[],
    end: Uint32Array,
    signal: AbortSignal | undefined,
  ): Promise<ReadPassage[]> {
    const read: ReadPassage[] = [];
    for (const passage of passages) {
      const tokens = textOf(passage, end);
      const copy = slots.map(({ convTail, h }) => ({ convTail: convTail.slice(), h: h.slice() }));
      read.push(passageLogits(await this.#read(copy, tokens, signal), passage.length));
    }
    return read;
  }

  /** (L, 260) what the head makes of tokens; the slots are advanced. */
  #read(slots: readonly BlockSlot[], tokens: Uint32Array, signal?: AbortSignal): Promise<Float32Array> {
    const { segmentLength, run } = this.#parts;
    return run(async () => {
      const outputs = new Float32Array(tokens.length * READER_WIDTH);
      for (let at = 0; at < tokens.length; at += segmentLength) {
        const part = tokens.subarray(at, at + segmentLength);
        outputs.set(await this.#readSegment(slots, part, signal), at * READER_WIDTH);
      }
      return outputs;
    });
  }

  async #readSegment(
    slots: readonly BlockSlot[],
    tokens: Uint32Array,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const { blocks } = this.#parts;
    blocks.embed(tokens);
    for (const [layer, slot] of slots.entries()) {
      await nextTurn();
      signal?.throwIfAborted();
      blocks.scan(tokens.length, layer, slot);
    }
    return this.#outputs(tokens.length);
  }

  #outputs(length: number): Float32Array {
    const { arrays, blocks } = this.#parts;
    const { x, scale, mixed, products } = arrays;
    const { mix, mixBias, outputs, outputsBias } = this.#weights;
    blocks.normScales(0, length);
    mix.multiply(length, x, mixed, { scale: scale.at, bias: mixBias });
    const { data } = mixed;
    for (let i = 0; i < length * mixed.stride; i++) data[i] = gelu(data[i]!);
    outputs.multiply(length, mixed, products, { bias: outputsBias });
    return copyOf(rows(products.data, products.stride), length, READER_WIDTH);
  }
}
