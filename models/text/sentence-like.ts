import { eachWord } from './words.js';

/** True if a text is long enough and wordy enough to stand in a summary. */
export function isSentenceLike(text: string): boolean {
  let words = 0;
  let letters = 0;
  eachWord(text, (word) => {
    words++;
    letters += word.letters;
  });
  if (words < 3) return false;
  // Most have letters for half of their length, white space counted too.
  return letters >= text.length * 0.5 || letters >= text.replace(/\s/gu, '').length * 0.5;
}
