import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { PassageIndex } from '../../../models/search/passage-index.js';
import { fuse, NOTES_WEIGHT, placesOf, snippetOf } from '../../../models/search/passages.js';
import { prose } from '../../support/micro.js';

function documentOf(text: string) {
  const document = new DocumentText();
  document.append(text);
  return { document, layout: layoutOf(document) };
}

describe('retrieval of passages', () => {
  it('finds inflected words and ranks by BM25', () => {
    const { document, layout } = documentOf(
      `${prose(900)}\n\nThe vaults were locked by seven guards at the northern gate of the town.\n\n${prose(900, 9)}`,
    );
    const [best, ...rest] = new PassageIndex(layout).search('locked vault');
    const { start, end } = layout.passages[best!.passage]!;
    expect(document.slice(start, end)).toContain('vaults were locked');
    expect(rest).toEqual([]);
  });

  /** Paragraphs long enough to be passages of their own. */
  const paragraphs = (...firsts: string[]) =>
    documentOf(firsts.map((first, i) => `${first} ${prose(260, i + 1).replace(/\n/gu, ' ')}`).join('\n\n'));

  it('looks beside what has the words', () => {
    const { layout } = paragraphs('One.', 'Two.', 'A quokka sat.', 'Four.', 'Five.', 'Six.', 'Seven.');
    const index = new PassageIndex(layout);
    const at = index.search('quokka')[0]!.passage;
    expect(index.search('quokka')).toHaveLength(1);
    const found = index.searchWidely('quokka').slice(0, 5);
    expect(found[0]!.passage).toBe(at);
    expect(found.map(({ passage }) => passage).sort()).toEqual([at - 2, at - 1, at, at + 1, at + 2]);
  });

  it('asks for what stands beside the query elsewhere', () => {
    const filler = Array.from({ length: 12 }, (_, i) => `Number ${i}.`);
    const { document, layout } = paragraphs(
      'The physician Halvorsen came; Halvorsen was the only physician.',
      ...filler,
      'Halvorsen never spoke of it again.',
      ...filler,
    );
    const index = new PassageIndex(layout);
    const other = layout.passages.findIndex(({ start, end }) =>
      document.slice(start, end).includes('never spoke'),
    );
    expect(index.search('physician').map(({ passage }) => passage)).not.toContain(other);
    const found = index.searchWidely('physician').map(({ passage }) => passage);
    expect(found.slice(0, 4)).toContain(other);
    expect(index.searchWidely('zeppelin')).toEqual([]);
    expect(index.searchWidely('what was it?')).toEqual([]);
  });

  const list = (...passages: number[]) => passages.map((passage, i) => ({ passage, score: 10 - i }));

  it('fuses words and notes by reciprocal rank, words first', () => {
    const fused = fuse(list(1, 6), list(6, 3), 0.02);
    const score = new Map(fused.map((each) => [each.passage, each.score]));
    // Six stands second in the words and first in the notes.
    expect(score.get(6)! - score.get(3)!).toBeGreaterThan(0);
    expect(fused[0]!.passage).toBe(6);
    expect(fuse(list(1), [], 0.02)[0]!.passage).toBe(1);
    expect(fuse([], list(3, 1), 0.02).map(({ passage }) => passage)).toEqual([3, 1]);
  });

  it('puts what retrieval heads find first, and words among the first thirty, in front of what words alone do', () => {
    const words = list(...Array.from({ length: 40 }, (_, i) => i));
    const first = (at: number, by: 'best' | 'sum') => fuse(words, list(at), NOTES_WEIGHT[by])[0]!.passage;
    expect(first(29, 'best')).toBe(29);
    // Attention without heads is worth no more than to break a tie.
    expect(first(29, 'sum')).toBe(0);
    expect(first(1, 'sum')).toBe(1);
    // And what the notes alone find is not put before the best of the words.
    expect(fuse(words, list(99), NOTES_WEIGHT.best)[0]!.passage).toBe(0);
  });

  it('joins passages that touch into one place', () => {
    expect(placesOf(list(4, 0, 5, 3, 2, 7), 3)).toEqual([
      { from: 3, to: 5, score: 10 },
      { from: 0, to: 0, score: 9 },
      // Three are enough for one place.
      { from: 2, to: 2, score: 6 },
    ]);
    expect(placesOf([], 3)).toEqual([]);
  });

  it('joins no passages of which one does not go on from the other', () => {
    expect(placesOf(list(4, 5, 3), 3, (passage) => passage === 5)).toEqual([
      { from: 3, to: 4, score: 10 },
      { from: 5, to: 5, score: 9 },
    ]);
    expect(placesOf(list(5, 4), 3, (passage) => passage === 5)).toHaveLength(2);
  });

  it('shows the sentence that has the words of the query', () => {
    const text = 'The mill was old. Seven guards locked the vaults at night. The vault was open by day.';
    const shown = (query: string) => {
      const { start, end } = snippetOf(text, query);
      return text.slice(start, end);
    };
    expect(shown('who locked the vault?')).toBe('Seven guards locked the vaults at night.');
    expect(shown('dragons')).toBe('The mill was old.');
  });

  it('shows of a log the line that has them', () => {
    const log = '01:02 INFO up\n  01:03 ERROR disk full\n\n01:04 INFO up';
    const { start, end } = snippetOf(log, 'full disk', true);
    expect(log.slice(start, end)).toBe('01:03 ERROR disk full');
  });
});
