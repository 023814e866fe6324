import type { RefusedFile, UnpackedFile } from '../../extension/protocol/unpack.js';
import { structureOf } from '../../models/packed/structure.js';
import { PackedError } from '../../models/packed/types.js';
import { unpack } from '../../models/packed/unpack/unpack.js';
import { decodeText, TextError } from '../../models/text/decode-text.js';
import type { UnpackHost } from './connection.js';

/** UTF-16 code units handed on at a time. */
const PIECE = 1 << 20;
/** Bytes of a text that are decoded at a time. */
const SLICE = 1 << 18;

/** Unpacks a file and hands its text on in pieces. Why there is none is an answer too. */
export async function unpackFile(bytes: Uint8Array, host: UnpackHost): Promise<UnpackedFile | RefusedFile> {
  try {
    const unpacked = await unpack(bytes, {
      characterMaps: (name) => host.characterMap(name),
      onProgress: (done, total) => void host.progress(done, total),
    });
    if (unpacked.kind === 'text') {
      const { bytes: inner, unread } = unpacked;
      if (isBlank(inner)) {
        const isCut = unread.some(({ reason }) => reason === 'too-large');
        return { kind: 'refused', reason: isCut ? 'too-large' : 'no-text' };
      }
      await handOn(decodeText(slicesOf(inner)), host);
      return { kind: 'text', format: 'gzip', anchors: [], unread };
    }
    const { document } = unpacked;
    const { text, format, title, anchors, parts, unread } = document;
    await handOn([text], host);
    const blocks = structureOf(document);
    return { kind: 'text', format, blocks, anchors, parts, unread, ...(title !== undefined && { title }) };
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): RefusedFile {
  if (error instanceof TextError) return { kind: 'refused', reason: 'not-text' };
  if (!(error instanceof PackedError)) throw error;
  const { kind, what } = error;
  return { kind: 'refused', reason: kind, ...(what !== undefined && { what }) };
}

/** True of white space alone; a run of NULs is what a crash leaves in a log. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0 || byte === 0x20 || (byte >= 9 && byte <= 13));
}

/** Gives a text away piece by piece, each when the one before has been taken. */
async function handOn(text: AsyncIterable<string> | Iterable<string>, host: UnpackHost): Promise<void> {
  for await (const part of text) {
    for (let at = 0; at < part.length; at += PIECE) await host.text(part.slice(at, at + PIECE));
  }
}

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}
