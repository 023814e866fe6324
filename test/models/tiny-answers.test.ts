import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../models/document/index.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { pieces, prose } from '../support/micro.js';
import { modelFiles, repositoryFile } from '../support/model-files.js';

const TINY = 'models/artifacts/tiny';

/** What the shipped `tiny` answers from its memory, by the way that the application takes. */
describe('questions to tiny', () => {
  let engine: CpuEngine;
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    engine = await CpuEngine.create(await loadModel(modelFiles(TINY)));
    const json = new TextDecoder().decode(await repositoryFile(`${TINY}/tokenizer.json`));
    tokenizer = new Tokenizer(JSON.parse(json) as ConstructorParameters<typeof Tokenizer>[0]);
  });
  afterAll(() => engine.dispose());

  async function read(text: string) {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await memory.read(pieces(text, 1000));
    return memory;
  }
  const around = (...facts: string[]) =>
    facts.map((fact, i) => `${prose(1200, i + 1)} ${fact} `).join('') + prose(1200, 99);

  it('are answered from the memory, verified where it stands', async () => {
    const text = around('The pass key is 48213. Remember it. 48213 is the pass key.');
    const memory = await read(text);
    const answer = await memory.ask({ question: 'What is the pass key?', memoryOnly: true });
    expect([answer.answer, answer.verified]).toEqual(['48213', true]);
    const [evidence] = answer.evidence;
    expect(text.slice(evidence!.start, evidence!.end)).toBe(evidence!.text);
    expect(evidence!.text).toContain('48213');
  });

  it('find the one of several keys that is asked for', async () => {
    const memory = await read(
      around(
        'The vault code of Clara is 77120.',
        'The vault code of Hugo is 30945.',
        'Amina was born on 3 May 1871.',
      ),
    );
    for (const [name, code] of [
      ['Clara', '77120'],
      ['Hugo', '30945'],
    ]) {
      const { answer, verified } = await memory.ask({ question: `What is the vault code of ${name}?` });
      expect([answer, verified]).toEqual([code, true]);
    }
  });

  it('about what is not there are answered so', async () => {
    const memory = await read(around('The weather was fine.'));
    const { answer, verified, evidence } = await memory.ask({ question: 'What is the pass key?' });
    expect([answer, verified, evidence]).toEqual(['none', false, []]);
  });
});
