import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../../models/document/index.js';
import { DocumentText } from '../../../models/reading/document-text.js';
import type { MemMambaDocument } from '../../../models/document/document-memory.js';
import type { Engine } from '../../../models/memmamba/engine.js';
import { characterTokenizer, microEngine, pieces, prose } from '../../support/micro.js';

/** Tokens of a segment, and so at least between two saved states. */
const SEGMENT = 128;
/** Tokens between two saved states, and what a segment may add. */
const SPACING = 512 + SEGMENT;
const TEXT = prose(5000);

let engine: Engine;
let tokensRead = 0;

beforeAll(async () => {
  const inner = await microEngine(SEGMENT);
  // The engine itself, with a count of the tokens that documents were read by.
  engine = new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'forward') return value.bind(target) as unknown;
      return (...args: Parameters<Engine['forward']>) => {
        if (args[2]?.trace) tokensRead += args[1].length;
        return target.forward(...args);
      };
    },
  });
});

afterAll(() => engine.dispose());

async function read(text: string): Promise<MemMambaDocument> {
  const memory = createDocumentMemory({
    engine: () => Promise.resolve(engine),
    tokenizer: characterTokenizer,
  });
  await memory.read(pieces(text));
  return memory;
}

/** Reads `before`, updates it to `after`, and returns the memory with the number of tokens that the update read. */
async function updated(before: string, after: string, size?: number) {
  const memory = await read(before);
  tokensRead = 0;
  const coverage = await memory.update(pieces(after, size));
  return { memory, coverage, tokens: tokensRead };
}

/** Fails unless a memory says what one says that read the text whole. */
async function expectSame(memory: MemMambaDocument, text: string): Promise<void> {
  const whole = await read(text);
  expect(memory.coverage).toEqual(whole.coverage);
  expect(memory.coverage).toEqual({ tokens: text.length, bytes: text.length, complete: true });
  expect(memory.slice(0, Infinity)).toBe(text);
  const rounded = (entry: object) =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => [
        key,
        typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(5) : (value as unknown),
      ]),
    );
  // Entries that entered with the same chunk stand in the order of their layers and scores.
  expect(memory.pool().map(rounded)).toEqual(whole.pool().map(rounded));
  expect(memory.pool({ live: true }).length).toBe(whole.pool({ live: true }).length);
  for (const method of ['bm25', 'notes'] as const) {
    const found = await memory.passages({ query: 'wheel of the mill', method, top: 5 });
    const expected = await whole.passages({ query: 'wheel of the mill', method, top: 5 });
    expect(found.map(({ score, ...passage }) => ({ ...passage, score: score.toFixed(4) }))).toEqual(
      expected.map(({ score, ...passage }) => ({ ...passage, score: score.toFixed(4) })),
    );
  }
  const middle = text.length >> 1;
  for (const start of [0, middle, text.length - 40]) {
    const range = { start, end: start + 40 };
    const [found, expected] = [await memory.retention(range), await whole.retention(range)];
    expect(found.map(({ start, end, pool }) => ({ start, end, pool }))).toEqual(
      expected.map(({ start, end, pool }) => ({ start, end, pool })),
    );
    found.forEach(({ retention }, i) => {
      expect(Math.abs(retention - expected[i]!.retention)).toBeLessThan(1e-5);
    });
  }
  let compared = 0;
  for (let start = 0; start < text.length; start += 37) {
    const [found, expected] = [memory.evidence(start, start + 37), whole.evidence(start, start + 37)];
    if (expected.salience === undefined) continue;
    compared++;
    // Kept to 11 bits, of values up to about ten.
    expect(Math.abs(found.salience! - expected.salience)).toBeLessThan(0.02);
  }
  expect(compared).toBeGreaterThan(text.length / 60);
  whole.dispose();
}

