import { writePdf, type PdfLine } from './pdf-writer.js';

/** Characters of a line at most. */
const WIDTH = 80;
/** Where lines of a page begin and end, and their distance, in points. */
const TOP = 780;
const BOTTOM = 80;
const LEADING = 12;

/** Markdown of headings and paragraphs as a PDF, set as a book is, with one paragraph more at the top of a page. */
export function bookPdf(
  markdown: string,
  more: { readonly page: number; readonly text: string },
): Uint8Array {
  const pages: PdfLine[][] = [];
  let y = BOTTOM;
  const turn = () => {
    pages.push([]);
    y = TOP;
    if (pages.length === more.page) set(more.text);
  };
  const set = (paragraph: string) => {
    const isHeading = paragraph.startsWith('#');
    for (const text of wrapped(paragraph.replace(/^#+ /u, ''))) {
      if (y <= BOTTOM) turn();
      pages.at(-1)!.push({ x: 60, y, text, ...(isHeading && { size: 16, font: 'bold' as const }) });
      y -= LEADING;
    }
    y -= LEADING;
  };
  // The fonts have Latin-1 only.
  for (const paragraph of markdown.replace(/[^\n\u0020-\u00ff]/gu, '-').split(/\n{2,}/u))
    set(paragraph.trim());
  return writePdf({ pages });
}

function wrapped(paragraph: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/u)) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
