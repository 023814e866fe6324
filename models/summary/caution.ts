import type { Layout } from '../reading/layout.js';
import type { Caution } from './types.js';
import { eachWord } from '../text/words.js';

/** Share of words that carry no meaning by themselves, below which a text is not English; English has 0.4 to 0.5. */
const ENGLISH = 0.15;
/** Words looked at, and fewest that say anything. */
const WORDS = { most: 4000, least: 30 };
/** Share of the text that is code. */
const CODE = 0.5;

/** Where the model is weak with a text: it was trained on English. Logs have no language. */
export function cautionOf({ blocks, sentences, decoded }: Layout): Caution | undefined {
  let units = 0;
  let code = 0;
  for (const { kind, start, end } of blocks) {
    units += end - start;
    if (kind === 'code') code += end - start;
  }
  if (code > CODE * units) return 'code';
  let words = 0;
  let common = 0;
  // From all over the text, so that a foreign motto at its head decides nothing.
  const step = Math.max(1, Math.floor((sentences.length * 20) / WORDS.most));
  for (let i = 0; i < sentences.length && words < WORDS.most; i += step) {
    const { start, end, isLog } = sentences[i]!;
    if (isLog) continue;
    eachWord(decoded.shown(start, end), ({ isStop }) => {
      words++;
      if (isStop) common++;
    });
  }
  return words >= WORDS.least && common < ENGLISH * words ? 'language' : undefined;
}
