/**
 * What a reader waits for: a document read, summarized and searchable, then a passage query and an answer:
 *
 *   node test/bench/run.mjs waiting [--engine webgpu|cpu|cpu-int8] [--model FOLDER] [--random test/bench/base]
 *       [--tokens 400000] [--queries 10] [--json FILE]
 *
 * The text is made of sentences of this project's documentation in random order, under headings, so every run
 * reads the same text and no file has to be at hand. `--random` takes the tokenizer of `--model` and random weights of
 * another shape, whose answers are given up where they leave the text. The engine has read one segment before.
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
import { Account } from './gpu-account.js';
import { documentationSentences, madeQuery, madeText } from './made-text.js';
import { randomModel } from './random-model.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'webgpu' },
    model: { type: 'string', default: 'models/artifacts/tiny' },
    random: { type: 'string' },
    tokens: { type: 'string', default: '400000' },
    queries: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});
const queries = Number(values.queries);
const random = new Random(1);

const opened = await openModel(values.model);
const model = values.random === undefined ? opened.model : await randomModel(values.random);
const { tokenizer } = opened;
prepareSimd();
let account: Account | undefined;
const began = performance.now();
const { engine } = await createEngine(values.engine as EngineChoice, {
  model,
  runtime: nodeRuntimeFiles,
  openGpu: async () => {
    const gpu = await openOrtGpu();
    account = new Account(gpu.device);
    return gpu;
  },
});
const startMs = performance.now() - began;

let passes = 0;
const forward = engine.forward.bind(engine);
engine.forward = (...call) => {
  passes++;
  return forward(...call);
};

const pool = await documentationSentences();
const sample = [...madeText(pool, 1 << 16, random)].join('');
const perToken = sample.length / tokenizer.encode(sample).ids.length;
const characters = Math.round(Number(values.tokens) * perToken);
const pieces = [...madeText(pool, characters, random)];

const warm = engine.createState();
const firstFrom = performance.now();
await engine.forward(warm, tokenizer.encode(sample).ids.subarray(0, engine.segmentLength), { trace: true });
const firstSegmentMs = performance.now() - firstFrom;
warm.dispose();

const clock = async <T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> => {
  const from = performance.now();
  const result = await work();
  return { ms: performance.now() - from, result };
};
const median = (times: readonly number[]): number => [...times].sort((x, y) => x - y)[times.length >> 1]!;

const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
const totalBytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
let firstProgress: number | undefined;
const readFrom = performance.now();
const read = await clock(() =>
  memory.read(Readable.from(pieces), {
    totalBytes,
    onProgress: () => {
      firstProgress ??= performance.now() - readFrom;
    },
  }),
);
const summary = await clock(() => memory.summarize());
const query = (): string => madeQuery(pool, random);
const firstPassages = await clock(() => memory.passages({ query: query() }));
const searchable = performance.now() - readFrom;
const passages: number[] = [];
const answers: number[] = [];
const answerPasses: number[] = [];
for (let i = 0; i < queries; i++) {
  const words = query();
  passages.push((await clock(() => memory.passages({ query: words }))).ms);
  passes = 0;
  answers.push((await clock(() => memory.ask({ question: `What is said of ${words}?` }))).ms);
  answerPasses.push(passes);
}
const rounded = (value: number): number => Number(value.toFixed(1));
const result = {
  engine: engine.name,
  device: engine.device,
  model: model.config.name,
  segmentLength: engine.segmentLength,
  tokens: read.result.tokens,
  bytes: totalBytes,
  startMs: rounded(startMs),
  firstSegmentMs: rounded(firstSegmentMs),
  firstProgressMs: rounded(firstProgress ?? NaN),
  readMs: rounded(read.ms),
  tokensPerSecond: Math.round((1000 * read.result.tokens) / read.ms),
  summaryMs: rounded(summary.ms),
  firstPassagesMs: rounded(firstPassages.ms),
  readSummarizedSearchableMs: rounded(searchable),
  passagesMs: { median: rounded(median(passages)), most: rounded(Math.max(...passages)) },
  answerMs: { median: rounded(median(answers)), most: rounded(Math.max(...answers)) },
  answerPasses: { median: median(answerPasses), most: Math.max(...answerPasses) },
  ...(account && { peakGpuMegabytes: rounded(account.memory.peak / 1e6) }),
};
console.log(JSON.stringify(result, undefined, 2));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
memory.dispose();
await engine.dispose();
// Dawn keeps its threads.
process.exit(0);
