import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_TOKENS } from '../../../models/answers/reader/point-at.js';
import { createDocumentMemory, type Answer } from '../../../models/document/index.js';
import type { Engine } from '../../../models/memmamba/engine.js';
import type { MemMambaDocument } from '../../../models/document/document-memory.js';
import { StagedDocument } from '../../../models/staged/staged-document.js';
import { StagedText } from '../../../models/staged/staged-text.js';
import {
  characterTokenizer as tokenizer,
  microEngine,
  pieces,
  prose,
  readerlessEngine,
} from '../../support/micro.js';

const TEXT = `${prose(6000)}\n\nThe sluice number of the dam is 48213.\n\n${prose(6000, 2)}`;
let engine: Engine;
let memory: MemMambaDocument;

async function memoryOf(text: string, own = engine): Promise<MemMambaDocument> {
  const made = createDocumentMemory({ engine: () => Promise.resolve(own), tokenizer });
  await made.read(pieces(text));
  return made;
}

beforeAll(async () => {
  engine = await microEngine(256);
  memory = await memoryOf(TEXT);
});
afterAll(async () => {
  memory.dispose();
  await engine.dispose();
});

describe('a question to a document whose model has a reader', () => {
  it('gives passages always, and says how probable the answer is and what was read for it', async () => {
    const answer = await memory.ask({ question: 'What is the sluice number of the dam?' });
    expect(answer.passages!.length).toBeGreaterThan(2);
    expect(answer.passages!.length).toBeLessThanOrEqual(5);
    expect(answer.passages!.some(({ text }) => text.includes('48213'))).toBe(true);
    for (const { start, end, text } of answer.passages!) expect(TEXT.slice(start, end)).toBe(text);
    expect(answer.probability).toBeGreaterThanOrEqual(0);
    expect(answer.probability).toBeLessThanOrEqual(1);
    // The budget is used up, by one passage more than fits at most.
    expect(answer.read!.tokens).toBeGreaterThan(READ_TOKENS - 1100);
    expect(answer.read!.tokens).toBeLessThan(READ_TOKENS + 1100);
    expect(answer.read!.passages).toBeGreaterThan(2);
    const [place] = answer.evidence;
    if (place) expect(TEXT.slice(place.start, place.end)).toBe(place.text);
  });

  it('is refined while the reader looks: the passages first, then what was read so far', async () => {
    const told: Answer[] = [];
    const question = 'What stood by the river?';
    const last = await memory.ask({ question, onRefine: (answer) => told.push(answer) });
    expect(told.length).toBeGreaterThan(2);
    expect(told[0]).toMatchObject({ answer: 'none', evidence: [] });
    expect(told[0]!.passages!.length).toBeGreaterThan(0);
    const read = [...told.slice(1), last].map((answer) => answer.read!.tokens);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    expect(new Set(read).size).toBe(read.length);
  });

  it('is the same whether somebody watches or not', async () => {
    const question = 'Who had built the old mill?';
    const watched = await memory.ask({ question, onRefine: () => undefined });
    expect(await memory.ask({ question })).toEqual(watched);
  });

  it('stops at once when it is cancelled, and goes on with the next', async () => {
    const controller = new AbortController();
    const asked = memory.ask({
      question: 'What stood by the river?',
      signal: controller.signal,
      onRefine: (answer) => {
        if (answer.read) controller.abort(new Error('enough'));
      },
    });
    await expect(asked).rejects.toThrow('enough');
    expect((await memory.ask({ question: 'What stood by the river?' })).read!.passages).toBeGreaterThan(2);
  });

  it.each([
    ['', 'The question is empty.'],
    ['\u0007\u0000', 'The question is empty.'],
    ['what '.repeat(10_000), 'The question is too long'],
  ])('says in words what is wrong with %j', async (question, words) => {
    await expect(memory.ask({ question })).rejects.toThrow(words);
  });

  it.each(['Wo stand das alte Rad?', 'who\u0000built\u0007it'])(
    'verifies nothing where the question is %j',
    async (question) => {
      expect((await memory.ask({ question })).verified).toBe(false);
    },
  );

  it('says none of an empty document', async () => {
    const empty = await memoryOf('');
    expect(await empty.ask({ question: 'What?' })).toMatchObject({ answer: 'none', passages: [] });
    empty.dispose();
  });

  it('needs no reader of a model that has none: the memory and the words answer', async () => {
    const plain = await readerlessEngine(256);
    const other = await memoryOf(TEXT, plain);
    const answer = await other.ask({ question: 'What is the sluice number of the dam?' });
    expect(answer).toMatchObject({ answer: '48213', verified: true });
    expect(answer.passages!.length).toBeGreaterThan(2);
    expect(answer).not.toHaveProperty('probability');
    expect(await other.pointAt({ question: 'What?', texts: [], recalled: '' })).toBeUndefined();
    other.dispose();
    await plain.dispose();
  });
});

describe('a question to a document that was read in stages', () => {
  it('reads places of the whole file, with its offsets and lines', async () => {
    const lines = TEXT.split('\n').length;
    const end = 500;
    const map = new StagedText([{ start: 0, end, line: 1, endLine: TEXT.slice(0, end).split('\n').length }]);
    const inner = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    const staged = new StagedDocument(inner, map, TEXT.length, () => pieces(TEXT));
    await staged.read(pieces([...map.pieces([TEXT.slice(0, end)])].join('')));
    const told: Answer[] = [];
    const answer = await staged.ask({
      question: 'What is the sluice number of the dam?',
      onRefine: (early) => told.push(early),
    });
    expect(told[0]!.passages!.length).toBeGreaterThan(0);
    expect(answer.read!.passages).toBeGreaterThan(0);
    for (const { start, end: to, line, text } of answer.evidence) {
      expect(TEXT.slice(start, to)).toBe(text);
      expect(line).toBe(TEXT.slice(0, start).split('\n').length);
      expect(line).toBeLessThanOrEqual(lines);
    }
    expect(answer.evidence.length).toBeGreaterThan(0);
    staged.dispose();
  });
});
