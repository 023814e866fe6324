import { Archive, mainPartOf, relationsOf } from '../archive.js';
import { Flow } from '../flow.js';
import { requireText } from '../result.js';
import { LINE_BREAK, TextBuilder } from '../text-builder.js';
import type { PackedDocument, PackedOptions } from '../types.js';
import { localName } from '../xml.js';
import { BodyReader } from './body.js';
import { Numbering } from './numbering.js';
import { stylesOf } from './styles.js';

/**
 * A Word document (ECMA-376): its body with headings, numbered clauses as they are printed, lists, tables by row, text
 * boxes, and notes behind the paragraphs that call them. What was deleted under revision, hidden text, comments,
 * headers and footers are left out.
 *
 * @throws {PackedError} `broken` or `no-text`
 */
export function readDocx(bytes: Uint8Array, options: PackedOptions = {}): PackedDocument {
  const archive = new Archive(bytes, options);
  const main = mainPartOf(archive, 'word/document.xml');
  const relations = [...relationsOf(archive, main).values()];
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  const partOf = (type: string) =>
    relations.find((relation) => relation.type === type)?.target ?? `${folder}${type}.xml`;
  const styles = stylesOf(archive, partOf('styles'));
  const notes = new Map([
    ...notesOf(archive, partOf('footnotes'), 'footnote'),
    ...notesOf(archive, partOf('endnotes'), 'endnote'),
  ]);
  const text = new TextBuilder();
  const numbering = new Numbering(archive, partOf('numbering'));
  const reader = new BodyReader(new Flow(text), { styles, numbering, notes });
  const isThere = archive.read(main, reader, { kind: 'file', label: main });
  const { unread } = archive;
  const wasRead = isThere && !unread.some(({ label }) => label === main);
  return requireText({
    format: 'docx',
    ...text.finish(),
    ...(reader.title !== undefined && { title: reader.title }),
    parts: { kind: 'chapter', total: 1, read: wasRead ? 1 : 0 },
    unread,
  });
}

/** Footnotes or endnotes, by kind and id. Separators are notes too, and have no text. */
function notesOf(archive: Archive, part: string, kind: string): Map<string, string> {
  const notes = new Map<string, string>();
  let id: string | undefined;
  let pieces: string[] = [];
  let isText = false;
  archive.readAside(part, {
    open: (qualified, attributes) => {
      const name = localName(qualified);
      if (name === kind) {
        id = attributes['w:id'];
        pieces = [];
      } else if (name === 't') isText = true;
      else if (name === 'tab') pieces.push(' ');
      else if (name === 'br') pieces.push(LINE_BREAK);
    },
    text: (text) => {
      if (isText) pieces.push(text);
    },
    close: (qualified) => {
      const name = localName(qualified);
      if (name === 't') isText = false;
      else if (name === 'p') pieces.push(' ');
      else if (name === kind && id !== undefined) notes.set(`${kind} ${id}`, pieces.join('').trim());
    },
  });
  return notes;
}
