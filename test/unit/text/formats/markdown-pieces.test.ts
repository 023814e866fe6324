import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../../models/text/formats/markdown.js';
import { markdownPieces, PIECE } from '../../../../models/text/formats/markdown-pieces.js';

const PARTS = [
  '# Harbour\n\n',
  '## Tides\n',
  'The tide rises\nfour metres.\n\n',
  '```sh\n# no heading\n\nls\n```\n\n',
  '~~~~\n~~~\n\n# none\n~~~~\n',
  '$$\nx\n\n# y\n$$\n\n',
  '<!-- a\n\n# comment -->\n\n',
  '<pre>\n\n# as it is\n</pre>\n\n',
  '- one\n- two\n\n',
  '| a | b |\n| --- | --- |\n| 1 | 2 |\n\n',
];

describe('a long Markdown text', () => {
  const document = fc
    .array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 60 })
    .map((p) => p.join(''));

  it('is cut into pieces that follow each other and are no longer than asked', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 20, max: 200 }), (text, size) => {
        let reached = 0;
        for (const { start, end } of markdownPieces(text, 0, size)) {
          expect(start).toBe(reached);
          expect(end - start).toBeGreaterThan(0);
          expect(end - start).toBeLessThanOrEqual(size);
          reached = end;
        }
        expect(reached).toBe(text.length);
      }),
    );
  });

  it('is cut where its parser would begin anew: pieces have the blocks of the whole', () => {
    const blocks = (text: string, base = 0) =>
      parseMarkdown(text).blocks.map((block) => ({
        ...block,
        start: block.start + base,
        end: block.end + base,
      }));
    fc.assert(
      // Long enough for a safe place in every piece.
      fc.property(document, fc.integer({ min: 150, max: 400 }), (text, size) => {
        const parts = [...markdownPieces(text, 0, size)];
        const together = parts.flatMap(({ start, end }) => blocks(text.slice(start, end), start));
        expect(together).toEqual(blocks(text));
      }),
    );
  });

  it('says in how many pieces it was parsed', () => {
    const paragraph = 'The tide rises four metres twice a day.\n\n';
    expect(parseMarkdown(paragraph).pieces).toBeUndefined();
    const long = paragraph.repeat(Math.ceil((2.5 * PIECE) / paragraph.length));
    const { pieces, blocks } = parseMarkdown(long);
    expect(pieces).toBe(3);
    expect(blocks).toHaveLength(long.length / paragraph.length);
  });
});
