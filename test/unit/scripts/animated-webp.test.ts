import { expect, it } from 'vitest';
import { animatedWebp } from '../../../scripts/animated-webp.js';

/** A still with an image of these bytes, and metadata before it. */
function still(image: number[]): Uint8Array {
  const chunk = (name: string, data: number[]) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, Buffer.from(data), Buffer.alloc(data.length % 2)]);
  };
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('EXIF', [1, 2, 3]), chunk('VP8 ', image)]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

it('an animation holds the images of its stills, their times and nothing else of them', () => {
  const file = Buffer.from(
    animatedWebp(
      [
        { still: still([7, 7, 7]), milliseconds: 1_000 },
        { still: still([8, 8]), milliseconds: 70_000 },
      ],
      960,
      600,
    ),
  );
  expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 12)).toBe('RIFFWEBP');
  expect(file.readUInt32LE(4)).toBe(file.length - 8);
  const chunks: { name: string; data: Buffer }[] = [];
  for (let at = 12; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    chunks.push({ name: file.toString('latin1', at, at + 4), data: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  expect(chunks.map(({ name }) => name)).toEqual(['VP8X', 'ANIM', 'ANMF', 'ANMF']);
  const [whole, , first, second] = chunks.map(({ data }) => data);
  expect([whole!.readUIntLE(4, 3) + 1, whole!.readUIntLE(7, 3) + 1]).toEqual([960, 600]);
  expect([first!.readUIntLE(12, 3), second!.readUIntLE(12, 3)]).toEqual([1_000, 70_000]);
  expect(first!.subarray(16).toString('latin1')).toBe('VP8 \x03\0\0\0\x07\x07\x07\0');
  expect(second!.subarray(16).toString('latin1')).toBe('VP8 \x02\0\0\0\x08\x08');
});

it('says so where a still is something else', () => {
  expect(() => animatedWebp([{ still: Buffer.from('GIF89a'), milliseconds: 1 }], 2, 2)).toThrow('not a WebP');
});
