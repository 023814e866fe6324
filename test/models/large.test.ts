/**
 * Documents that take minutes, on the CPU engine with the shipped model. Only where it is asked for:
 *
 *   MEMMAMBA_LARGE=1 npx vitest run --project=models test/models/large.test.ts
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../models/document/types.js';
import { Runner } from '../eval/runner.js';
import { haystack, serverLog } from '../../scripts/workbench/texts.js';

const KEY = '48213';
const FACT = `The pass key is ${KEY}. Remember it. ${KEY} is the pass key.`;
const HOUR = 60 * 60_000;

describe.runIf(process.env.MEMMAMBA_LARGE === '1')('a key', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'memmamba-large-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function ask(name: string, text: string | Uint8Array, budget: string): Promise<Answer> {
    const file = path.join(folder, name);
    await writeFile(file, text);
    const runner = new Runner({ model: 'tiny', engine: 'cpu', pool: 'on', budget });
    const start = performance.now();
    const answer = await runner.request<Answer>({ command: 'ask', file, question: 'What is the pass key?' });
    console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(0)} s, model and all`);
    runner.close();
    return answer;
  }

  it(
    'is found in the middle of 2 MB of a book, all of it read',
    async () => {
      const { answer, verified } = await ask('book.md', await haystack(2_000_000, 0.5, KEY), 'all');
      expect({ answer, verified }).toEqual({ answer: KEY, verified: true });
    },
    HOUR,
  );

  it.each([0.03, 0.6, 0.97])(
    'is found at depth %f of a log of 300 MB, read in stages',
    async (depth) => {
      const { answer, verified, evidence } = await ask('log', serverLog(300_000_000, depth, FACT), '45');
      expect({ answer, verified }).toEqual({ answer: KEY, verified: true });
      expect(evidence[0]?.text).toContain(KEY);
    },
    HOUR,
  );
});
