import { Parser } from 'htmlparser2';
import { PackedError } from './types.js';

/** What happens at each part of a document. Names are as in the file; of HTML in lower case. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

interface XmlOptions {
  /** Reads as HTML: names of entities, elements that need no end. */
  readonly isHtml?: boolean;
  readonly depth: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads XML piece by piece. It forgives what is not well formed and expands no entities of the document's own. The
 * parser does not recurse; the bound on depth is against the time that unmatched ends take.
 *
 * @throws {PackedError} `broken` where elements nest deeper than the bound
 */
export function readXml(pieces: Iterable<Uint8Array>, handler: XmlHandler, options: XmlOptions): void {
  const { isHtml = false, depth, signal } = options;
  let open = 0;
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (++open > depth) throw new PackedError('broken', `Its elements nest deeper than ${depth}.`);
        handler.open?.(name, attributes);
      },
      ontext: (text) => handler.text?.(text),
      onclosetag: (name) => {
        open--;
        handler.close?.(name);
      },
    },
    { xmlMode: !isHtml, decodeEntities: true, recognizeSelfClosing: true },
  );
  for (const text of decoded(pieces)) {
    signal?.throwIfAborted();
    parser.write(text);
  }
  parser.end();
}

/** Text of XML in the encoding that a byte order mark or the declaration names, else UTF-8. Wrong bytes are U+FFFD. */
function* decoded(pieces: Iterable<Uint8Array>): Generator<string, void, undefined> {
  let decoder: TextDecoder | undefined;
  for (const piece of pieces) {
    decoder ??= new TextDecoder(encodingOf(piece));
    // Pieces of a megabyte at most, so that a cancel is heard.
    for (let at = 0; at < piece.length; at += 2 ** 20) {
      yield decoder.decode(piece.subarray(at, at + 2 ** 20), { stream: true });
    }
  }
  if (decoder) yield decoder.decode();
}

function encodingOf(start: Uint8Array): string {
  const [a, b] = start;
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be';
  const head = Array.from(start.subarray(0, 200), (byte) => String.fromCharCode(byte)).join('');
  const named = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/u.exec(head)?.[1];
  if (named === undefined || /^utf-?16/iu.test(named)) return 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return 'utf-8';
  }
}

/** Collects the text of a small XML file's elements; the tree is not kept. */
export const localName = (name: string) => name.slice(name.indexOf(':') + 1);
