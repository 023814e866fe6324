import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuestionReader } from '../../../models/answers/reader/reader.js';
import type { CpuEngine } from '../../../models/memmamba/cpu/cpu-engine.js';
import { passageLogits, READER_WIDTH } from '../../../models/memmamba/reader-head.js';
import { loadModel } from '../../../models/memmamba/weights.js';
import { CpuEngine as Cpu } from '../../../models/memmamba/cpu/cpu-engine.js';
import { Tokenizer } from '../../../models/tokenizer/index.js';
import { characterTokenizer, microEngine } from '../../support/micro.js';
import { MICRO, modelFiles, repositoryFile } from '../../support/model-files.js';

let engine: CpuEngine;
beforeAll(async () => {
  engine = await microEngine(64);
});
afterAll(() => engine.dispose());

describe('a question on its way through passages', () => {
  it('is read as in training: question, passage and end in one row', async () => {
    const reader = await QuestionReader.ask(engine, characterTokenizer, ' Who built\n it? ');
    const passage = 'Nobody knew who had built the old mill. It stood by a river, and its wheel turned.';
    const read = await reader.read(passage);
    const row = characterTokenizer.encode(`Question: Who built it?\n\n${passage}\n\nAnswer:`).ids;
    const whole = await Cpu.create(await loadModel(modelFiles(MICRO)), { segmentLength: 256 });
    const { reader: outputs } = await whole.forward(whole.createState(), row, { pool: 'off', reader: true });
    await whole.dispose();
    const asked = 'Question: Who built it?'.length;
    expect(reader.none).toBe(outputs![asked * READER_WIDTH - READER_WIDTH + 3]);
    const expected = passageLogits(outputs!.subarray(asked * READER_WIDTH), passage.length + 2);
    expect(read.start).toEqual(expected.start);
    expect(read.end).toEqual(expected.end);
    reader.dispose();
  });

  it('gives every token its place in the passage', async () => {
    const reader = await QuestionReader.ask(engine, characterTokenizer, 'who');
    const { starts, ends, start } = await reader.read('abc');
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
    const read: number[] = [];
    const recorded = new Proxy(engine, {
      get: (target, name) => {
        if (name === 'forward')
          return (...[state, tokens, options]: Parameters<CpuEngine['forward']>) => {
            read.push(tokens.length);
            // The micro model knows 97 tokens only.
            return target.forward(
              state,
              tokens.map((id) => id % 97),
              options,
            );
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const question = Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(' ');
    const reader = await QuestionReader.ask(recorded, tokenizer, question);
    expect(read).toEqual([64]);
    const passage = 'Die Straße 😀 ist “lang”: 12 km.';
    const { starts, ends } = await reader.read(passage);
    const words = Array.from(starts, (from, i) => passage.slice(from, ends[i]));
    // Every character stands in a token, and one of several tokens in each of them.
    expect(words.filter((word, i) => word !== words[i - 1]).join('')).toBe(passage);
    expect(words.filter((word) => word.includes('😀')).length).toBeGreaterThan(1);
    expect(words).toContain('12'.slice(0, 1));
    reader.dispose();
  });
});
