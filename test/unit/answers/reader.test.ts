import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuestionReader } from '../../../models/answers/reader/reader.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import type { ReaderEngine } from '../../../models/memmamba/engine.js';
import { Tokenizer } from '../../../models/tokenizer/index.js';
import { characterTokenizer, microEngine } from '../../support/micro.js';
import { repositoryFile } from '../../support/model-files.js';

let engine: CpuEngine;
let readerEngine: ReaderEngine;
beforeAll(async () => {
  engine = await microEngine(64);
  readerEngine = await engine.openReader();
});
afterAll(() => engine.dispose());

/** A reader that notes what it is given to read, as the micro model's 97 tokens. */
function recorded(asked: Uint32Array[], read: Uint32Array[]): ReaderEngine {
  const known = (tokens: Uint32Array) => tokens.map((id) => id % 97);
  return {
    longest: readerEngine.longest,
    batchTokens: readerEngine.batchTokens,
    byteLength: readerEngine.byteLength,
    ask: async (question, signal) => {
      asked.push(question);
      const own = await readerEngine.ask(known(question), signal);
      return {
        none: own.none,
        read: (passages, end, until) => {
          read.push(...passages, end);
          return own.read(passages.map(known), known(end), until);
        },
        dispose: () => own.dispose(),
      };
    },
  };
}

describe('a question on its way through passages', () => {
  it('is read as in training: question, passage and end in one row', async () => {
    const [asked, read]: [Uint32Array[], Uint32Array[]] = [[], []];
    const reader = await QuestionReader.ask(recorded(asked, read), characterTokenizer, ' Who built\n it? ');
    const passage = 'Nobody knew who had built the old mill. It stood by a river, and its wheel turned.';
    const [reading] = await reader.read([passage]);
    const words = [...asked, ...read].map((ids) => characterTokenizer.decode([...ids]));
    expect(words).toEqual(['Question: Who built it?', `\n\n${passage}`, '\n\nAnswer:']);
    const own = await readerEngine.ask(asked[0]!);
    expect(reader.none).toBe(own.none);
    const [expected] = await own.read([read[0]!], read[1]!);
    expect(reading).toMatchObject({ start: expected!.start, end: expected!.end });
    reader.dispose();
  });

  it('gives every token its place in the passage', async () => {
    const reader = await QuestionReader.ask(readerEngine, characterTokenizer, 'who');
    const [{ starts, ends, start } = fail()] = await reader.read(['abc']);
    expect(start).toHaveLength(5);
    // Two line ends stand in front of it.
    expect([...starts]).toEqual([0, 0, 0, 1, 2]);
    expect([...ends]).toEqual([0, 0, 1, 2, 3]);
    reader.dispose();
  });

  it('counts UTF-16 units, and cuts a question behind 64 tokens', async () => {
    const json: unknown = JSON.parse(
      new TextDecoder().decode(await repositoryFile('models/artifacts/tiny/tokenizer.json')),
    );
    const tokenizer = new Tokenizer(json);
    const asked: Uint32Array[] = [];
    const question = Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(' ');
    const reader = await QuestionReader.ask(recorded(asked, []), tokenizer, question);
    expect(asked.map(({ length }) => length)).toEqual([64]);
    const passage = 'Die Straße 😀 ist “lang”: 12 km.';
    const [{ starts, ends } = fail()] = await reader.read([passage]);
    const words = Array.from(starts, (from, i) => passage.slice(from, ends[i]));
    // Every character stands in a token, and one of several tokens in each of them.
    expect(words.filter((word, i) => word !== words[i - 1]).join('')).toBe(passage);
    expect(words.filter((word) => word.includes('😀')).length).toBeGreaterThan(1);
    expect(words).toContain('12'.slice(0, 1));
    reader.dispose();
  });

  it('reads of a passage that is too long what fits', async () => {
    const reader = await QuestionReader.ask(readerEngine, characterTokenizer, 'who');
    const [{ start, ends } = fail()] = await reader.read(['word '.repeat(1000)]);
    expect(start).toHaveLength(readerEngine.longest - '\n\nAnswer:'.length);
    expect(ends).toHaveLength(start.length);
    reader.dispose();
  });
});

function fail(): never {
  throw new Error('no passage was read');
}
