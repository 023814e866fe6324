import type { Rows } from '../../../kernels/cpu/rows.js';
import type { PoolSequenceCpu } from '../../../kernels/note-pool/note-pool.cpu.js';
import { poolEntryOf } from '../../../kernels/note-pool/pool-rule.js';
import type { MemMambaConfig } from '../config.js';
import type { AttentionTrace, SegmentTrace } from '../engine.js';
import { salienceOf, type SentenceHead } from '../sentence-head.js';

/** What the traces take of a layer. */
export interface TracedLayer {
  readonly scores: Rows;
  readonly notes: Rows;
  /** (L, nHeads · noteDim) of the token attention. */
  readonly queries: Rows;
  readonly pool: PoolSequenceCpu;
  /** (dInner). */
  readonly deltaSum: Float32Array;
  /** (L) the sentence head's product, where the layer has one. */
  readonly sentence: Rows | undefined;
}

/** Where a segment lies in the document. */
export interface Place {
  readonly position: number;
  readonly tokens: Uint32Array;
}

/** Collects the {@link SegmentTrace} layer by layer. */
export class Tracer {
  readonly #config: MemMambaConfig;
  readonly #heads: readonly SentenceHead[];

  readonly #collected: SegmentTrace;
  readonly #length: number;
  /** (heads, L). */
  readonly #sentence: Float32Array;

  constructor(config: MemMambaConfig, heads: readonly SentenceHead[], { position, tokens }: Place) {
    this.#config = config;
    this.#heads = heads;

    const { nLayer, dInner, chunk, poolSize, noteDim, archiveLayers } = config;
    const length = tokens.length;
    const firstEnd = (Math.floor(position / chunk) + 1) * chunk;
    const ends = Math.floor((position + length) / chunk) - Math.floor(position / chunk);
    this.#length = length;
    this.#sentence = new Float32Array(heads.length * length);
    this.#collected = {
      scores: new Float32Array(nLayer * length),
      chunkEnds: Int32Array.from({ length: ends }, (_, i) => firstEnd + i * chunk),
      poolPositions: new Int32Array(nLayer * ends * poolSize),
      archiveNotes: new Float32Array(archiveLayers.length * length * noteDim),
      deltaSums: new Float32Array(nLayer * dInner),
    };
  }

  /** What was collected of all layers. */
  get result(): SegmentTrace {
    const collected = this.#collected;
    const heads = this.#heads;
    const sentence = this.#sentence;
    return heads.length === 0 ? collected : { ...collected, salience: salienceOf(heads, sentence) };
  }

  add({ scores, notes, pool, deltaSum, sentence }: TracedLayer, layer: number): void {
    const { dInner, poolSize, noteDim, archiveLayers } = this.#config;
    const result = this.#collected;
    const length = this.#length;
    result.scores.set(copyOf(scores, length, 1), layer * length);
    result.poolPositions.set(
      // The first entry is the pool before the segment.
      pool.positions.subarray(poolSize),
      layer * result.chunkEnds.length * poolSize,
    );
    result.deltaSums.set(deltaSum, layer * dInner);
    archiveLayers.forEach((archived, i) => {
      if (archived === layer) {
        result.archiveNotes.set(copyOf(notes, length, noteDim), i * length * noteDim);
        if (sentence) this.#sentence.set(copyOf(sentence, length, 1), i * length);
      }
    });
  }
}

/** Collects the {@link AttentionTrace} layer by layer; the engine writes the weights. */
export class AttentionTracer {
  readonly #config: MemMambaConfig;
  readonly #place: Place;

  readonly result: AttentionTrace;

  constructor(config: MemMambaConfig, place: Place) {
    this.#config = config;
    this.#place = place;

    const { nLayer, nHeads, noteDim, poolSize, archiveLayers } = config;
    const length = place.tokens.length;
    this.result = {
      weights: new Float32Array(nLayer * length * nHeads * poolSize),
      positions: new Int32Array(nLayer * length * poolSize),
      queries: new Float32Array(archiveLayers.length * length * nHeads * noteDim),
    };
  }

  add({ pool, queries }: TracedLayer, layer: number): void {
    const { nHeads, noteDim, chunk, poolSize, archiveLayers } = this.#config;
    const { result } = this;
    const length = this.#place.tokens.length;
    for (let t = 0; t < length; t++) {
      const entry = poolEntryOf(chunk, this.#place.position, t);
      const from = pool.positions.subarray(entry * poolSize, (entry + 1) * poolSize);
      result.positions.set(from, (layer * length + t) * poolSize);
    }
    const width = nHeads * noteDim;
    archiveLayers.forEach((archived, i) => {
      if (archived === layer) result.queries.set(copyOf(queries, length, width), i * length * width);
    });
  }
}

/** The first `width` columns of rows. */
export function copyOf(
  { data, offset, stride }: Rows,
  length: number,
  width: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(length * width);
  for (let t = 0; t < length; t++) {
    out.set(data.subarray(offset + t * stride, offset + t * stride + width), t * width);
  }
  return out;
}
