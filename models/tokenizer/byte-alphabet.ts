/**
 * The alphabet of byte-level BPE: every byte is written as one printable character, so that merges can be
 * stored as text. Printable Latin-1 stands for itself, the other 68 bytes are moved to U+0100 and up.
 * Source: GPT-2, `bytes_to_unicode` (Radford et al. 2019).
 */
const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** (256) the character that stands for each byte. */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  let moved = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : moved++));
})();

/** The byte that each character of the alphabet stands for. */
export const CHAR_TO_BYTE: ReadonlyMap<string, number> = new Map(
  BYTE_TO_CHAR.map((char, byte) => [char, byte] as const),
);
