import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import { LONGEST_PIECE } from '../../../../models/text/pieces.js';

function laidOut(source: string) {
  const text = new DocumentText();
  text.append(source);
  const { format, sentences, passages, decoded } = layoutOf(text);
  const shown = sentences.map(({ start, end }) => decoded.shown(start, end).replace(/\s+/gu, ' ').trim());
  return { format, shown, sentences, passages, decoded };
}

/** Texts that took minutes when a rule looked back over what it had passed: each end, and what is read of it. */
const LONG: readonly (readonly [name: string, source: (n: number) => string, read: RegExp])[] = [
  ['dashes within a word', (n) => `The a${'-'.repeat(n)}b is here now.`, /b is here now\.$/],
  ['underscores and stars', (n) => `The a${'_*'.repeat(n / 2)}b is here now.`, /b is here now\.$/],
  ['no-break hyphens', (n) => `The a${'\u2011'.repeat(n)}b is here now.`, /b is here now\.$/],
  ['spaces before a mark', (n) => `The a${' '.repeat(n)}b is here now!`, /b is here now!$/],
  ['no-break spaces', (n) => `The a${'\u00a0'.repeat(n)}b is here now!`, /b is here now!$/],
  ['tabs', (n) => `The a${'\t'.repeat(n)}b is here now!`, /b is here now!$/],
  ['empty lines', (n) => `The a is here.${'\n'.repeat(n)}The b is here now!`, /b is here now!$/],
  ['zero-width spaces', (n) => `The a${'\u200b'.repeat(n)}b is here now!`, /The ab is here now!$/],
  ['escapes of a terminal', (n) => `The a${'\u001b['.repeat(n / 2)}mb is here now!`, /here now!$/],
];

describe('long runs', () => {
  it.each(LONG)('of %s are read to the end, in pieces that a person can read', (_, source, read) => {
    for (const n of [1000, 64_000]) {
      const { shown, passages, decoded } = laidOut(source(n));
      expect(shown.join(' ')).toMatch(read);
      for (const { start, end } of passages)
        expect(decoded.shown(start, end).trim().length).toBeLessThan(4 * LONGEST_PIECE);
    }
  });

  it('of comments that nobody closes hide what follows, and nothing before', () => {
    for (const open of ['<!--', '<![CDATA[', '<?x', '<script>', '<style>']) {
      const source = `<!doctype html>\n<html>\n<p>The words are here now.</p>${open.repeat(16_000)}Contents\n\n`;
      expect(laidOut(source)).toMatchObject({ format: 'html', shown: ['The words are here now.'] });
    }
  });
});

describe('characters outside the basic plane', () => {
  it.each([
    [
      'html',
      '<!doctype html><html><body><p title="😀">The key is 47118.</p><!-- 🚣 --><p>It was written down.</p></body></html>',
    ],
    [
      'html',
      '<!doctype html><html><body><p data-a="𝒳𝒴">The key is 47118.</p><script>"🎉"</script><p>It was written down.</p>',
    ],
    [
      'latex',
      '\\documentclass{article}\n\\begin{document}\n% 😀 a remark\nThe key is 47118.\n\n% 🚣\nIt was written down.\n\\end{document}\n',
    ],
    ['markdown', '# 😀\n\nThe <b title="🚣">key</b> is 47118.<!-- 𝒳 -->\n\nIt was written down.\n'],
  ])('in markup of %s move no sentence', (format, source) => {
    const { shown, sentences, ...rest } = laidOut(source);
    expect(rest.format).toBe(format);
    expect(shown).toEqual(['The key is 47118.', 'It was written down.']);
    expect(sentences.map(({ start, end }) => source.slice(start, end).at(-1))).toEqual(['.', '.']);
  });
});
