import { describe, expect, it } from 'vitest';
import { withQuestions } from '../../eval/corpus-questions.js';
import { Paraphraser } from '../../eval/paraphrase.js';
import { generator } from '../../eval/statistics.js';
import { prose } from '../../support/micro.js';

const paraphraser = new Paraphraser();
const asked = (text: string, count = 6, seed = 1) =>
  withQuestions({ set: 'corpus', text, queries: [] }, count, generator(seed), paraphraser).queries;

const LANTERN =
  'The lantern of the lighthouse burns whale oil. Two keepers trim its wick at dusk, and carry the lantern down when it smokes.';
const talk = Array.from({ length: 12 }, (_, i) =>
  i === 5
    ? 'Keeper (deputy): The lantern smoked again, and nobody trimmed the lantern wick before the storm arrived.'
    : `Captain: ${prose(160, i).replace(/\n/gu, ' ')}`,
).join('\n');

describe('questions made of a text', () => {
  it.each([
    ['prose', `${prose(3000)}\n\n${LANTERN}\n\n${prose(3000, 7)}`],
    ['a talk', talk],
  ])('of %s come as they are and paraphrased, with the same answers, which stand in the text', (_, text) => {
    const queries = asked(text);
    expect(queries.length).toBeGreaterThanOrEqual(4);
    for (let i = 0; i < queries.length; i += 2) {
      const [plain, other] = [queries[i]!, queries[i + 1]!];
      expect([plain.paraphrased, other.paraphrased]).toEqual([false, true]);
      expect([plain.form, other.form]).toEqual(['question', 'question']);
      expect(other.gold).toBe(plain.gold);
      const [stretch, ...places] = plain.gold.map(({ start, end }) => text.slice(start, end));
      // What is asked about stands at each of the places, and in the stretch.
      expect(places.length).toBeGreaterThan(0);
      for (const place of places) expect(plain.query.toLowerCase()).toContain(place.toLowerCase());
      expect(stretch!.toLowerCase()).toContain(places[0]!.toLowerCase());
    }
  });

  it('asks what a speaker said by the bare name', () => {
    const named = Array.from({ length: 40 }, (_, seed) => asked(talk, 6, seed + 1))
      .flat()
      .map(({ query }) => query)
      .filter((query) => /Captain|Keeper/u.test(query));
    expect(named.length).toBeGreaterThan(0);
    for (const query of named) expect(query).not.toMatch(/[():]|\{/u);
  });

  it('is drawn by the seed, and asks nothing where nothing is told', () => {
    const text = `${prose(3000)}\n\n${LANTERN}`;
    expect(asked(text)).toEqual(asked(text));
    expect(asked(text, 6, 2)).not.toEqual(asked(text));
    expect(asked('')).toEqual([]);
    expect(asked('a b c. '.repeat(200))).toEqual([]);
  });
});
