/**
 * Bytes to text, as a stream. A byte order mark is skipped and not counted in offsets; line endings stay as they are.
 * Bytes that are no UTF-8 become U+FFFD, a mark each, and are counted; where most of what is not ASCII is such, the file
 * has another encoding and is refused: it would be summarised wrongly. A NUL byte in a text stays, and is read as white
 * space; a file of them is no text.
 */

/** The bytes are not text. `offset` counts bytes from the start of the file, byte order mark included. */
export class TextError extends Error {
  override readonly name = 'TextError';
  constructor(
    message: string,
    readonly kind: 'binary' | 'invalid-utf8',
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Marks in a text, each of which stands for bytes that are no UTF-8. */
export function undecodedIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) count++;
  return count;
}

/** Bytes by whose look the encoding is told. */
const HEAD = 1 << 16;
/** Share of NUL and other control bytes from which a file is no text; runs of NULs in a log are fewer. */
const CONTROLS = 0.3;
/** Wrong bytes from which a file has another encoding, where few characters are right. */
const WRONG = 12;

/** How files of other kinds begin. */
const KINDS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a program (ELF)', [0x7f, 0x45, 0x4c, 0x46]],
  ['a picture (PNG)', [0x89, 0x50, 0x4e, 0x47]],
  ['a picture (JPEG)', [0xff, 0xd8, 0xff]],
  ['a picture (GIF)', [0x47, 0x49, 0x46, 0x38]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['a zip archive or an office document', [0x50, 0x4b, 0x03, 0x04]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a bzip2 archive', [0x42, 0x5a, 0x68]],
  ['an xz archive', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a Zstandard archive', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an old office document', [0xd0, 0xcf, 0x11, 0xe0]],
  ['an SQLite database', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66]],
  ['a program (Windows)', [0x4d, 0x5a, 0x90]],
  ['a WebAssembly module', [0x00, 0x61, 0x73, 0x6d]],
];

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark, that arrives in chunks of any size.
 *
 * @param onWrong told, at the end, how many wrong bytes became marks
 * @throws {TextError} where the bytes are no text, or text of another encoding
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onWrong?: (count: number) => void,
): AsyncGenerator<string, void, undefined> {
  let head: Uint8Array[] = [];
  let held = 0;
  let decoder: TextDecoder | undefined;
  let wrong = 0;
  const marked = (text: string) => {
    wrong += undecodedIn(text);
    return text;
  };
  for await (const chunk of chunks) {
    if (decoder) {
      const text = marked(decoder.decode(chunk, { stream: true }));
      if (text.length > 0) yield text;
      continue;
    }
    head.push(chunk);
    held += chunk.length;
    if (held < HEAD) continue;
    const bytes = joined(head, held);
    decoder = decoderFor(bytes);
    head = [];
    yield marked(decoder.decode(bytes, { stream: true }));
  }
  const rest = joined(head, held);
  decoder ??= decoderFor(rest);
  const last = marked(head.length > 0 ? decoder.decode(rest) : decoder.decode());
  if (last.length > 0) yield last;
  if (wrong > 0) onWrong?.(wrong);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** @throws {TextError} */
function decoderFor(head: Uint8Array): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe && !(head[2] === 0 && head[3] === 0))
    return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  refuseBinary(head);
  refuseOtherEncoding(head);
  return new TextDecoder('utf-8');
}

function refuseBinary(head: Uint8Array): void {
  const kind = KINDS.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0];
  if (kind !== undefined) {
    const nul = Math.max(0, head.indexOf(0));
    throw new TextError(`this is ${kind}, no text.`, 'binary', nul);
  }
  let controls = 0;
  // A run of NULs is what a crash leaves in a log; it counts once.
  for (let i = 0; i < head.length; i++) {
    const byte = head[i]!;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) if (byte !== 0 || head[i - 1] !== 0) controls++;
  }
  const seen = head.filter((byte, i) => byte !== 0 || head[i - 1] !== 0).length;
  if (controls <= 2 || controls < seen * CONTROLS) return;
  const nul = head.indexOf(0);
  throw new TextError(
    nul < 0
      ? 'this is a binary file. Only text can be read.'
      : `a NUL byte at ${nul}: this is a binary file, or text in UTF-16 or UTF-32. Only text can be read; convert it to UTF-8.`,
    'binary',
    Math.max(0, nul),
  );
}

function refuseOtherEncoding(head: Uint8Array): void {
  const text = new TextDecoder('utf-8').decode(head, { stream: true });
  let wrong = 0;
  let right = 0;
  for (const character of text) {
    if (character === '\ufffd') wrong++;
    else if (character > '\x7f') right++;
  }
  if (wrong < WRONG || right * 2 >= wrong) return;
  const before = text.slice(0, text.indexOf('\ufffd'));
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const offset = mark + new TextEncoder().encode(before).length;
  throw new TextError(
    `not valid UTF-8 at byte ${offset}. Convert the file to UTF-8, or open it in the editor with its encoding.`,
    'invalid-utf8',
    offset,
  );
}
