import type { Readback } from '../../../kernels/gpu/readback.js';
import type { Recorder } from '../../../kernels/gpu/recorder.js';
import { columns, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import { chunksEnded, poolEntryOf } from '../../../kernels/note-pool/pool-rule.js';
import type { MemMambaConfig } from '../config.js';
import type { AttentionTrace, ForwardOptions, ForwardResult, SegmentTrace } from '../engine.js';
import { blocksTouched, PASSAGE_DIMS } from '../passage-head.js';
import { noteStream } from '../retrieval-head.js';
import { salienceOf, type SentenceHead } from '../sentence-head.js';
import type { Segment } from '../streaming-engine.js';
import type { GpuLayers } from './gpu-layers.js';
import type { SegmentTensors } from './webgpu-dense.js';

/** A reader of what came back: views by name and number of elements. */
type Read = Awaited<ReturnType<Readback['finish']>>;

/** What a model's traces are made of besides the passes. */
export interface TraceParts {
  readonly config: MemMambaConfig;
  readonly sentence: readonly SentenceHead[];
  /** (dModel) each: the norms in front of the archive layers' note blocks. */
  readonly noteNorms: readonly Float32Array[];
  readonly layers: GpuLayers;
  readonly readback: Readback;
}

/** Brings back what was asked of one forward pass, all but the logits. */
export class GpuTrace {
  readonly #parts: TraceParts;
  readonly #options: ForwardOptions;
  readonly #position: number;
  readonly #length: number;
  /** Pools a layer: the one before the segment, and one after every chunk that ended in it. */
  readonly #entries: number;

  /** Begins a read-back. */
  constructor(parts: TraceParts, { position, tokens }: Segment<GPUBuffer>, options: ForwardOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#position = position;
    this.#length = tokens.length;
    this.#entries = chunksEnded(parts.config.chunk, position, tokens.length) + 1;
    parts.readback.begin(this.#sizes());
  }

  /** Takes what a layer leaves in the activations. */
  takeLayer(layer: number, recorder: Recorder, t: SegmentTensors, weights: GpuTensor | undefined): void {
    const { config, readback, layers } = this.#parts;
    const { dModel, noteDim, nHeads, poolSize, archiveLayers } = config;
    const length = this.#length;
    const { window } = layers;
    const pools = this.#entries * poolSize;
    readback.copy(
      recorder,
      window.positions,
      layer * window.entries * poolSize,
      pools,
      'pools',
      layer * pools,
    );
    readback.copy(recorder, t.scores, 0, length, 'scores', layer * length);
    const stream = length * dModel;
    readback.copy(recorder, t.entered, 0, stream, 'stream', layer * stream);
    const archive = archiveLayers.indexOf(layer);
    if (archive >= 0) {
      const count = length * noteDim;
      readback.copy(recorder, t.notes, 0, count, 'notes', archive * count);
      const sentence = t.sentence(layer);
      if (sentence) readback.copyRows(recorder, sentence, 'sentence', archive * length);
      const width = nHeads * noteDim;
      const queries = columns(t.queries(layer), 0, width);
      readback.copyRows(recorder, queries, 'queries', archive * length * width);
      const last = (length - 1) * dModel;
      readback.copy(recorder, t.residual, last, dModel, 'residuals', archive * dModel);
    }
    if (weights) {
      const count = length * nHeads * poolSize;
      readback.copy(recorder, weights, 0, count, 'weights', layer * count);
    }
  }

  /** Takes what stands behind the layers. */
  takeEnd(recorder: Recorder, t: SegmentTensors): void {
    const { config, readback, layers } = this.#parts;
    const { nLayer, dModel } = config;
    readback.copy(recorder, layers.deltaSums, 0, nLayer * layers.deltaRow, 'deltaSums', 0);
    const stream = this.#length * dModel;
    readback.copy(recorder, t.entered, 0, stream, 'stream', nLayer * stream);
  }

  result(read: Read): ForwardResult {
    const { nLayer, dModel, archiveLayers } = this.#parts.config;
    const { trace, attention, noteStreams, updates, passageSums = 'none' } = this.#options;
    const sums = blocksTouched(this.#position, this.#length) * PASSAGE_DIMS;
    const stream = this.#length * dModel;
    return {
      ...(trace && { trace: this.#trace(read) }),
      ...(attention && { attention: this.#attention(read) }),
      ...(noteStreams && {
        noteStreams: this.#noteStreams(read('residuals', archiveLayers.length * dModel)),
      }),
      ...(updates && { updates: differences(read('stream', (nLayer + 1) * stream), stream) }),
      ...(passageSums !== 'none' && { passageSums: read('sums', sums) }),
    };
  }

  /** Elements of each part of the read-back. */
  #sizes(): Record<string, number> {
    const { config, sentence, layers } = this.#parts;
    const { nLayer, dModel, noteDim, nHeads, poolSize, archiveLayers } = config;
    const { trace = false, attention = false, noteStreams, updates } = this.#options;
    const { passageSums = 'none' } = this.#options;
    const length = this.#length;
    return {
      ...((trace || attention) && { pools: nLayer * this.#entries * poolSize }),
      ...(trace && {
        scores: nLayer * length,
        notes: archiveLayers.length * length * noteDim,
        deltaSums: nLayer * layers.deltaRow,
        ...(sentence.length > 0 && { sentence: sentence.length * length }),
      }),
      ...(attention && {
        weights: nLayer * length * nHeads * poolSize,
        queries: archiveLayers.length * length * nHeads * noteDim,
      }),
      ...(updates && { stream: (nLayer + 1) * length * dModel }),
      ...(noteStreams && { residuals: archiveLayers.length * dModel }),
      ...(passageSums !== 'none' && { sums: blocksTouched(this.#position, length) * PASSAGE_DIMS }),
    };
  }

  #trace(read: Read): SegmentTrace {
    const { config, sentence, layers } = this.#parts;
    const { nLayer, noteDim, poolSize, archiveLayers, chunk } = config;
    const length = this.#length;
    return {
      scores: read('scores', nLayer * length),
      chunkEnds: chunkEndsOf(this.#position, chunk, this.#entries - 1),
      poolPositions: withoutFirst(this.#pools(read), nLayer, poolSize),
      archiveNotes: read('notes', archiveLayers.length * length * noteDim),
      deltaSums: this.#unpadded(read('deltaSums', nLayer * layers.deltaRow)),
      ...(sentence.length > 0 && {
        salience: salienceOf(sentence, read('sentence', sentence.length * length)),
      }),
    };
  }

  #attention(read: Read): AttentionTrace {
    const { nLayer, nHeads, noteDim, poolSize, archiveLayers } = this.#parts.config;
    const length = this.#length;
    return {
      weights: read('weights', nLayer * length * nHeads * poolSize),
      positions: this.#perToken(this.#pools(read)),
      queries: read('queries', archiveLayers.length * length * nHeads * noteDim),
    };
  }

  /** (nLayer, entries, poolSize). */
  #pools(read: Read): Int32Array {
    const { nLayer, poolSize } = this.#parts.config;
    const values = read('pools', nLayer * this.#entries * poolSize);
    return new Int32Array(values.buffer, values.byteOffset, values.length);
  }

  /** (nLayer, length, poolSize) the pool that each token read. */
  #perToken(pools: Int32Array): Int32Array {
    const { nLayer, poolSize, chunk } = this.#parts.config;
    const length = this.#length;
    const out = new Int32Array(nLayer * length * poolSize);
    for (let layer = 0; layer < nLayer; layer++) {
      for (let t = 0; t < length; t++) {
        const from = (layer * this.#entries + poolEntryOf(chunk, this.#position, t)) * poolSize;
        out.set(pools.subarray(from, from + poolSize), (layer * length + t) * poolSize);
      }
    }
    return out;
  }

  /** Norms the last token's residual streams of the archive layers, (archiveLayers.length, dModel). */
  #noteStreams(residuals: Float32Array): Float32Array {
    const { config, noteNorms } = this.#parts;
    const { dModel, normEps } = config;
    const out = new Float32Array(residuals.length);
    noteNorms.forEach((weight, i) => {
      out.set(noteStream(residuals.subarray(i * dModel, (i + 1) * dModel), weight, normEps), i * dModel);
    });
    return out;
  }

  /** (nLayer, row of the device's sums) → (nLayer, dInner). */
  #unpadded(padded: Float32Array): Float32Array {
    const { nLayer, dInner } = this.#parts.config;
    const { deltaRow } = this.#parts.layers;
    const out = new Float32Array(nLayer * dInner);
    for (let layer = 0; layer < nLayer; layer++) {
      out.set(padded.subarray(layer * deltaRow, layer * deltaRow + dInner), layer * dInner);
    }
    return out;
  }
}

function chunkEndsOf(position: number, chunk: number, ended: number): Int32Array {
  const first = (Math.floor(position / chunk) + 1) * chunk;
  return Int32Array.from({ length: ended }, (_, i) => first + i * chunk);
}

/** (nLayer, entries, poolSize) without the first entry of each layer, which is the pool before the segment. */
function withoutFirst(pools: Int32Array, nLayer: number, poolSize: number): Int32Array {
  const row = pools.length / nLayer;
  const out = new Int32Array(pools.length - nLayer * poolSize);
  for (let layer = 0; layer < nLayer; layer++) {
    out.set(pools.subarray(layer * row + poolSize, (layer + 1) * row), layer * (row - poolSize));
  }
  return out;
}

/** Differences of neighbouring blocks of `size` values. */
function differences(stream: Float32Array, size: number): Float32Array {
  const out = new Float32Array(stream.length - size);
  for (let i = 0; i < out.length; i++) out[i] = stream[i + size]! - stream[i]!;
  return out;
}
