/**
 * The directory of a zip, and its entries one by one. The bytes are unpacked by fflate; what it does not offer is here:
 * a bound on what an entry unpacks to whatever its header says, checksums, and a way into zips without a directory.
 * Format: APPNOTE.TXT 6.3 of PKWARE.
 */
import { crc32 } from './crc32.js';
import { inflated, type Budget } from './inflate.js';
import { PackedError, type Bounds } from './types.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LONGEST_COMMENT = 0xffff;
const UNKNOWN = 0xffffffff;
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Undefined where only the local header was found and it leaves the checksum to follow. */
  readonly crc: number | undefined;
  /** The packed bytes: from here, as many. */
  readonly start: number;
  readonly packedSize: number;
}

export interface Zip {
  /** By name, the last of a name; names have `/` between folders and none before. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** True where the directory was missing and the entries were found by their own headers. */
  readonly isSalvaged: boolean;
  /** Entries beyond the bound, which are left out. */
  readonly leftOut: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads the directory.
 *
 * @throws {PackedError} `broken` where no entry is found
 */
export function openZip(bytes: Uint8Array, { entries: most }: Pick<Bounds, 'entries'>): Zip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const listed = directoryOf(view, bytes, most);
  const found = listed ?? salvaged(view, bytes, most);
  if (found.entries.length === 0) throw new PackedError('broken', 'It is a zip in which no file is found.');
  return {
    entries: new Map(found.entries.map((entry) => [entry.name, entry])),
    isSalvaged: listed === undefined,
    leftOut: found.leftOut,
    bytes,
  };
}

/**
 * The bytes of an entry, in pieces.
 *
 * @throws {PackedError} `encrypted`; `unsupported` where it is packed in another way; `broken` where the bytes are
 *   damaged or the checksum differs; `too-large` beyond the budget
 */
export function* bytesOf(zip: Zip, entry: ZipEntry, budget: Budget): Generator<Uint8Array, void, undefined> {
  if (entry.isEncrypted) throw new PackedError('encrypted', `“${entry.name}” in it asks for a password.`);
  const packed = zip.bytes.subarray(entry.start, entry.start + entry.packedSize);
  let crc = 0;
  for (const piece of unpacked(packed, entry, budget)) {
    crc = crc32(piece, crc);
    yield piece;
  }
  if (entry.crc !== undefined && crc !== entry.crc) {
    throw new PackedError('broken', `“${entry.name}” in it is damaged: its checksum differs.`);
  }
}

function* unpacked(packed: Uint8Array, { name, method }: ZipEntry, budget: Budget) {
  if (method === DEFLATED) yield* inflated(packed, budget);
  else if (method === STORED) yield* budget.take(packed);
  else
    throw new PackedError('unsupported', `“${name}” in it is packed by method ${method}, which is not read.`);
}

interface Found {
  readonly entries: ZipEntry[];
  readonly leftOut: number;
}

/** The entries that the central directory lists, or undefined where there is none that holds together. */
function directoryOf(view: DataView, bytes: Uint8Array, most: number): Found | undefined {
  const end = endOf(view);
  if (!end) return undefined;
  const entries: ZipEntry[] = [];
  let at = end.start;
  for (let i = 0; i < Math.min(end.count, most); i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) return undefined;
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const entry = centralEntry(view, bytes, at, nameLength, extraLength);
    if (entry) entries.push(entry);
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
  return { entries, leftOut: Math.max(0, end.count - most) };
}

function centralEntry(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  nameLength: number,
  extraLength: number,
) {
  const flags = view.getUint16(at + 8, true);
  const name = nameOf(bytes.subarray(at + 46, at + 46 + nameLength));
  const sizes = sizes64(view, at, at + 46 + nameLength, extraLength);
  const local = sizes.local;
  if (name === '' || name.endsWith('/')) return undefined;
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL) return undefined;
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  return {
    name,
    method: view.getUint16(at + 10, true),
    isEncrypted: (flags & ENCRYPTED) !== 0,
    crc: view.getUint32(at + 16, true),
    start,
    packedSize: sizes.packed,
  };
}

/** Where the directory begins and how many entries it has. */
function endOf(view: DataView): { start: number; count: number } | undefined {
  const first = Math.max(0, view.byteLength - 22 - LONGEST_COMMENT);
  for (let at = view.byteLength - 22; at >= first; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    if (count !== 0xffff && start !== UNKNOWN) return { start, count };
    return endOf64(view, at - 20) ?? { start, count };
  }
  return undefined;
}

function endOf64(view: DataView, locator: number): { start: number; count: number } | undefined {
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64) return undefined;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== END_64) return undefined;
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    start: Number(view.getBigUint64(at + 48, true)),
  };
}

/** Packed size and place of an entry, from its record or, where they do not fit in there, from the extra field. */
function sizes64(view: DataView, at: number, extra: number, extraLength: number) {
  let packed = view.getUint32(at + 20, true);
  let local = view.getUint32(at + 42, true);
  const isSizeLong = view.getUint32(at + 24, true) === UNKNOWN;
  const end = Math.min(extra + extraLength, view.byteLength);
  for (let field = extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let value = field + 4 + (isSizeLong ? 8 : 0);
    const next = (): number => {
      value += 8;
      return value <= end ? Number(view.getBigUint64(value - 8, true)) : UNKNOWN;
    };
    if (packed === UNKNOWN) packed = next();
    if (local === UNKNOWN) local = next();
  }
  return { packed, local };
}

/** The entries by their own headers, for a zip that was cut off. One without sizes ends where the next record begins. */
function salvaged(view: DataView, bytes: Uint8Array, most: number): Found {
  const entries: ZipEntry[] = [];
  let leftOut = 0;
  let at = nextRecord(bytes, 0);
  while (at + 30 <= bytes.length) {
    if (view.getUint32(at, true) !== LOCAL) {
      at = nextRecord(bytes, at + 4);
      continue;
    }
    const flags = view.getUint16(at + 6, true);
    const nameLength = view.getUint16(at + 26, true);
    const start = at + 30 + nameLength + view.getUint16(at + 28, true);
    const areKnown = (flags & SIZES_FOLLOW) === 0;
    const end = areKnown ? start + view.getUint32(at + 18, true) : nextRecord(bytes, start);
    const name = nameOf(bytes.subarray(at + 30, at + 30 + nameLength));
    if (entries.length >= most) leftOut++;
    else if (name !== '' && !name.endsWith('/')) {
      entries.push({
        name,
        method: view.getUint16(at + 8, true),
        isEncrypted: (flags & ENCRYPTED) !== 0,
        crc: areKnown ? view.getUint32(at + 14, true) : undefined,
        start,
        packedSize: Math.min(end, bytes.length) - start,
      });
    }
    at = nextRecord(bytes, Math.max(start, Math.min(end, bytes.length)));
  }
  return { entries, leftOut };
}

/** The next place from `from` on at which a record may begin: `PK` and two small numbers; the end where there is none. */
function nextRecord(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x50, from); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
    if (bytes[at + 1] !== 0x4b) continue;
    const kind = bytes[at + 2]! * 256 + bytes[at + 3]!;
    if (kind === 0x0304 || kind === 0x0102 || kind === 0x0506 || kind === 0x0708) return at;
  }
  return bytes.length;
}

const nameOf = (bytes: Uint8Array) =>
  new TextDecoder().decode(bytes).replaceAll('\\', '/').replace(/^\/+/u, '');