describe('after an edit', () => {
  const middle = 2600;
  it.each([
    ['a line at the end', `${TEXT}\nOne more line.`, TEXT.length],
    ['a letter in the middle', `${TEXT.slice(0, middle)}Q${TEXT.slice(middle + 1)}`, middle],
    ['a passage put in', `${TEXT.slice(0, middle)}\n\nQuite new.\n\n${TEXT.slice(middle)}`, middle],
    ['a passage taken out', TEXT.slice(0, middle) + TEXT.slice(middle + 777), middle],
    ['the end taken off', TEXT.slice(0, 3333), 3333],
    ['the very last letter taken off', TEXT.slice(0, -1), TEXT.length - 1],
    ['the first letter', `Q${TEXT.slice(1)}`, 0],
    ['everything', prose(1500, 7), 0],
  ])('of %s only what follows is read again, and it is as if read whole', async (_, after, same) => {
    const { memory, tokens } = await updated(TEXT, after);
    const changed = after.length - same;
    expect(tokens).toBeGreaterThanOrEqual(changed);
    expect(tokens).toBeLessThan(changed + SPACING);
    await expectSame(memory, after);
    memory.dispose();
  });

  it('a line at the end of a long document is read, and nothing before it', async () => {
    const before = prose(20_000);
    const line = '\nA line that was added.';
    const { memory, tokens } = await updated(before, before + line, 4096);
    expect(tokens).toBe(line.length);
    expect(memory.coverage.tokens).toBe(before.length + line.length);
    // The last letter of a long document: from the nearest saved state.
    tokensRead = 0;
    await memory.update(pieces(`${before + line.slice(0, -1)}!`, 4096));
    expect(tokensRead).toBeLessThan(0.05 * before.length);
    memory.dispose();
  });

  it('that changes nothing, nothing is read', async () => {
    const { memory, coverage, tokens } = await updated(TEXT, TEXT, 31);
    expect(tokens).toBe(0);
    expect(coverage).toEqual({ tokens: TEXT.length, bytes: TEXT.length, complete: true });
    memory.dispose();
  });

  it('that changes only where parts of a document begin, passages keep within them', async () => {
    const cuts = [0, ...[2, 3].map((part) => TEXT.indexOf('. ', 1000 * part) + 2)];
    const passagesOf = (memory: MemMambaDocument) =>
      memory.passages({ query: 'mill river wheel', method: 'bm25', top: 100 });
    const crossing = (passages: Awaited<ReturnType<typeof passagesOf>>) =>
      passages.filter(({ start, end }) => cuts.some((cut) => start < cut && cut < end)).length;
    const memory = await read(TEXT);
    expect(crossing(await passagesOf(memory))).toBeGreaterThan(0);
    const before = tokensRead;
    await memory.update(pieces(TEXT), { cuts });
    expect(tokensRead).toBe(before);
    expect(crossing(await passagesOf(memory))).toBe(0);
    // And the other way: the whole of it is read.
    await memory.update(pieces(TEXT));
    expect(crossing(await passagesOf(memory))).toBeGreaterThan(0);
    memory.dispose();
  });

  it('and another, and their undoing, it is as at first', async () => {
    const memory = await read(TEXT);
    const edits = [
      `${TEXT} And then`,
      `${TEXT} And then there was a line`,
      TEXT.replace('the', 'one'),
      `${TEXT.slice(0, 1200)}!${TEXT.slice(1200)}`,
      TEXT,
    ];
    for (const text of edits) await memory.update(pieces(text));
    await expectSame(memory, TEXT);
    memory.dispose();
  });

  it('a cancelled update can be taken up again', async () => {
    const memory = await read(TEXT);
    const after = `${TEXT.slice(0, 700)}?${TEXT.slice(700)}`;
    const controller = new AbortController();
    const coverage = await memory.update(pieces(after), {
      signal: controller.signal,
      onProgress: ({ tokens }) => {
        if (tokens > 2000) controller.abort();
      },
    });
    expect(coverage.complete).toBe(false);
    expect(coverage.tokens).toBeGreaterThan(2000);
    expect(memory.slice(0, Infinity)).toBe(after.slice(0, coverage.tokens));
    tokensRead = 0;
    await memory.update(pieces(after));
    expect(tokensRead).toBe(after.length - coverage.tokens);
    await expectSame(memory, after);
    memory.dispose();
  });

  it('is refused before the document was read', async () => {
    const memory = createDocumentMemory({
      engine: () => Promise.resolve(engine),
      tokenizer: characterTokenizer,
    });
    await expect(memory.update(pieces('text'))).rejects.toThrow('has not been read yet');
  });
});

describe('text that is cut off', () => {
  const text = 'one\r\ntwo\rthree\n\nfour';
  it.each(Array.from({ length: text.length + 1 }, (_, length) => length))(
    'after %i units goes on as if it had never been longer',
    (length) => {
      for (const size of [1, 3, 100]) {
        const document = new DocumentText();
        for (let at = 0; at < text.length; at += size) document.append(text.slice(at, at + size));
        document.truncate(length);
        expect(document.length).toBe(length);
        const rest = '\nmore\r\n';
        document.append(rest);
        const plain = new DocumentText();
        plain.append(text.slice(0, length) + rest);
        expect(document.toString()).toBe(plain.toString());
        expect(document.lines.lines).toBe(plain.lines.lines);
        for (let at = 0; at < plain.length; at++) {
          expect(document.lines.lineOf(at)).toBe(plain.lines.lineOf(at));
        }
      }
    },
  );
});
