import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../../models/document/index.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { DocumentText } from '../../../models/reading/document-text.js';
import { NoteSearch } from '../../../models/search/note-search.js';
import { findPrompt } from '../../../models/memmamba/prompts.js';
import { passagesOfGists, rankByNotes } from '../../../models/search/passages.js';
import { NoteArchive } from '../../../models/reading/note-archive.js';
import { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import type { RetrievalHead } from '../../../models/memmamba/retrieval-head.js';
import { loadModel, type MemMambaModel } from '../../../models/memmamba/weights.js';
import { MICRO, modelFiles } from '../../support/model-files.js';
import { characterTokenizer as tokenizer, pieces, prose } from '../../support/micro.js';

/** Deterministic values in [-1, 1). */
function values(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

let model: MemMambaModel;
let heads: RetrievalHead[];
let engine: CpuEngine;

beforeAll(async () => {
  const micro = await loadModel(modelFiles(MICRO));
  const { archiveLayers, noteDim, dModel } = micro.config;
  heads = archiveLayers.map((layer, a) => ({
    query: values(noteDim * dModel, 1 + layer),
    key: values(noteDim * noteDim, 100 + layer),
    scale: 10 + a,
  }));
  // Where a model makes vectors of passages, notes are not searched.
  model = { ...micro, trained: { ...micro.trained, passages: undefined }, retrieval: heads };
  engine = await CpuEngine.create(model, { segmentLength: 50 });
});
afterAll(() => engine.dispose());

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
const times = (matrix: Float32Array, v: ArrayLike<number>) =>
  Array.from({ length: matrix.length / v.length }, (_, r) =>
    dot(matrix.subarray(r * v.length, (r + 1) * v.length), v),
  );

/** The archive of a text, and by archive layer the notes of its tokens. */
async function archived(text: string) {
  const { archiveLayers, noteDim } = model.config;
  const archive = new NoteArchive(model.config, 1 << 20);
  const state = engine.createState();
  const { ids } = tokenizer.encode(text);
  const notes = archiveLayers.map((): Float32Array[] => []);
  for (let at = 0; at < ids.length; at += engine.segmentLength) {
    const part = ids.subarray(at, at + engine.segmentLength);
    const { trace } = await engine.forward(state, part, { trace: true });
    archive.record(at, trace!);
    for (let a = 0; a < archiveLayers.length; a++) {
      for (let t = 0; t < part.length; t++) {
        const from = (a * part.length + t) * noteDim;
        notes[a]!.push(trace!.archiveNotes.slice(from, from + noteDim));
      }
    }
  }
  archive.finish();
  return { archive, notes, state };
}

describe('a search of the notes', () => {
  it('asks in the form of training', () => {
    expect(findPrompt(' who built\n the  mill?')).toBe('\n\nFind: who built the mill?\n');
  });

  it('scores a gist by the scaled cosine with the query at its last token', async () => {
    const { archive, notes, state } = await archived(prose(500));
    const query = 'who built the old mill and when was it that its wheel turned';
    const { ids } = tokenizer.encode(findPrompt(query));
    expect(ids.length).toBeGreaterThan(engine.segmentLength);
    const copy = engine.cloneState(state);
    const search = new NoteSearch(archive.layers, engine.retrieval, engine.config.noteDim);
    const found = await search.find(engine, copy, tokenizer, query, { pool: 'on' });
    expect(found.by).toBe('best');

    // The same once more, from the definition, with the query read token by token.
    const whole = engine.cloneState(state);
    let streams = new Float32Array(0);
    for (const id of ids) {
      streams = Float32Array.from(
        (await engine.forward(whole, Uint32Array.of(id), { noteStreams: true })).noteStreams!,
      );
    }
    const { dModel } = model.config;
    for (const [a, head] of heads.entries()) {
      const q = times(head.query, streams.subarray(a * dModel, (a + 1) * dModel));
      const layer = archive.layers[a]!;
      expect(found.scores[a]).toHaveLength(layer.count);
      for (let j = 0; j < layer.count; j++) {
        const of = notes[a]!.slice(layer.positions[j], layer.positions[j + 1]);
        const gist = of[0]!.map((_, d) => of.reduce((sum, note) => sum + note[d]!, 0) / of.length);
        const k = times(head.key, gist);
        const expected = (head.scale * dot(q, k)) / Math.sqrt(dot(q, q) * dot(k, k));
        // Gists are kept in f16.
        expect(found.scores[a]![j]).toBeCloseTo(expected, 2);
        expect(Math.abs(found.scores[a]![j]!)).toBeLessThanOrEqual(head.scale + 1e-9);
      }
    }
  });

  it('gives a passage its best gist, and without heads the attention of all its gists', async () => {
    const source = prose(1500);
    const { archive, state } = await archived(source);
    const text = new DocumentText();
    text.append(source);
    const layout = layoutOf(text);
    const passageOf = (token: number) => layout.passages.findIndex(({ end }) => end > token);
    for (const hasHeads of [true, false]) {
      const search = new NoteSearch(archive.layers, hasHeads ? heads : [], engine.config.noteDim);
      const copy = engine.cloneState(state);
      const found = await search.find(engine, copy, tokenizer, 'the wheel', { pool: 'on' });
      const places = passagesOfGists(archive, layout, (token) => token);
      const ranked = rankByNotes(places, found, layout);
      const inPassage = new Map<number, number[]>();
      for (const [a, { count, positions }] of archive.layers.entries()) {
        for (let j = 0; j < count; j++) {
          const tokens = Array.from(
            { length: positions[j + 1]! - positions[j]! },
            (_, t) => positions[j]! + t,
          );
          for (const passage of new Set(tokens.map(passageOf))) {
            if (passage < 0) continue;
            inPassage.set(passage, [...(inPassage.get(passage) ?? []), found.scores[a]![j]!]);
          }
        }
      }
      expect(ranked.map(({ passage }) => passage).sort((a, b) => a - b)).toEqual(
        [...inPassage.keys()].sort((a, b) => a - b),
      );
      for (const { passage, score } of ranked) {
        const own = inPassage.get(passage)!;
        expect(score).toBeCloseTo(hasHeads ? Math.max(...own) : own.reduce((sum, each) => sum + each, 0), 9);
      }
      // A gist that is of two passages counts for both.
      const total = ranked.reduce((sum, { score }) => sum + score, 0);
      if (!hasHeads) expect(total).toBeGreaterThanOrEqual(1 - 1e-6);
    }
  });

  it('is what passages are found by, and leaves the document as it was', async () => {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    const source = prose(1500);
    await memory.read(pieces(source));
    const before = memory.pool({ live: true });
    const found = await memory.passages({ query: 'the wheel', method: 'notes', top: 5 });
    expect(memory.pool({ live: true })).toEqual(before);
    // Cosines of either sign, scaled: attention would be positive and add up to at most 1.
    expect(found[0]!.score).toBeGreaterThan(1);
    expect(await memory.passages({ query: 'the wheel', method: 'notes', top: 5 })).toEqual(found);
    // After an edit it is the new text's notes that are searched.
    await memory.update(pieces(`${source.slice(0, 700)} A zebra. ${source.slice(700)}`));
    const again = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await again.read(pieces(`${source.slice(0, 700)} A zebra. ${source.slice(700)}`));
    const places = async (of: typeof again) =>
      (await of.passages({ query: 'the wheel', method: 'notes', top: 5 })).map(({ start }) => start);
    expect(await places(memory)).toEqual(await places(again));
  });
});
