import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { halvesOf, segmentsOf, type TextSegment } from '../../../models/reading/token-segments.js';
import { TokenIndex } from '../../../models/reading/token-index.js';
import { Tokenizer, type TokenBatch } from '../../../models/tokenizer/index.js';
import { utf8Length } from '../../../models/text/utf8-length.js';
import { pieces } from '../../support/micro.js';

/** Tokens of a segment, and between two states that could be gone back to. */
const SEGMENT = 300;
const SPACING = 700;

let book: string;
/** Counts what it cuts. */
let tokenizer: Tokenizer;
let cutUnits = 0;

beforeAll(() => {
  book = readFileSync('test/fixtures/books/the-warden.md', 'utf8').slice(0, 60_000);
  const json: unknown = JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8'));
  tokenizer = new (class extends Tokenizer {
    override async *stream(text: AsyncIterable<string>, offset?: number): AsyncGenerator<TokenBatch> {
      async function* counted() {
        for await (const piece of text) {
          cutUnits += piece.length;
          yield piece;
        }
      }
      yield* super.stream(counted(), offset);
    }
  })(json);
});

/** What is kept of a text's tokens, without a model. */
class Kept {
  readonly tokens = new TokenIndex();
  readonly text = new DocumentText();
  rewound: number | undefined;

  async read(source: AsyncIterable<string>, isUpdate = false): Promise<void> {
    this.rewound = undefined;
    const { tokens, text } = this;
    const known = {
      length: tokens.length,
      isSame: (token: number, id: number, start: number) =>
        tokens.id(token) === id && tokens.start(token) === start,
      slice: (start: number, end: number) => text.slice(start, end),
      cutBefore: (token: number, offset: number) => {
        const cut = tokens.cutBefore(token, offset);
        return { token: cut, start: cut === 0 ? 0 : tokens.start(cut) };
      },
      resumeAt: (same: number) => (same === tokens.length ? same : same - (same % SPACING)),
      rewind: (position: number) => {
        this.rewound = position;
        text.truncate(position === 0 ? 0 : tokens.end(position - 1));
        tokens.truncate(position);
        return Promise.resolve();
      },
    };
    const segments = segmentsOf(tokenizer, source, SEGMENT, undefined, isUpdate ? known : undefined);
    // A device may ask for shorter segments.
    for await (const segment of segments) {
      for (const part of tokens.length % 2 === 0 ? [segment] : halvesOf(segment)) this.#record(part);
    }
  }

  #record({ tokens, text, offset, cuts }: TextSegment): void {
    expect(offset).toBe(this.text.length);
    const position = this.tokens.length;
    const none = new Float32Array(tokens.ids.length);
    this.tokens.append(tokens, none, none);
    for (const cut of cuts) this.tokens.markCut(position + cut);
    this.text.append(text);
  }

  /** Fails unless everything is as if `text` had been read whole. */
  expectRead(text: string): void {
    expect(this.text.slice(0, Infinity)).toBe(text);
    const { ids, starts, ends } = tokenizer.encode(text);
    expect(this.tokens.length).toBe(ids.length);
    const all = Array.from(ids.keys());
    expect(all.map((token) => this.tokens.id(token))).toEqual([...ids]);
    expect(all.map((token) => this.tokens.start(token))).toEqual([...starts]);
    expect(all.map((token) => this.tokens.end(token))).toEqual([...ends]);
  }
}

const edits: [string, (text: string) => string][] = [
  ['nothing', (text) => text],
  ['a line appended', (text) => `${text}\nOne more line.\n`],
  ['a letter appended', (text) => `${text}s`],
  ['a space appended', (text) => `${text} `],
  ['a digit in the middle', (text) => `${text.slice(0, 30_001)}7${text.slice(30_001)}`],
  ['a quotation mark taken out of the middle', (text) => text.slice(0, 30_000) + text.slice(30_001)],
  ['the first letter', (text) => `Ж${text.slice(1)}`],
  ['the last letter taken off', (text) => text.slice(0, -1)],
  ['the end taken off', (text) => text.slice(0, 41_234)],
  ['the beginning taken off', (text) => text.slice(500)],
  ['everything', () => 'Quite another text. '.repeat(700)],
  ['all of it taken away', () => ''],
  ['a run of one letter grown', (text) => text.replace('xxxx', 'x'.repeat(300))],
  ['half of a surrogate pair', (text) => text.replace('😀', '😁')],
];

describe('segments of a text that was edited', () => {
  it.each(edits)('%s: tokens are as if it was read whole', async (_, edit) => {
    // Runs longer than any pre-token, and characters of several units.
    const before = `${book.slice(0, 20_000)} ${'x'.repeat(500)} 😀😀 ${'-'.repeat(200)}${book.slice(20_000)}`;
    const after = edit(before);
    for (const size of [97, 5000, 1 << 16]) {
      const kept = new Kept();
      await kept.read(pieces(before, size));
      kept.expectRead(before);
      await kept.read(pieces(after, size), true);
      kept.expectRead(after);
      // And back, so that what was marked by the first update is used.
      await kept.read(pieces(before, size), true);
      kept.expectRead(before);
    }
  });

  it('never ends inside a surrogate pair, so that the bytes of segments add up', async () => {
    const text = '😀é→\ud83d \ude00x'.repeat(40);
    for (const length of [1, 2, 3, 5]) {
      let bytes = 0;
      for await (const { text: part } of segmentsOf(tokenizer, pieces(text, 97), length, undefined))
        bytes += utf8Length(part);
      expect(bytes).toBe(new TextEncoder().encode(text).length);
    }
  });

  it('cuts no more into tokens than what follows the place from which is read', async () => {
    const kept = new Kept();
    await kept.read(pieces(book, 5000));
    const length = kept.tokens.length;
    cutUnits = 0;
    await kept.read(pieces(`${book}\nOne more line.\n`, 5000), true);
    expect(kept.rewound).toBeGreaterThan(length - SPACING - 1);
    // A batch is 4,096 units.
    expect(cutUnits).toBeLessThan(4096 + 160 + 8 * SPACING);
    cutUnits = 0;
    await kept.read(pieces(`${book}\nOne more line.\n`, 5000), true);
    expect(kept.rewound).toBeUndefined();
    expect(cutUnits).toBeLessThan(4096 + 160 + 8 * SPACING);
  });
});
