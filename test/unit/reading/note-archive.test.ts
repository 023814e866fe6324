import { describe, expect, it } from 'vitest';
import { SimdModule } from '../../../kernels/simd/module.js';
import { NoteArchive, type ArchiveLayer } from '../../../models/reading/note-archive.js';
import { NoteAttention, softplus } from '../../../models/search/note-attention.js';
import { FROM_FLOAT16, toFloat16 } from '../../../models/reading/float16.js';
import { ResumePoints } from '../../../models/reading/resume-points.js';
import { prepareSimd } from '../../../models/cli/simd.js';
import type { MemMambaConfig } from '../../../models/memmamba/config.js';
import type { StateSnapshot } from '../../../models/memmamba/engine.js';

const config = { nLayer: 2, archiveLayers: [1], chunk: 8, noteDim: 4 } as unknown as MemMambaConfig;

/** Notes whose first entry is their position, and scores of the archived layer. */
function traceOf(position: number, scores: readonly number[]) {
  const length = scores.length;
  return {
    scores: Float32Array.from([...new Array<number>(length).fill(100), ...scores]),
    archiveNotes: Float32Array.from({ length: length * 4 }, (_, i) => (i % 4 === 0 ? position + i / 4 : 0.5)),
  };
}

prepareSimd();

describe('the note archive', () => {
  const scores = Array.from({ length: 100 }, (_, t) => (t * 37) % 101);

  /** First entries of the gists, as numbers: mean positions. */
  const positionsOf = ({ count, notes }: ArchiveLayer): number[] =>
    Array.from({ length: count }, (_, j) => FROM_FLOAT16[notes[4 * j]!]!);
  const read = (archive: NoteArchive, from: number, to: number, segment: number): void => {
    for (let at = from; at < to; at += segment) {
      const end = Math.min(to, at + segment);
      archive.record(at, traceOf(at, scores.slice(at, end)));
    }
  };

  it('keeps the mean of every gist, whatever the segments, the last, shorter one included', () => {
    for (const segment of [1, 7, 8, 16, 100]) {
      const archive = new NoteArchive(config, 1 << 20);
      read(archive, 0, 100, segment);
      archive.finish();
      const layer = archive.layers[0]!;
      // Chunks of 8 tokens: 12 gists, and one of 4.
      expect(layer.count).toBe(13);
      expect([...layer.positions.subarray(0, 14)]).toEqual([
        ...Array.from({ length: 13 }, (_, j) => 8 * j),
        100,
      ]);
      for (const [j, position] of positionsOf(layer).entries()) {
        const [from, to] = [8 * j, Math.min(100, 8 * j + 8)];
        expect(position).toBe((from + to - 1) / 2);
        expect(FROM_FLOAT16[layer.notes[4 * j + 1]!]).toBe(0.5);
        const sum = scores.slice(from, to).reduce((total, score) => total + score, 0);
        expect(layer.scores[j]).toBeCloseTo(sum / (to - from), 4);
      }
    }
  });

  it('has gists of 16 tokens where chunks are multiples of that', () => {
    const archive = new NoteArchive({ ...config, chunk: 32 }, 1 << 20);
    read(archive, 0, 100, 9);
    archive.finish();
    expect([...archive.layers[0]!.positions.subarray(0, 8)]).toEqual([0, 16, 32, 48, 64, 80, 96, 100]);
  });

  it('joins neighbours when it is full, and keeps all of the document', () => {
    const capacity = 16;
    const archive = new NoteArchive(config, capacity * 16);
    const length = 1000;
    for (let at = 0; at < length; at += 10) archive.record(at, traceOf(at, new Array<number>(10).fill(at)));
    archive.finish();
    const layer = archive.layers[0]!;
    // Gists of 8, 16, 32 and at last 64 tokens: 15 of 64 and one of 40.
    expect([...layer.positions.subarray(0, layer.count + 1)]).toEqual([
      ...Array.from({ length: 16 }, (_, j) => 64 * j),
      length,
    ]);
    for (const [j, position] of positionsOf(layer).entries()) {
      // f16 has eleven bits.
      expect(Math.abs(position - (64 * j + Math.min(length, 64 * j + 64) - 1) / 2)).toBeLessThanOrEqual(0.5);
    }
    expect(archive.byteLength).toBeLessThan(64 * 17 + 8);
  });

  it('goes back to any token as if what followed had not been read', () => {
    for (const capacity of [1 << 20, 8 * 16]) {
      for (const back of [0, 3, 8, 53, 64, 99]) {
        const archive = new NoteArchive(config, capacity);
        read(archive, 0, 100, 10);
        archive.finish();
        const start = back - (back % 8);
        const { scores: own, archiveNotes } = traceOf(start, scores.slice(start, back));
        const pending = {
          positions: new Int32Array(8),
          scores: own.subarray(back - start),
          notes: archiveNotes,
        };
        archive.rewind(back, [{ pending }, { pending }]);
        // Then something else follows.
        for (let at = back; at < 120; at++) archive.record(at, traceOf(at, [7]));
        archive.finish();
        const layer = archive.layers[0]!;
        expect(layer.positions[layer.count]).toBe(120);
        for (const [j, position] of positionsOf(layer).entries()) {
          const [from, to] = [layer.positions[j]!, layer.positions[j + 1]!];
          // A joined gist that reached over the place stands for its beginning.
          const slack = capacity > 1000 ? 0.1 : 12;
          expect(Math.abs(position - (from + to - 1) / 2)).toBeLessThanOrEqual(slack);
        }
      }
    }
  });

  /** Mean attention of the queries, by the definition in f64. */
  function attended(
    { count, scores, notes }: ArchiveLayer,
    queries: Float32Array,
    dim: number,
  ): Float64Array {
    const rows = queries.length / dim;
    const total = new Float64Array(count);
    for (let r = 0; r < rows; r++) {
      const exps = Array.from({ length: count }, (_, j) => {
        let dot = 0;
        for (let d = 0; d < dim; d++) dot += queries[r * dim + d]! * FROM_FLOAT16[notes[j * dim + d]!]!;
        return Math.exp(dot) / (1 + Math.exp(-scores[j]!));
      });
      const sum = exps.reduce((a, b) => a + b);
      for (let j = 0; j < count; j++) total[j]! += exps[j]! / sum / rows;
    }
    return total;
  }

  it.each([
    { count: 4, dim: 4, rows: 2, spread: 1 },
    { count: 61, dim: 20, rows: 7, spread: 3 },
    // More than are multiplied at a time, and weights that vanish beside the highest.
    { count: 700_000, dim: 4, rows: 6, spread: 12 },
  ])('is attended to as the model attends to its pool: $count notes', ({ count, dim, rows, spread }) => {
    const layer = {
      count,
      positions: new Uint32Array(count + 1),
      scores: Float32Array.from({ length: count }, (_, j) => 5 * Math.cos(j)),
      notes: Uint16Array.from({ length: count * dim }, (_, i) => toFloat16(Math.sin(i) * spread)),
    };
    const queries = Float32Array.from({ length: rows * dim }, (_, i) => Math.sin(3 * i + 1) * spread);
    const expected = attended(layer, queries, dim);
    const most = Math.max(...expected.subarray(0, 1000), 1 / count);
    for (const relaxed of [false, true]) {
      const attention = new NoteAttention(new SimdModule(relaxed), layer, dim);
      const sums = new Float64Array(count);
      attention.add(queries, 1 / rows, sums);
      expect(sums.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
      let worst = 0;
      for (let j = 0; j < count; j++) worst = Math.max(worst, Math.abs(sums[j]! - expected[j]!));
      // f32 for f64: logits of size 500 differ by 1e-4.
      expect(worst / most).toBeLessThan(1e-3);
      // A second call adds to the first.
      attention.add(queries, 1 / rows, sums);
      expect(sums[0]).toBeCloseTo(2 * expected[0]!, 4);
    }
  });

  it('has no attention where it is empty', () => {
    const empty = new NoteArchive(config, 1000).layers[0]!;
    const sums = new Float64Array(0);
    new NoteAttention(new SimdModule(), empty, 4).add(Float32Array.of(1, 2, 3, 4), 1, sums);
    expect(sums).toHaveLength(0);
  });

  it('computes log(1 + eˣ) without overflow', () => {
    expect(softplus(1000)).toBe(1000);
    expect(softplus(-1000)).toBe(0);
    expect(softplus(0)).toBeCloseTo(Math.LN2, 15);
  });
});

describe('resume points', () => {
  const snapshotAt = (position: number): StateSnapshot => ({
    position,
    layers: [
      {
        convTail: new Float32Array(2),
        h: new Float32Array(20),
        pool: { positions: new Int32Array(0), scores: new Float32Array(0), notes: new Float32Array(0) },
        pending: { positions: new Int32Array(0), scores: new Float32Array(0), notes: new Float32Array(0) },
      },
    ],
  });

  it('keep exact sums of Δ while they thin themselves out under their cap', () => {
    const points = new ResumePoints(2, 10, 700);
    let position = 0;
    for (let step = 0; step < 200; step++) {
      position += 10;
      points.accumulate(Float32Array.of(1, step));
      if (points.isDue(position)) points.save(snapshotAt(position));
      expect(points.byteLength).toBeLessThanOrEqual(700);
    }
    expect(points.all.length).toBeGreaterThan(3);
    expect(points.all.length).toBeLessThan(9);
    for (const [i, point] of points.all.entries()) {
      const steps = point.position / 10;
      expect([...points.sumsFrom(i)]).toEqual([200 - steps, (199 * 200) / 2 - ((steps - 1) * steps) / 2]);
      expect(points.indexAt(point.position)).toBe(i);
      expect(points.indexAt(point.position + 1)).toBe(i);
      if (i > 0) expect(point.snapshot!.position).toBe(point.position);
    }
    expect([...points.sumsFrom(points.all.length)]).toEqual([0, 0]);
    const gaps = points.all.slice(1).map(({ position: p }, i) => p - points.all[i]!.position);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
  });
});
