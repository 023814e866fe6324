/**
 * Joins still WebP images of one size to an animation: the container's chunks around the stills' own, nothing is
 * encoded anew (https://developers.google.com/speed/webp/docs/riff_container).
 */

export interface WebpFrame {
  /** A still WebP file. */
  readonly still: Uint8Array;
  readonly milliseconds: number;
}

const IMAGE_CHUNKS = new Set(['ALPH', 'VP8 ', 'VP8L']);
const ANIMATION = 0x02;
/** A frame replaces what was there instead of being laid over it. */
const NO_BLENDING = 0x02;

/** @throws {Error} where a still is not a WebP file */
export function animatedWebp(frames: readonly WebpFrame[], width: number, height: number): Uint8Array {
  const size = [...uint(width - 1, 3), ...uint(height - 1, 3)];
  const parts = frames.map(({ still, milliseconds }) =>
    chunk(
      'ANMF',
      Buffer.concat([
        Buffer.from([...uint(0, 6), ...size, ...uint(milliseconds, 3), NO_BLENDING]),
        imageChunks(still),
      ]),
    ),
  );
  const body = Buffer.concat([
    Buffer.from('WEBP', 'latin1'),
    chunk('VP8X', Buffer.from([ANIMATION, 0, 0, 0, ...size])),
    // A white background; plays for ever.
    chunk('ANIM', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0])),
    ...parts,
  ]);
  return Buffer.concat([Buffer.from('RIFF', 'latin1'), Buffer.from(uint(body.length, 4)), body]);
}

/** Little-endian bytes of a number. */
function uint(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value / 256 ** i) & 0xff);
}

/** A chunk with its name and length; chunks begin at even offsets. */
function chunk(name: string, data: Buffer): Buffer {
  const pad = Buffer.alloc(data.length % 2);
  return Buffer.concat([Buffer.from(name, 'latin1'), Buffer.from(uint(data.length, 4)), data, pad]);
}

/** What of a still file is its image. */
function imageChunks(still: Uint8Array): Buffer {
  const file = Buffer.from(still);
  const name = (at: number) => file.toString('latin1', at, at + 4);
  if (name(0) !== 'RIFF' || name(8) !== 'WEBP') throw new Error('This is not a WebP file.');
  const found: Buffer[] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const length = file.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (IMAGE_CHUNKS.has(name(at))) found.push(file.subarray(at, end));
    at = end;
  }
  return Buffer.concat(found);
}
