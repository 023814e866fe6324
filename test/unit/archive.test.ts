import { describe, expect, it } from 'vitest';
import { archiveAttention, NoteArchive, softplus } from '../../models/analysis/archive.js';
import { ResumePoints } from '../../models/analysis/resume-points.js';
import type { MemMambaConfig } from '../../models/memmamba/config.js';
import type { StateSnapshot } from '../../models/memmamba/engine.js';

const config = { nLayer: 2, archiveLayers: [1], chunk: 8, noteDim: 4 } as unknown as MemMambaConfig;

/** Notes whose first entry is their position, and scores of the archived layer. */
function traceOf(position: number, scores: readonly number[]) {
  const length = scores.length;
  return {
    scores: Float32Array.from([...new Array<number>(length).fill(100), ...scores]),
    archiveNotes: Float32Array.from({ length: length * 4 }, (_, i) => (i % 4 === 0 ? position + i / 4 : 0.5)),
  };
}

describe('the note archive', () => {
  const scores = Array.from({ length: 100 }, (_, t) => (t * 37) % 101);

  it('keeps the four best of every chunk, whatever the segments, the last chunk included', () => {
    const expected: number[] = [];
    for (let chunk = 0; chunk < 100; chunk += 8) {
      const tokens = scores.map((score, token) => ({ score, token })).slice(chunk, chunk + 8);
      tokens.sort((a, b) => b.score - a.score || a.token - b.token);
      expected.push(...tokens.slice(0, 4).map(({ token }) => token));
    }
    for (const segment of [1, 7, 8, 100]) {
      const archive = new NoteArchive(config, 1 << 20);
      for (let at = 0; at < 100; at += segment)
        archive.record(at, traceOf(at, scores.slice(at, at + segment)));
      archive.finish();
      const [layer] = archive.layers;
      expect([...layer!.positions.subarray(0, layer!.count)]).toEqual(expected);
    }
  });

  it('drops the lowest scores first when it is full, and keeps rows together', () => {
    const capacity = 40;
    const archive = new NoteArchive(config, capacity * 16);
    for (let at = 0; at < 8000; at += 8) {
      archive.record(
        at,
        traceOf(
          at,
          Array.from({ length: 8 }, (_, i) => ((at + i) * 7919) % 10007),
        ),
      );
    }
    const layer = archive.layers[0]!;
    expect(layer.count).toBeLessThanOrEqual(capacity);
    expect(archive.byteLength).toBeLessThanOrEqual(capacity * 16 + 1024);
    const best = Array.from({ length: 8000 }, (_, t) => (t * 7919) % 10007).sort((a, b) => b - a);
    const kept = [...layer.scores.subarray(0, layer.count)].sort((a, b) => b - a);
    // Whatever was dropped was lower than everything that stayed: the best are all there.
    expect(kept.slice(0, 25)).toEqual(best.slice(0, 25));
    for (let j = 0; j < layer.count; j++) {
      expect((layer.positions[j]! * 7919) % 10007).toBe(layer.scores[j]);
    }
  });

  it('is attended to as the model attends to its pool', () => {
    const archive = new NoteArchive(config, 1 << 20);
    const notes = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const own = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i));
    archive.record(0, { scores: Float32Array.from([...own, ...own]), archiveNotes: notes });
    const layer = archive.layers[0]!;
    const queries = Float32Array.from({ length: 2 * 4 }, (_, i) => Math.sin(3 * i + 1));
    const weights = archiveAttention(layer, queries, 4);
    expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    const expected = new Float64Array(layer.count);
    for (const query of [queries.subarray(0, 4), queries.subarray(4)]) {
      const exps = Array.from({ length: layer.count }, (_, j) => {
        const token = layer.positions[j]!;
        let dot = 0;
        for (let d = 0; d < 4; d++) dot += query[d]! * notes[token * 4 + d]!;
        return Math.exp(dot) / (1 + Math.exp(-own[token]!));
      });
      const sum = exps.reduce((a, b) => a + b);
      for (let j = 0; j < layer.count; j++) expected[j]! += exps[j]! / sum / 2;
    }
    for (let j = 0; j < layer.count; j++) expect(weights[j]).toBeCloseTo(expected[j]!, 3);
    expect(archiveAttention(new NoteArchive(config, 1000).layers[0]!, queries, 4)).toHaveLength(0);
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
