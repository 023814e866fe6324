import { describe, expect, it } from 'vitest';
import { docComments } from '../../../scripts/prose/comments.js';
import { sentences } from '../../../scripts/prose/sentences.js';

const counts = (text: string) => sentences({ file: 'x.md', line: 1, text }).map(({ words }) => words);

describe('sentences of prose', () => {
  it('end at a full stop, a question or an exclamation mark', () => {
    expect(counts('One two. Three four five? Six! (Seven eight.) 9 is a number.')).toEqual([2, 3, 1, 2, 4]);
  });

  it('do not end before a small letter, nor at a semicolon or a colon', () => {
    expect(counts('Shapes, e.g. of a tensor: (L, 64); all of them.')).toEqual([10]);
  });

  it('run over line breaks, but not over paragraphs and list items', () => {
    expect(counts('One two\nthree.\n\nFour\n\n- five six\n- seven')).toEqual([3, 1, 2, 1]);
  });

  it('count code as one word, and marks as none', () => {
    expect(counts('Run `npm run eval -- bits`, then wait – a while.')).toEqual([6]);
  });

  it('leave out tables and blocks of code', () => {
    expect(
      counts('Before.\n\n| a b | c |\n| --- | --- |\n| d e f | g |\n\n```\nh i j\n```\n\nAfter it.'),
    ).toEqual([1, 2]);
  });

  it('know the line where they stand', () => {
    expect(sentences({ file: 'x.md', line: 5, text: 'One.\n\nTwo.' }).map(({ line }) => line)).toEqual([
      5, 7,
    ]);
  });
});

describe('prose in source files', () => {
  it('takes doc comments and no others, a tag as a paragraph', () => {
    const source = `/** First one. */\n// not this\nclass A {\n  /**\n   * Second\n   * {@link A}.\n   * @param x third\n   */\n  f(x: string) { return '/** no */' + x; }\n}\n`;
    const found = docComments('a.ts', source);
    expect(found.map(({ line }) => line)).toEqual([1, 4]);
    expect(found.flatMap(sentences).map(({ words }) => words)).toEqual([2, 2, 3]);
  });

  it('leaves out lines in columns', () => {
    const [passage] = docComments('a.ts', '/**\n * Fields:\n *   name  what it is\n */\nconst a = 1;\n');
    expect(sentences(passage!).map(({ words }) => words)).toEqual([1]);
  });
});
