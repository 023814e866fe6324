import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Tokenizer as Oracle } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../models/tokenizer/pre-tokens.js';
import { Tokenizer, type TokenBatch } from '../../../models/tokenizer/tokenizer.js';

const definition = readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8');
const tokenizer = new Tokenizer(JSON.parse(definition));
const oracle = Oracle.fromString(definition);

async function* inPieces(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

async function collect(pieces: Iterable<string>): Promise<TokenBatch> {
  const batches: TokenBatch[] = [];
  for await (const batch of tokenizer.stream(inPieces(pieces))) batches.push(batch);
  return {
    ids: Uint32Array.from(batches.flatMap((b) => [...b.ids])),
    starts: Float64Array.from(batches.flatMap((b) => [...b.starts])),
    ends: Float64Array.from(batches.flatMap((b) => [...b.ends])),
  };
}

/** Cuts `text` at any code unit, also in the middle of a surrogate pair. */
function cut(text: string, at: readonly number[]): string[] {
  const places = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, i) => text.slice(place, places[i] ?? text.length));
}

/** Text that stresses the pattern's borders: long runs, contractions, mixed white space, astral characters. */
const stressOf = (unit: 'binary' | 'grapheme') =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit, maxLength: 40 }),
        fc.constantFrom(
          "'s",
          "'ll",
          "'llama",
          '\r\n',
          '\n\n   ',
          '\u00a0',
          '👩‍👩‍👧',
          '한국어',
          '𝒜',
          'e\u0301',
          '\u2028',
        ),
        fc
          .tuple(fc.constantFrom('a', ' ', '-', '7', '\n', '😀', 'ß', 'x '), fc.integer({ min: 1, max: 200 }))
          .map(([s, n]) => s.repeat(n)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
const stress = stressOf('binary');
/** Without code points that only the newest Unicode assigns: the two libraries do not follow the same version. */
const settled = stressOf('grapheme');

describe('ids', () => {
  it('equal those of the Rust library on any text', async () => {
    await fc.assert(
      fc.asyncProperty(settled, async (text) => {
        const expected = text === '' ? [] : (await oracle.encode(text)).getIds();
        expect([...tokenizer.encode(text).ids]).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['code', 'export function f<T>(x: T[]): T {\n\treturn x[0]!; // first\n}\r\n'],
    ['log', '2024-11-22T01:23:09.123Z ERROR [worker-7] failed: ECONNRESET 10.0.0.1:5432 (retry 3/5)\n'],
    ['prose', '“It’s,” she said, “the U.S.A.’s 1,234.56 — isn’t it?”\n\n   CHAPTER II.\n'],
    ['mixed scripts', '状态空间模型 запоминает 12345 ٣٤٥ ﷽ naïve ½ ⅷ 𝟘'],
    ['markdown', '## Title\n\n- [x] done\n* `code`\n\n| a | b |\n|---|---|\n'],
  ])('equal those of the Rust library on %s', async (_, text) => {
    const repeated = text.repeat(50);
    expect([...tokenizer.encode(repeated).ids]).toEqual((await oracle.encode(repeated)).getIds());
  });

  it('do not depend on how the text was cut, lone surrogates included', async () => {
    const anything = fc.oneof(
      stress,
      fc
        .array(
          fc.oneof(
            fc.constantFrom(0xd83d, 0xde00, 0xd800, 0xdfff, 0x0d, 0x0a, 0x20),
            fc.integer({ min: 0, max: 0xffff }),
          ),
          { maxLength: 300 },
        )
        .map((units) => String.fromCharCode(...units)),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.array(fc.nat(), { maxLength: 30 }), async (text, places) => {
        expect(await collect(cut(text, places))).toEqual(tokenizer.encode(text));
      }),
      { numRuns: 400 },
    );
  });

  it('keep every digit apart and no pre-token above 256 bytes', () => {
    expect(tokenizer.encode('48213').ids).toHaveLength(5);
    for (const [, length] of [
      ['a', 1],
      ['語', 3],
      ['😀', 4],
    ] as const)
      expect(63 * length + 1).toBeLessThanOrEqual(256);
  });

  it('of a line of 10 MB come in bounded batches', async () => {
    const line = 'lorem ipsum 12345, '.repeat(10_000);
    let tokens = 0;
    let largest = 0;
    let end = 0;
    async function* source() {
      for (let i = 0; i < 55; i++) yield await Promise.resolve(line);
    }
    for await (const batch of tokenizer.stream(source())) {
      tokens += batch.ids.length;
      largest = Math.max(largest, batch.ids.length);
      end = batch.ends.at(-1)!;
    }
    expect(end).toBe(55 * line.length);
    // The space at a line's end joins the word that begins the next one.
    expect(tokens).toBe(55 * (tokenizer.encode(line).ids.length - 1) + 1);
    expect(largest).toBeLessThan(3 * 4096);
  });
});

describe('offsets', () => {
  it('cover the text without gaps, a token with part of a character standing for all of it', async () => {
    await fc.assert(
      fc.asyncProperty(stress, async (text) => {
        const { ids, starts, ends } = await collect(cut(text, [7, 100, 333]));
        let reached = 0;
        for (let i = 0; i < ids.length; i++) {
          expect(starts[i]).toBeLessThanOrEqual(reached);
          expect(ends[i]).toBeGreaterThan(starts[i]!);
          expect(ends[i]).toBeGreaterThanOrEqual(reached);
          reached = ends[i]!;
          const slice = text.slice(starts[i], ends[i]);
          const own = new TextDecoder().decode(tokenizer.bytesOf(ids[i]!));
          if (!own.includes('\ufffd')) expect(slice).toBe(own);
          expect(slice).not.toMatch(/\p{Surrogate}/u);
        }
        expect(reached).toBe(text.length);
      }),
      { numRuns: 300 },
    );
  });

  it('of a character spread over several tokens are equal', () => {
    const text = 'a\u{1F9FF}b';
    const { ids, starts, ends } = tokenizer.encode(text);
    expect(ids.length).toBeGreaterThan(3);
    for (let i = 1; i < ids.length - 1; i++) expect([starts[i], ends[i]]).toEqual([1, 3]);
  });
});

describe('decoding', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(stress, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
      }),
    );
  });

  it('refuses ids that are not in the vocabulary', () => {
    expect(() => tokenizer.decode([tokenizer.vocabSize])).toThrow(/no token 16384/);
  });
});

describe('a tokenizer.json that cannot be streamed', () => {
  it.each([[String.raw`\s+`], [String.raw`a*`], [String.raw`a{2,}`], [String.raw`a{1,64}`]])(
    'is refused: %s',
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(/Split pattern/);
    },
  );

  it('is told apart from escapes and classes', () => {
    expect(() => compilePattern(String.raw`\+[*+]\p{L}`)).not.toThrow();
  });

  it.each([
    ['a normalizer', { normalizer: { type: 'NFC' } }],
    ['another model', { model: { type: 'Unigram', vocab: {} } }],
    ['another pre-tokenizer', { pre_tokenizer: { type: 'Whitespace' } }],
  ])('is refused: %s', (_, change) => {
    const json = { ...(JSON.parse(definition) as object), ...change };
    expect(() => new Tokenizer(json)).toThrow(/tokenizer\.json/);
  });
});
