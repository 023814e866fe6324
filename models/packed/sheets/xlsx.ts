import { Archive, mainPartOf, relationsOf } from '../archive.js';
import { requireText } from '../result.js';
import { TextBuilder } from '../text-builder.js';
import type { PackedDocument, PackedOptions } from '../types.js';
import { localName } from '../xml.js';
import { dateStylesOf } from './dates.js';
import { SheetReader } from './sheet.js';

interface Sheet {
  readonly name: string;
  readonly path: string;
}

/**
 * An Excel workbook (ECMA-376): sheet by sheet and row by row, with the values that the cells show or were computed.
 * Dates are written as ISO 8601; hidden sheets are left out.
 *
 * @throws {PackedError} `broken` or `no-text`
 */
export function readXlsx(bytes: Uint8Array, options: PackedOptions = {}): PackedDocument {
  const archive = new Archive(bytes, options);
  const main = mainPartOf(archive, 'xl/workbook.xml');
  const { sheets, is1904, parts } = workbookOf(archive, main);
  const strings = stringsOf(archive, parts.strings);
  const dates = dateStylesOf(archive, parts.styles);
  const text = new TextBuilder();
  let read = 0;
  for (const [i, { name, path }] of sheets.entries()) {
    text.anchor({ kind: 'sheet', number: i + 1, label: name });
    text.open({ kind: 'heading', level: 1 });
    text.append(name);
    text.close();
    const reader = new SheetReader(text, { strings, dates, is1904 });
    const before = archive.unread.length;
    const part = { kind: 'sheet', label: name } as const;
    if (!archive.read(path, reader, part)) archive.unread.push({ ...part, reason: 'broken' });
    text.close();
    if (archive.unread.length === before) read++;
    options.onProgress?.(i + 1, sheets.length);
  }
  const { blocks, ...rest } = text.finish();
  return requireText({
    format: 'xlsx',
    ...rest,
    // Names of sheets alone are no text.
    blocks: blocks.some(({ kind }) => kind === 'row') ? blocks : [],
    parts: { kind: 'sheet', total: sheets.length, read },
    unread: archive.unread,
  });
}

function workbookOf(archive: Archive, main: string) {
  const relations = relationsOf(archive, main);
  const sheets: Sheet[] = [];
  let is1904 = false;
  archive.readAside(main, {
    open: (qualified, attributes) => {
      const tag = localName(qualified);
      if (tag === 'workbookPr') is1904 = /^(?:1|true)$/u.test(attributes.date1904 ?? '');
      if (tag !== 'sheet' || (attributes.state ?? 'visible') !== 'visible') return;
      const path = relations.get(attributes['r:id'] ?? '')?.target;
      if (path !== undefined) sheets.push({ name: attributes.name ?? path, path });
    },
  });
  if (sheets.length === 0) {
    const names = [...archive.names].filter((name) => /^xl\/worksheets\/[^/]+\.xml$/u.test(name)).sort();
    for (const path of names) {
      sheets.push({ name: path.slice('xl/worksheets/'.length, -'.xml'.length), path });
    }
  }
  const partOf = (type: string, usual: string) =>
    [...relations.values()].find((relation) => relation.type === type)?.target ?? usual;
  return {
    sheets,
    is1904,
    parts: {
      strings: partOf('sharedStrings', 'xl/sharedStrings.xml'),
      styles: partOf('styles', 'xl/styles.xml'),
    },
  };
}

/** The strings that cells refer to by number. */
function stringsOf(archive: Archive, part: string): string[] {
  const strings: string[] = [];
  let pieces: string[] = [];
  let isText = false;
  let phonetic = 0;
  archive.readAside(part, {
    open: (qualified) => {
      const name = localName(qualified);
      if (name === 'si') pieces = [];
      else if (name === 'rPh') phonetic++;
      else if (name === 't') isText = true;
    },
    text: (text) => {
      if (isText && phonetic === 0) pieces.push(text);
    },
    close: (qualified) => {
      const name = localName(qualified);
      if (name === 'si') strings.push(pieces.join(''));
      else if (name === 'rPh') phonetic--;
      else if (name === 't') isText = false;
    },
  });
  return strings;
}
