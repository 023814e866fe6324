import { PackedError, type PackedFormat } from './types.js';

/** What a file is by its first bytes. */
export type FileKind =
  | PackedFormat
  /** A zip of which only the directory tells more. */
  | 'zip'
  | 'gzip'
  /** Nothing that is known here: it may be text. */
  | 'other';

type Signature = readonly [name: string, bytes: readonly number[], offset?: number];

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));

/** Kinds that hold no text which could be read here, by name. */
const REFUSED: readonly Signature[] = [
  ['an RTF document', ascii('{\\rtf')],
  ['an old Office document (.doc, .xls, .ppt)', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a GIF picture', ascii('GIF89a')],
  ['a GIF picture', ascii('GIF87a')],
  ['a TIFF picture', [0x49, 0x49, 0x2a, 0]],
  ['a TIFF picture', [0x4d, 0x4d, 0, 0x2a]],
  ['a DjVu document', ascii('AT&TFORM')],
  ['a MOBI e-book', ascii('BOOKMOBI'), 60],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a RAR archive', ascii('Rar!\x1a')],
  ['a tar archive', ascii('ustar'), 257],
  ['a bzip2 archive', [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], 4],
  ['an xz archive', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['a Zstandard archive', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a SQLite database', ascii('SQLite format 3\0')],
  ['an ELF program', [0x7f, 0x45, 0x4c, 0x46]],
  ['a WebAssembly module', [0, 0x61, 0x73, 0x6d]],
  ['an MP3 recording', ascii('ID3\x03')],
  ['an MP3 recording', ascii('ID3\x04')],
  ['an Ogg recording', ascii('OggS\0')],
];

/** Names of the kinds that are told by their first bytes and not read. */
export const REFUSED_KINDS: readonly string[] = [...new Set(REFUSED.map(([name]) => name))];

/** Bytes at the start among which a PDF may have its mark. */
const PDF_HEAD = 1024;
const OLD_OFFICE = REFUSED[1]!;

const startsWith = (bytes: Uint8Array, [, signature, offset = 0]: Signature) =>
  bytes.length >= offset + signature.length && signature.every((byte, i) => bytes[offset + i] === byte);

/**
 * The kind of a file by its content, never by its name.
 *
 * @throws {PackedError} `unsupported` with the kind's name where it holds no text that is read here; `encrypted` for an
 *   Office document with a password
 */
export function kindOf(bytes: Uint8Array): FileKind {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) return 'zip';
  if (indexOf(bytes.subarray(0, PDF_HEAD), ascii('%PDF-')) >= 0) return 'pdf';
  if (startsWith(bytes, OLD_OFFICE) && indexOf(bytes, utf16('EncryptedPackage')) >= 0) {
    throw new PackedError('encrypted', 'It asks for a password.');
  }
  const refused = REFUSED.find((signature) => startsWith(bytes, signature));
  if (refused) throw notRead(refused[0]);
  return 'other';
}

/** What is said of a kind of file that is known and holds no text which could be read here. */
export const notRead = (what: string) =>
  new PackedError('unsupported', `This is ${what}, which is not read.`, { what });

/** True where the first bytes are those of a file that is unpacked before it is read, or refused by name. */
export function isPacked(head: Uint8Array): boolean {
  try {
    return kindOf(head) !== 'other';
  } catch (error) {
    if (error instanceof PackedError) return true;
    throw error;
  }
}

const utf16 = (text: string) => ascii(text).flatMap((byte) => [byte, 0]);

function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
