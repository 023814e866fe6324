import { describe, expect, it } from 'vitest';
import { salienceOfRange } from '../../../models/summary/sentence-salience.js';
import { TokenIndex } from '../../../models/reading/token-index.js';

/** Tokens with these places, token i with the salience i, or without any. */
function indexOf(places: readonly (readonly [number, number])[], salient = true): TokenIndex {
  const index = new TokenIndex();
  const scores = new Float32Array(places.length);
  index.append(
    {
      ids: new Uint32Array(places.length),
      starts: Float64Array.from(places, ([start]) => start),
      ends: Float64Array.from(places, ([, end]) => end),
    },
    scores,
    scores,
    ...(salient ? [scores.map((_, i) => i)] : []),
  );
  return index;
}

describe('the salience of a sentence', () => {
  const text = 'It rains. Why? \n“😀” ';
  // It| rains|.| Why|? |\n|“, and the face in three tokens, and ”|
  const index = indexOf([
    ...([
      [0, 2],
      [2, 8],
      [8, 9],
      [9, 13],
      [13, 15],
      [15, 16],
    ] as const),
    ...([
      [16, 17],
      [17, 19],
      [17, 19],
      [17, 19],
      [19, 20],
      [20, 21],
    ] as const),
  ]);

  it.each([
    { name: 'is that of its last token', start: 0, end: 9, token: 2 },
    { name: 'is that of the last character that is no white space', start: 0, end: 10, token: 2 },
    { name: 'may lie on a token that goes on behind it', start: 10, end: 16, token: 4 },
    { name: 'is that of the first token of a character cut into several', start: 16, end: 19, token: 7 },
    { name: 'passes over what closes the text', start: 16, end: 21, token: 10 },
  ])('$name', ({ start, end, token }) => {
    expect(salienceOfRange(index, text, start, end)).toBe(token);
  });

  it('is none where nothing stands, behind what was read, and without a sentence head', () => {
    expect(salienceOfRange(index, text, 20, 21)).toBeUndefined();
    expect(salienceOfRange(index, text, 3, 3)).toBeUndefined();
    expect(salienceOfRange(indexOf([[0, 2]]), text, 0, 9)).toBeUndefined();
    expect(salienceOfRange(indexOf([[0, 9]], false), text, 0, 9)).toBeUndefined();
  });
});
