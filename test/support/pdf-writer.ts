/** A line of text on a page; the origin is the lower left corner, as in PDF. */
export interface PdfLine {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly size?: number;
  readonly font?: 'text' | 'bold' | 'mono' | 'japanese';
}

export interface PdfPlan {
  readonly pages: readonly (readonly PdfLine[])[];
  readonly outline?: readonly { readonly title: string; readonly page: number }[];
  /** Draws a picture of one pixel over every page, as a scan has. */
  readonly hasPictures?: boolean;
  /** The first this many pages have small Roman numbers. */
  readonly romanPages?: number;
}

const FONTS = {
  text: '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  bold: '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
  mono: '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
  // Names a character map instead of bringing one.
  japanese:
    '<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>] >>',
};

const hex = (text: string) =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0')).join('');
const literal = (text: string) => `(${text.replace(/[\\()]/gu, '\\$&')})`;

function contentOf(lines: readonly PdfLine[], hasPictures: boolean): string {
  const shown = lines.map(({ x, y, text, size = 10, font = 'text' }) => {
    const string = font === 'japanese' ? `<${hex(text)}>` : literal(text);
    return `BT /${font} ${size} Tf 1 0 0 1 ${x} ${y} Tm ${string} Tj ET`;
  });
  const picture = 'q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \u0080 EI Q';
  return [...(hasPictures ? [picture] : []), ...shown].join('\n');
}

/** Writes a small PDF with Latin-1 text (UTF-16 in the Japanese font). */
export function writePdf({ pages, outline = [], hasPictures = false, romanPages = 0 }: PdfPlan): Uint8Array {
  const objects: string[] = [];
  const add = (body: string) => objects.push(body);
  const fonts = Object.keys(FONTS).map((name, i) => `/${name} ${i + 3} 0 R`);
  const firstPage = 3 + Object.keys(FONTS).length;
  const firstEntry = firstPage + 2 * pages.length + 1;
  const pageRef = (i: number) => `${firstPage + 2 * i} 0 R`;
  const labels = romanPages > 0 ? `/PageLabels << /Nums [0 << /S /r >> ${romanPages} << /S /D >>] >>` : '';
  const bookmarks = outline.length > 0 ? `/Outlines ${firstEntry - 1} 0 R` : '';
  add(`<< /Type /Catalog /Pages 2 0 R ${bookmarks} ${labels} >>`);
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => pageRef(i)).join(' ')}] >>`);
  for (const font of Object.values(FONTS)) add(font);
  for (const [i, lines] of pages.entries()) {
    const content = contentOf(lines, hasPictures);
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << ${fonts.join(' ')} >> >> /Contents ${firstPage + 2 * i + 1} 0 R >>`,
    );
    add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  const last = firstEntry + outline.length - 1;
  add(`<< /Type /Outlines /First ${firstEntry} 0 R /Last ${last} 0 R /Count ${outline.length} >>`);
  for (const [i, { title, page }] of outline.entries()) {
    const next = i + 1 < outline.length ? `/Next ${firstEntry + i + 1} 0 R` : '';
    add(
      `<< /Title ${literal(title)} /Parent ${firstEntry - 1} 0 R ${next} /Dest [${pageRef(page)} /XYZ 0 800 0] >>`,
    );
  }
  return assembled(objects);
}

function assembled(objects: readonly string[]): Uint8Array {
  let file = '%PDF-1.7\n';
  const places: number[] = [];
  for (const [i, body] of objects.entries()) {
    places.push(file.length);
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
  }
  const start = file.length;
  const entries = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Uint8Array.from({ length: file.length }, (_, i) => file.charCodeAt(i));
}

/** A paragraph's lines, one under the other from `y` down. */
export function column(
  x: number,
  y: number,
  lines: readonly string[],
  options: Partial<PdfLine> = {},
): PdfLine[] {
  const leading = 1.2 * (options.size ?? 10);
  return lines.map((text, i) => ({ ...options, x, y: y - i * leading, text }));
}
