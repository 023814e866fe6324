import { stemmer } from 'stemmer';

/*
 * Two stems, because the weights of sentences were fitted with the first, and the ranking of passages with the second.
 */

/** The form under which inflected words meet: English plurals and -ing, -ed lose their ending, no more. */
export function stem(key: string): string {
  if (key.length > 4 && key.endsWith('ies')) return `${key.slice(0, -3)}y`;
  if (key.length > 4 && /(?:ss|sh|ch|x|z)es$/u.test(key)) return key.slice(0, -2);
  if (key.length > 3 && key.endsWith('s') && !/(?:ss|us|is)$/u.test(key)) return key.slice(0, -1);
  if (key.length > 6 && key.endsWith('ing')) return key.slice(0, -3);
  if (key.length > 5 && key.endsWith('ed')) return key.slice(0, -2);
  return key;
}

/** The stem by Porter's algorithm (library `stemmer`), which joins more words, some of them by mistake. */
export function porterStem(key: string): string {
  return stemmer(key);
}
