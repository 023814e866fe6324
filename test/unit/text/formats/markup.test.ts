import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { keyTermsOf } from '../../../../models/summary/key-terms.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import { parseDocument } from '../../../../models/text/formats/parse-document.js';
import type { DocumentFormat } from '../../../../models/text/formats/document-format.js';
import { PassageIndex } from '../../../../models/search/passage-index.js';
import { sentenceWeightsOf } from '../../../../models/summary/sentence-weights.js';
import { summaryOf } from '../../../../models/summary/summary.js';

describe('markup', () => {
  it.each<[DocumentFormat, string, string]>([
    [
      'html',
      'A <em>bold</em>, <a href="x.y. Z">new</a> plan&nbsp;&mdash; AT&amp;T&#39;s',
      "A bold, new plan — AT&T's",
    ],
    ['html', 'caf&eacute; <!-- no.\nnever --> au lait', 'café au lait'],
    [
      'latex',
      'As shown~\\cite{a,b} in \\emph{this} case, 5\\% of $x_1$ % no',
      'As shown in this case, 5% of $x_1$',
    ],
    [
      'latex',
      "\\item[a] ``Quoted'' text\\footnote{Or so.} by \\textbf{them}.\\\\",
      '"Quoted" text Or so. by them.',
    ],
    ['latex', '\\begin{itemize}\n\\item One thing', 'One thing'],
    ['text', 'a <b>  \\c', 'a <b>  \\c'],
  ])('is left out of what is read: %#', (format, source, words) => {
    const { decoded } = parseDocument(source, format);
    expect(decoded.text.trim()).toBe(words);
    expect(decoded.shown(0, source.length)).toBe(decoded.text);
    // Every character leads to its place in the source, and back.
    for (let at = 0; at < decoded.text.length; at++) {
      const { start, end } = decoded.toSource(at, at + 1);
      expect(end).toBeGreaterThan(start);
      expect(decoded.shown(start, end)).toContain(decoded.text[at]);
    }
  });

  const page = `<!DOCTYPE html>\n<html><head><title>t</title></head><body>\n<h1>Mills</h1>\n${Array.from(
    { length: 6 },
    (_, i) =>
      `<p>The <em class="a. B">old</em> mill number ${i} stood by the <a href="http://x.y/?a=1. Wheel">river</a> &amp; ` +
      `nobody knew who had built it. Its wheel <b>turned</b> slowly in the stream of the year ${1800 + i}.</p>`,
  ).join('\n')}\n</body></html>\n`;
  const article = `\\documentclass{article}\n\\begin{document}\n\\section{Mills}\n${Array.from(
    { length: 6 },
    (_, i) =>
      `The \\emph{old} mill number ${i} stood by the river~\\cite{mill${i}} and nobody knew who had built it. % check\n` +
      `Its wheel \\textbf{turned} slowly in the stream of the year ${1800 + i}.\n`,
  ).join('\n')}\n\\end{document}\n`;

  it.each([
    ['HTML', page],
    ['LaTeX', article],
  ])('of %s is in no sentence, passage or key term, and offsets are those of the source', (_, source) => {
    const text = new DocumentText();
    text.append(source);
    const layout = layoutOf(text);
    expect(layout.sentences).toHaveLength(12);
    const { overview } = summaryOf(
      text,
      layout,
      () => ({ notes: 0, kept: 0 }),
      sentenceWeightsOf('tiny', true),
      4,
    );
    expect(overview).toHaveLength(4);
    for (const { start, end, text: words } of overview) {
      expect(words).not.toMatch(/[<>\\{}]|&amp;|%/u);
      expect(words).toMatch(
        /^(?:The old mill number \d stood by the river (?:&|and) nobody|Its wheel turned slowly)/u,
      );
      expect(layout.decoded.shown(start, end)).toBe(words);
      expect(source.slice(start, end)).toMatch(/\.$/u);
    }
    const index = new PassageIndex(layout);
    expect(index.search('class href cite emph textbf')).toEqual([]);
    expect(index.search('wheel turned').length).toBeGreaterThan(0);
    const terms = keyTermsOf(text, layout, () => undefined, 60_000);
    for (const { term, start, end } of terms) {
      expect(layout.decoded.shown(start, end)).toBe(term);
      expect(['href', 'emph', 'amp', 'cite', 'textbf', 'em class']).not.toContain(term);
    }
  });
});
