import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBatch } from '../../../models/cli/batch.js';
import { perform, type Workplace } from '../../../models/cli/commands.js';
import { Documents } from '../../../models/cli/documents.js';
import { describe as inWords } from '../../../models/cli/print.js';
import type { Engine } from '../../../models/memmamba/engine.js';
import { characterTokenizer as tokenizer, microEngine, prose } from '../../support/micro.js';

let engine: Engine;
beforeAll(async () => {
  engine = await microEngine(64);
});
afterAll(() => engine.dispose());

function workplace(): Workplace {
  const start = () => Promise.resolve(engine);
  const documents = new Documents({ engine: start, tokenizer, pool: 'on', budget: 'all' });
  const chosen = () => Promise.resolve({ engine, reason: 'A test asked for it.' });
  return { engine: start, chosen, tokenizer, documents, pool: 'on', stdin: Readable.from([]) };
}

describe('the terminal', () => {
  it('answers a request whose id is nested too deep with an error, and the others as usual', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = prose(60);
    const requests = [deep, '2', '{"a":{"b":3}}'].map(
      (id) => `{"id":${id},"command":"summarize","text":${JSON.stringify(text)}}\n`,
    );
    const answers: Record<string, unknown>[] = [];
    await runBatch(Readable.from(requests), workplace(), (line) => {
      answers.push(JSON.parse(line) as Record<string, unknown>);
      return Promise.resolve();
    });
    expect(answers.map(({ id }) => id)).toEqual([null, 2, { a: { b: 3 } }]);
    expect(answers[0]!.error).toMatch(/cannot be written/);
    expect(answers[1]!.overview).toEqual(answers[2]!.overview);
  });

  it('shows control characters and marks of direction, and obeys none', async () => {
    const text = `${prose(40)}. The key \u001b[31mis red\u001b[0m and \u202egnp.exe\u202c here. ${prose(40)}`;
    const at = workplace();
    for (const request of [
      { command: 'summarize' as const },
      { command: 'passages' as const, query: 'key', top: 3, method: 'bm25' as const },
    ]) {
      const words = inWords(await perform({ ...request, source: { text } }, at));
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(words).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u);
    }
  });
});
