/**
 * Passes of the model and time of the processor that an answer takes:
 *
 *   node test/bench/run.mjs answers [--engine cpu|cpu-int8|webgpu] [--model FOLDER] [--tokens 12000] [--documents 3]
 *       [--json FILE]
 *
 * The documents are made of sentences of this project's documentation in random order, as in `waiting`, with facts
 * between them: keys, codes, dates, names and addresses. Each is asked for in its own words, in other words, and of
 * somebody whom the text does not know. `answers` in the JSON are what was said, for comparison with another commit.
 */
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createDocumentMemory } from '../../models/document/index.js';
import { createEngine, type EngineChoice } from '../../models/memmamba/create-engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import { nodeRuntimeFiles, openOrtGpu } from '../../models/cli/node-webgpu.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { Random } from '../kernels/support/random.js';
import { documentationSentences, madeText } from './made-text.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'cpu' },
    model: { type: 'string', default: 'models/artifacts/tiny' },
    tokens: { type: 'string', default: '12000' },
    documents: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

/** What stands in the text, and two questions for it; `NAME` is somebody's name. */
const FACTS = [
  [
    'The vault code of NAME is 7712-0943.',
    'What is the vault code of NAME?',
    'Which code opens the vault of NAME?',
  ],
  ['The pass key of NAME is 48213.', 'What is the pass key of NAME?', 'Which pass key does NAME have?'],
  ['NAME was born on 3 May 1871.', 'When was NAME born?', 'On which day did NAME come into the world?'],
  [
    'The serial number of the pump of NAME is KX-4471-QZ-19.',
    'What is the serial number of the pump of NAME?',
    'Which serial does the pump of NAME bear?',
  ],
  [
    'NAME can be reached at harbour.office@example.org.',
    'What is the address of NAME?',
    'How can NAME be reached?',
  ],
  [
    'The letter of NAME was signed by Margaret Ellsworth of Oldham.',
    'Who signed the letter of NAME?',
    'By whom was the letter of NAME signed?',
  ],
] as const;
const NAMES = ['Clara Whitby', 'Hugo Penrose', 'Amina Sethi', 'Tobias Lund', 'Ines Carrow', 'Otto Brandt'];
const STRANGER = 'Wilhelmina Drake';

const random = new Random(1);
const { model, tokenizer } = await openModel(values.model);
prepareSimd();
const { engine } = await createEngine(values.engine as EngineChoice, {
  model,
  runtime: nodeRuntimeFiles,
  openGpu: openOrtGpu,
});

let passes = 0;
let tokens = 0;
const forward = engine.forward.bind(engine);
engine.forward = (state, ids, options) => {
  passes++;
  tokens += ids.length;
  return forward(state, ids, options);
};

const sentences = await documentationSentences();
const sample = [...madeText(sentences, 1 << 16, random)].join('');
const units = (Number(values.tokens) * sample.length) / tokenizer.encode(sample).ids.length;

/** A made text with facts at even distances. */
function document(number: number): { readonly text: string; readonly questions: readonly string[] } {
  const facts = FACTS.map((fact, i) =>
    fact.map((words) => words.replace('NAME', NAMES[(i + number) % NAMES.length]!)),
  );
  const parts = facts.flatMap(([fact]) => [
    ...madeText(sentences, units / FACTS.length, random),
    `\n\n${fact}\n`,
  ]);
  const strange = FACTS.map(([, question]) => question.replace('NAME', STRANGER));
  return {
    text: parts.join(''),
    questions: [...facts.flatMap(([, ...questions]) => questions), ...strange],
  };
}

interface Asked {
  readonly question: string;
  readonly answer: string;
  /** Start, end and share of the attention of each place of the evidence. */
  readonly evidence: readonly (readonly number[])[];
  readonly passes: number;
  readonly tokens: number;
  readonly cpuMs: number;
}
const answers: Record<'memory' | 'whole', Asked[]> = { memory: [], whole: [] };
for (let i = 0; i < Number(values.documents); i++) {
  const { text, questions } = document(i);
  const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
  await memory.read(Readable.from([text]));
  await memory.ask({ question: 'What is it?' });
  for (const question of questions) {
    for (const kind of ['memory', 'whole'] as const) {
      passes = tokens = 0;
      const before = process.cpuUsage();
      const said = await memory.ask({ question, memoryOnly: kind === 'memory' });
      const { user, system } = process.cpuUsage(before);
      const answer = `${said.answer}${said.verified ? ' (verified)' : ''}`;
      const evidence = said.evidence.map(({ start, end, score }) => [start, end, score]);
      answers[kind].push({ question, answer, evidence, passes, tokens, cpuMs: (user + system) / 1000 });
    }
  }
  memory.dispose();
}

const summary = (asked: readonly Asked[]) => {
  const of = (value: (asked: Asked) => number) => {
    const sorted = asked.map(value).sort((a, b) => a - b);
    const rounded = (x: number) => Number(x.toFixed(1));
    return {
      median: rounded(sorted[sorted.length >> 1]!),
      mean: rounded(sorted.reduce((sum, x) => sum + x, 0) / sorted.length),
      most: rounded(sorted.at(-1)!),
    };
  };
  return {
    questions: asked.length,
    passes: of(({ passes: count }) => count),
    tokens: of(({ tokens: count }) => count),
    cpuMs: of(({ cpuMs }) => cpuMs),
  };
};
const result = {
  engine: engine.name,
  model: model.config.name,
  memory: summary(answers.memory),
  whole: summary(answers.whole),
};
console.log(JSON.stringify(result, undefined, 2));
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ ...result, answers }, undefined, 2)}\n`);
await engine.dispose();
// Dawn keeps its threads.
process.exit(0);
