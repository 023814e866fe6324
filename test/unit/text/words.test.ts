import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eachWord, termsOf, wordsOf, type Word } from '../../../models/text/words.js';
import { stem } from '../../../models/text/stems.js';
import { isStopWord } from '../../../models/text/stop-words.js';

/** The words of a text by their definition, which is a regular expression. */
function* defined(text: string): Generator<Word> {
  const words = text.replace(/\{[a-z_ ]{2,20}\}/gu, (mark) => ' '.repeat(mark.length));
  for (const { index, 0: found } of words.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu)) {
    if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(found)) {
      const parts = new Intl.Segmenter(undefined, { granularity: 'word' }).segment(found);
      for (const { segment, index: inside, isWordLike } of parts)
        if (isWordLike) yield { key: segment.toLowerCase(), text: segment, start: index + inside };
    } else {
      const text = found.replace(/(?:['’]s|['’_-]+)$/iu, '');
      yield { key: text.toLowerCase().replaceAll('’', "'"), text, start: index };
    }
  }
}

const UNUSUAL = [
  '',
  ' ',
  "a 's -b- _c_ d's e’S f''s g-'s h's' i__ j'ſ 10's x’",
  "O'Brien’s Rock’n’roll well-known {vocalsound} {not a mark!} {laugh}ter {a",
  'Ünïcode naïve cafe\u0301 Straße ΑΒΓ’ς ǅ ﬁ İstanbul ſ',
  '我们走吧，看看3个 words 混ぜる ー カタカナ 한국어 〇 ⺀ 々 㐀',
  '𝒜𝒷c 𐐀𐐨 a😀b 😀 \ud800x y\udc00 𠀀字 𠀀 e\u{1D165}',
  'a\u0000b\u200dc\u00add\u2019e १२३ ½ ² ③ Ⅷ',
  'x'.repeat(500) + '’s ' + 'nothing-to-see-here-it-is-a-long-word’s',
];

describe('words', () => {
  it.each(UNUSUAL)('of %j are as they are defined', (text) => {
    expect(wordsOf(text)).toEqual([...defined(text)]);
  });

  it('of a book, and once more when they are known, are as they are defined', () => {
    const book = readFileSync('test/fixtures/books/the-warden.md', 'utf8');
    const expected = [...defined(book)];
    expect(expected.length).toBeGreaterThan(50_000);
    for (let round = 0; round < 2; round++) expect(wordsOf(book)).toEqual(expected);
    const terms = expected.filter(({ key }) => !isStopWord(key)).map(({ key }) => stem(key));
    expect(termsOf(book)).toEqual(terms);
  });

  it('of every character are as they are defined, between letters and alone', () => {
    for (let first = 0; first < 0x30000; first += 256) {
      let text = '';
      for (let code = first; code < first + 256; code++)
        text += `${String.fromCodePoint(code)} a${String.fromCodePoint(code)}b `;
      expect(wordsOf(text)).toEqual([...defined(text)]);
    }
  });

  it('are still right when more were met than are remembered', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `word${i}'s`);
    const keys: string[] = [];
    for (let round = 0; round < 2; round++) {
      keys.length = 0;
      eachWord(many.join(' '), ({ key }) => keys.push(key));
      expect(keys).toEqual(many.map((word) => word.slice(0, -2)));
    }
  });

  it('know their letters', () => {
    const letters: number[] = [];
    eachWord("ab1c's 12 d-e 我们", (word) => letters.push(word.letters));
    expect(letters).toEqual([3, 0, 2, 2]);
  });
});
