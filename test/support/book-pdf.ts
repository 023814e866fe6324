import { column, writePdf } from './pdf-writer.js';

/** Characters of a line, and lines of a page. */
const WIDTH = 80;
const HEIGHT = 40;

/** A text as a PDF of pages, in lines as a book has them, with one line more at the top of a page. */
export function bookPdf(text: string, more: { readonly page: number; readonly line: string }): Uint8Array {
  // The fonts have Latin-1 only.
  const latin = text.replace(/[^\n\u0020-\u00ff]/gu, '-').replace(/^#+ /gmu, '');
  const lines = latin
    .split(/\n{2,}/u)
    .flatMap((paragraph) => wrapped(paragraph.replace(/\s+/gu, ' ').trim()));
  const pages: string[][] = [];
  for (let at = 0; at < lines.length; at += HEIGHT) pages.push(lines.slice(at, at + HEIGHT));
  pages[more.page - 1]?.unshift(more.line);
  return writePdf({ pages: pages.map((page) => column(60, 780, page)) });
}

/** The lines of a paragraph, the first set in. */
function wrapped(paragraph: string): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const word of paragraph.split(' ')) {
    if (line.length + word.length >= WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
