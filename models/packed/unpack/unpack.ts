import { readEpub } from '../book/epub.js';
import { gunzipped } from '../gunzip.js';
import { kindOf, notRead } from '../kind.js';
import { readPdf, type PdfOptions } from '../pdf/pdf.js';
import { readXlsx } from '../sheets/xlsx.js';
import { readPptx } from '../slides/pptx.js';
import { BOUNDS, PackedError, type PackedDocument, type PackedFormat, type Unread } from '../types.js';
import { readDocx } from '../word/docx.js';
import { readOdt } from '../word/odt.js';
import { bytesOf, openZip, type Zip } from '../zip.js';
import { Budget } from '../inflate.js';

/** What is in a file: a document with a structure of its own, or the bytes of a text. */
export type Unpacked =
  | { readonly kind: 'document'; readonly document: PackedDocument }
  | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly unread: readonly Unread[] };

/** Gzip within gzip is no way to keep a file; more layers than this are a trap. */
const MOST_LAYERS = 2;

/**
 * Reads a file that is told by its content: a PDF, DOCX, ODT, EPUB, PPTX or XLSX becomes a text, gzip is unpacked, and
 * everything else is given back as it is.
 *
 * @throws {PackedError} where no text can be had of it; {@link PackedError.kind} says why
 * @throws {DOMException} `AbortError` on cancel
 */
export async function unpack(bytes: Uint8Array, options: PdfOptions): Promise<Unpacked> {
  let inner = bytes;
  const unread: Unread[] = [];
  let kind = kindOf(inner);
  for (let layer = 0; kind === 'gzip'; layer++) {
    if (layer === MOST_LAYERS) throw new PackedError('unsupported', 'It is packed several times over.');
    const unpacked = gunzipped(inner, options);
    inner = unpacked.bytes;
    if (unpacked.cut) unread.push({ kind: 'file', label: 'gzip', reason: unpacked.cut });
    kind = kindOf(inner);
  }
  if (kind === 'other') return { kind: 'text', bytes: inner, unread };
  const document = await read(inner, kind === 'zip' ? formatOf(inner) : kind, options);
  return { kind: 'document', document: { ...document, unread: [...document.unread, ...unread] } };
}

async function read(bytes: Uint8Array, format: PackedFormat, options: PdfOptions): Promise<PackedDocument> {
  options.signal?.throwIfAborted();
  switch (format) {
    case 'pdf':
      return readPdf(bytes, options);
    case 'docx':
      return readDocx(bytes, options);
    case 'odt':
      return readOdt(bytes, options);
    case 'epub':
      return readEpub(bytes, options);
    case 'pptx':
      return readPptx(bytes, options);
    case 'xlsx':
      return readXlsx(bytes, options);
  }
}

/** Media types that stand at the start of zips which name themselves, of which no text is read. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/opendocument\.spreadsheet/u, 'an OpenDocument spreadsheet'],
  [/opendocument\.presentation/u, 'an OpenDocument presentation'],
  [/opendocument\.(?!text)/u, 'an OpenDocument file without running text'],
];

const OTHER_ZIP = 'a zip archive';
/** Names of the kinds of zip that are not read. */
export const ZIP_KINDS: readonly string[] = [...REFUSED.map(([, name]) => name), OTHER_ZIP];

/**
 * The format of a zip by the files in it.
 *
 * @throws {PackedError} `unsupported` for any other zip
 */
function formatOf(bytes: Uint8Array): PackedFormat {
  const zip = openZip(bytes, BOUNDS);
  const type = mediaTypeOf(zip);
  const refused = REFUSED.find(([pattern]) => pattern.test(type));
  if (refused) throw notRead(refused[1]);
  const names = [...zip.entries.keys()];
  const isIn = (folder: string) => names.some((name) => name.startsWith(folder));
  if (type === 'application/epub+zip' || zip.entries.has('META-INF/container.xml')) return 'epub';
  if (type.includes('opendocument.text') || zip.entries.has('content.xml')) return 'odt';
  if (isIn('word/')) return 'docx';
  if (isIn('ppt/')) return 'pptx';
  if (isIn('xl/worksheets/')) return 'xlsx';
  throw new PackedError(
    'unsupported',
    'This is a zip archive of other files; unpack it and open one of them.',
    { what: OTHER_ZIP },
  );
}

function mediaTypeOf(zip: Zip): string {
  const entry = zip.entries.get('mimetype');
  if (!entry || entry.packedSize > 200) return '';
  try {
    const [piece] = bytesOf(zip, entry, new Budget({ bytes: 2 ** 16 }));
    return new TextDecoder().decode(piece).trim();
  } catch (error) {
    if (error instanceof PackedError) return '';
    throw error;
  }
}
