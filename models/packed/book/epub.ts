import { Archive } from '../archive.js';
import { Flow } from '../flow.js';
import { requireText } from '../result.js';
import { TextBuilder } from '../text-builder.js';
import {
  PackedError,
  type Anchor,
  type PackedBlock,
  type PackedDocument,
  type PackedOptions,
} from '../types.js';
import { contentsOf, type ContentsEntry } from './contents.js';
import { packageOf } from './package.js';
import { XhtmlReader } from './xhtml.js';

/** Ways to make fonts unreadable that leave the text as it is. */
const FONT_ONLY = /(?:idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc#RC)/u;

/** Where a file of the spine begins in the text, and where its elements stand. */
interface ReadFile {
  readonly path: string;
  readonly block: number;
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * An e-book (EPUB 2 and 3): the files of the spine in order, chapters by the table of contents.
 *
 * @throws {PackedError} `encrypted` under rights management, `broken` or `no-text`
 */
export function readEpub(bytes: Uint8Array, options: PackedOptions = {}): PackedDocument {
  const archive = new Archive(bytes, options);
  requireOpen(archive);
  const book = packageOf(archive);
  const text = new TextBuilder();
  const flow = new Flow(text);
  const files = new Map<string, ReadFile>();
  const unreadBefore = archive.unread.length;
  for (const [i, { path, isCover }] of book.spine.entries()) {
    const reader = new XhtmlReader(flow);
    const block = text.blocks;
    const part = { kind: 'chapter', label: path.slice(path.lastIndexOf('/') + 1) } as const;
    if (!archive.read(path, reader, part, true)) archive.unread.push({ ...part, reason: 'broken' });
    reader.finish();
    // A file that comes twice is led to at its first place.
    if (!files.has(path)) files.set(path, { path, block, ids: reader.ids });
    if (text.blocks === block && reader.hasPictures && !isCover) {
      archive.unread.push({ ...part, reason: 'no-text' });
    }
    options.onProgress?.(i + 1, book.spine.length);
  }
  const missed = new Set(archive.unread.slice(unreadBefore).map(({ label }) => label)).size;
  const entries = contentsOf(archive, book);
  const { text: written, blocks: found } = text.finish();
  const blocks = withHeadings(written, found, entries, files);
  return requireText({
    format: 'epub',
    ...(book.title !== '' && { title: book.title }),
    text: written,
    blocks,
    anchors: chaptersOf(written, blocks, entries, files),
    parts: { kind: 'chapter', total: book.spine.length, read: book.spine.length - missed },
    unread: archive.unread,
  });
}

/** @throws {PackedError} `encrypted` where more than fonts are */
function requireOpen(archive: Archive): void {
  const ways: string[] = [];
  archive.readAside('META-INF/encryption.xml', {
    open: (name, { Algorithm = '' }) => {
      if (name.endsWith('EncryptionMethod')) ways.push(Algorithm);
    },
  });
  if (ways.some((way) => !FONT_ONLY.test(way)))
    throw new PackedError('encrypted', 'It is under digital rights management.');
}

/** The block that an entry leads to. */
function blockOf({ path, id }: ContentsEntry, files: ReadonlyMap<string, ReadFile>): number | undefined {
  const file = files.get(path);
  return file && (file.ids.get(id) ?? file.block);
}

const plain = (text: string) =>
  text
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();

/** Paragraphs that the table of contents leads to by their very words are headings, in books that mark none. */
function withHeadings(
  text: string,
  blocks: readonly PackedBlock[],
  entries: readonly ContentsEntry[],
  files: ReadonlyMap<string, ReadFile>,
): PackedBlock[] {
  const levels = new Map<number, number>();
  for (const entry of entries) {
    const at = blockOf(entry, files);
    const block = at === undefined ? undefined : blocks[at];
    if (at === undefined || block?.kind !== 'paragraph' || block.end - block.start > 200) continue;
    if (plain(text.slice(block.start, block.end)) === plain(entry.title)) levels.set(at, entry.depth);
  }
  return blocks.map((block, i) => {
    const level = levels.get(i);
    return level === undefined ? block : { ...block, kind: 'heading', level };
  });
}

/** Chapters: the highest entries of the table of contents, without one the files with their first headings. */
function chaptersOf(
  text: string,
  blocks: readonly PackedBlock[],
  entries: readonly ContentsEntry[],
  files: ReadonlyMap<string, ReadFile>,
): Anchor[] {
  const highest = entries.filter(({ depth }) => depth === 1);
  const chosen = highest.length > 2 ? highest : entries.filter(({ depth }) => depth <= 2);
  const starts = new Map<number, string>();
  for (const entry of chosen) {
    const block = blockOf(entry, files);
    if (block !== undefined && block < blocks.length && !starts.has(block)) starts.set(block, entry.title);
  }
  if (starts.size === 0) {
    const all = [...files.values()];
    for (const [i, { block }] of all.entries()) {
      const end = all[i + 1]?.block ?? blocks.length;
      const heading = blocks.slice(block, end).find(({ kind }) => kind === 'heading');
      if (block < end) starts.set(block, heading ? text.slice(heading.start, heading.end) : String(i + 1));
    }
  }
  return [...starts]
    .sort(([a], [b]) => a - b)
    .map(([block, label], i) => ({
      kind: 'chapter',
      label,
      number: i + 1,
      start: i === 0 ? 0 : blocks[block]!.start,
    }));
}
