import type { KeptDocument } from '../reading/kept-document.js';
import { wordAround } from '../text/word-around.js';
import type { PoolEntry } from './types.js';

/** Every note that ever entered a pool (`live` only those in it at the end), in the order of entering. */
export function poolEntriesOf(
  { life, tokens, text }: Pick<KeptDocument, 'life' | 'tokens' | 'text'>,
  live: boolean,
): PoolEntry[] {
  const stays = live ? life.stays.filter(({ leftAt }) => leftAt === null) : life.stays;
  return stays.map(({ layer, token, score, enteredAt, leftAt, replacedBy }): PoolEntry => {
    const start = tokens.start(token);
    const end = tokens.end(token);
    const line = text.lines.lineOf(start);
    const word = wordAround((from, to) => text.slice(from, to), start, end);
    return {
      layer,
      token,
      start,
      end,
      line,
      text: text.slice(start, end),
      word: text.slice(word.start, word.end),
      wordStart: word.start,
      score: 1 / (1 + Math.exp(-score)),
      enteredAt,
      leftAt,
      replacedBy,
    };
  });
}
