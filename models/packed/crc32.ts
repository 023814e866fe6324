/** Polynomial of CRC-32 as zip and gzip use it (ISO 3309), reflected. */
const POLYNOMIAL = 0xedb88320;

let table: Uint32Array | undefined;

function tableOf(): Uint32Array {
  const values = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    values[i] = value;
  }
  return values;
}

/** Checksum of bytes that come in pieces: give 0 at first, then what came out before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  table ??= tableOf();
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
