/**
 * Fits the weights of a model's search and answers, and the probability of an answer, on questions about training
 * documents that training left out. Writes calibration.json into the model's folder.
 *
 *   npm run eval -- calibrate DATA --questions questions.jsonl --model FOLDER [--corpus books-0,docs-0] [--texts 60]
 *                            [--each 3] [--around 15000] [--engine cpu-int8] [--records FILE] [--vectors 1.5]
 *                            [--seed 1] [--out FILE]
 *
 * DATA is the folder that holds `corpus/`. `--questions` is what `memmamba_training.corpus.written_questions` writes. A
 * document that it left out is one of 25 by the checksum of its name. `--texts` of them are drawn, and `--each` questions
 * of every kind about each. Of a document the part `--around` characters to either side of the passage is read.
 * `--records` keeps what was read: what stands there is not read again. `--out` writes figures for the documentation.
 * Nothing of the evaluation sets is touched.
 *
 * First the weights of vectors and of the reader's margin are fitted (r@1 plus r@5 of facts and sentences). Then comes the
 * weight of the search score where the answer is chosen (F1 of facts), then the logistic regression. The point from
 * which nine of ten are right is found by fits to other documents. An answer is shown from three in ten on.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { answersOf } from '../../models/answers/reader/features.js';
import { withMargins } from '../../models/document/ask-reader.js';
import { openModel } from '../../models/cli/model-folder.js';
import { UNCALIBRATED, type Calibration } from '../../models/memmamba/calibration.js';
import { sha256 } from '../../models/memmamba/files.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { largest } from '../../models/text/lists.js';
import { weighted } from '../../models/search/passage-vectors.js';
import { isAtPlace, recordsOf, type QuestionRecord } from './answer-records.js';
import { f1, isExact } from './answer-scores.js';
import { heldTexts, type WrittenQuestion } from './asked-texts.js';
import { crossFitted, fitLogistic, pointOf, reliability, type Judged } from './fit-probability.js';
import { areaUnderCurve, drawn } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    questions: { type: 'string' },
    model: { type: 'string', default: 'tiny' },
    corpus: { type: 'string' },
    texts: { type: 'string', default: '60' },
    each: { type: 'string', default: '3' },
    around: { type: 'string', default: '15000' },
    engine: { type: 'string', default: 'cpu-int8' },
    records: { type: 'string' },
    vectors: { type: 'string', default: '1.5' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.questions === undefined) {
  console.error('usage: npm run eval -- calibrate DATA --questions FILE [options]');
  process.exit(2);
}

/** Share of right answers from which on an answer is verified, and the probability from which on one is shown. */
const VERIFIED = 0.9;
const LIKELY = 0.3;

const records = await readRecords();
const answered = records.filter(({ kind, spans }) => kind === 'fact' && spans.length > 0);
const calibration = fitted();
const target = path.join(modelFolder(), 'calibration.json');
writeFileSync(target, `${JSON.stringify(calibration, null, 2)}\n`);
await listInChecksums(target);

/** The file is checked at load, as every file of a model. */
async function listInChecksums(file: string): Promise<void> {
  const list = path.join(modelFolder(), 'checksums.json');
  const sums = JSON.parse(readFileSync(list, 'utf8')) as { files: Record<string, string> };
  sums.files[path.basename(file)] = await sha256(new Uint8Array(readFileSync(file)));
  writeFileSync(list, `${JSON.stringify(sums, null, 2)}\n`);
}

function modelFolder(): string {
  return existsSync(values.model) ? values.model : path.join('models/artifacts', values.model);
}

async function readRecords(): Promise<QuestionRecord[]> {
  const file = values.records;
  const known = file !== undefined && existsSync(file) ? linesIn(file) : [];
  const shards = shardNames().map((name) => path.join(folder!, 'corpus', `${name}.jsonl.xz`));
  const texts = await heldTexts(shards, values.questions!, Number(values.around));
  const chosen = drawn(texts, Number(values.texts), Number(values.seed));
  const first = known.length === 0 ? 0 : known.at(-1)!.document + 1;
  if (first >= chosen.length) return known;
  const { model, tokenizer } = await openModel(values.model);
  const engine = await CpuEngine.create(model, { precision: values.engine === 'cpu' ? 'f32' : 'int8' });
  const found = [...known];
  for (const [i, text] of chosen.entries()) {
    if (i < first) continue;
    const kept = { ...text, questions: someOfEach(text.questions) };
    const own = await recordsOf(kept, i, { engine, tokenizer, vectorsWeight: Number(values.vectors) });
    found.push(...own);
    if (file !== undefined) for (const record of own) appendFileSync(file, `${JSON.stringify(record)}\n`);
    console.error(`${i + 1} of ${chosen.length} texts, ${found.length} questions`);
  }
  await engine.dispose();
  return found;
}

/** The first questions of every kind. */
function someOfEach(questions: readonly WrittenQuestion[]): WrittenQuestion[] {
  const most = Number(values.each);
  return questions.filter((asked, i) => {
    const before = questions.slice(0, i).filter(({ kind }) => kind === asked.kind);
    return before.length < most;
  });
}

function shardNames(): string[] {
  if (values.corpus !== undefined) return values.corpus.split(',');
  const names = readdirSync(path.join(folder!, 'corpus')).filter((name) => name.endsWith('.jsonl.xz'));
  return names.map((name) => name.replace('.jsonl.xz', '')).filter((name) => name !== 'val-0');
}

function linesIn(file: string): QuestionRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as QuestionRecord);
}

function fitted(): Calibration {
  const passages = fitPassages();
  const answer = fitAnswer();
  const judged = judgedBy({ ...UNCALIBRATED, answer });
  const logistic = fitLogistic(judged);
  const probabilities = crossFitted(judged);
  const rows = judged.map(({ isRight }, i) => ({ isRight, probability: probabilities[i]! }));
  const verified = pointOf(rows, VERIFIED) ?? UNCALIBRATED.verified;
  const likely = LIKELY;
  report({ passages, answer, rows, verified, likely });
  return { passages, answer, probability: logistic, verified, likely };
}

/** Share of questions whose passage is the first, and among the first five. */
function recall(order: (record: QuestionRecord) => Float64Array, asked: readonly QuestionRecord[]) {
  let [first, five] = [0, 0];
  for (const record of asked) {
    const scores = order(record);
    const best = largest(record.gold.map((i) => scores[i]!));
    const above = scores.filter((score) => score > best).length;
    if (above < 1) first++;
    if (above < 5) five++;
  }
  return { first: first / asked.length, five: five / asked.length };
}

function orderBy({ vectors, reader }: Calibration['passages']) {
  return (record: QuestionRecord): Float64Array => {
    const { words, none, read } = record;
    const scores = weighted(Float64Array.from(words), Float64Array.from(record.vectors), vectors);
    return withMargins(scores, read, { margins: read.map(({ spans }) => spans.best - none) }, reader);
  };
}

function fitPassages(): Calibration['passages'] {
  const asked = records.filter(({ kind, gold }) => ['fact', 'sentence'].includes(kind) && gold.length > 0);
  let best = { vectors: 0, reader: 0, worth: -1 };
  for (const vectors of [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3]) {
    for (const reader of [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8]) {
      const { first, five } = recall(orderBy({ vectors, reader }), asked);
      if (first + five > best.worth) best = { vectors, reader, worth: first + five };
    }
  }
  return { vectors: best.vectors, reader: best.reader };
}

function bestAnswer(record: QuestionRecord, calibration: Calibration) {
  return answersOf(record.read, record.none, record.recalled, calibration)[0];
}

function fitAnswer(): Calibration['answer'] {
  let best = { search: 0, worth: -1 };
  for (const search of [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4]) {
    const scores = answered.map((record) => {
      const found = bestAnswer(record, { ...UNCALIBRATED, answer: { search } });
      return found ? f1(found.said, record.answer) : 0;
    });
    const worth = scores.reduce((sum, value) => sum + value, 0);
    if (worth > best.worth) best = { search, worth };
  }
  return { search: best.search };
}

/** The best answer of every question that has one, or none, with whether it is right. */
function judgedBy(calibration: Calibration): (Judged & { readonly document: number })[] {
  return records.flatMap((record) => {
    const { kind, document, answer, spans } = record;
    if (kind !== 'none' && !(kind === 'fact' && spans.length > 0)) return [];
    const found = bestAnswer(record, calibration);
    if (!found?.isWhole) return [];
    const isRight = kind === 'fact' && f1(found.said, answer) >= 0.5 && isAtPlace(record, found.text, found);
    return [{ features: found.features, isRight, document }];
  });
}

interface Fitted extends Pick<Calibration, 'passages' | 'answer' | 'verified' | 'likely'> {
  readonly rows: readonly { readonly probability: number; readonly isRight: boolean }[];
}

function report({ passages, answer, rows, verified, likely }: Fitted): void {
  const asked = records.filter(({ kind, gold }) => ['fact', 'sentence'].includes(kind) && gold.length > 0);
  const order = (vectors: number, reader: number) => recall(orderBy({ vectors, reader }), asked);
  const said = answered.map((record) => bestAnswer(record, { ...UNCALIBRATED, answer })?.said ?? '');
  const exact = said.filter((words, i) => isExact(words, answered[i]!.answer)).length / answered.length;
  const mean = said.reduce((sum, words, i) => sum + f1(words, answered[i]!.answer), 0) / answered.length;
  const [right, wrong] = [true, false].map((is) =>
    rows.filter(({ isRight }) => isRight === is).map((row) => row.probability),
  );
  const figures = {
    questions: records.length,
    texts: new Set(records.map(({ document }) => document)).size,
    passages: {
      n: asked.length,
      words: order(0, 0),
      'words and vectors': order(passages.vectors, 0),
      all: order(passages.vectors, passages.reader),
    },
    answers: { n: answered.length, exact, f1: mean },
    auc: areaUnderCurve(right!, wrong!),
    verified: {
      point: verified,
      share: rows.filter((row) => row.probability >= verified).length / rows.length,
    },
    likely: { point: likely, share: rows.filter((row) => row.probability >= likely).length / rows.length },
    reliability: reliability(rows),
    weights: { passages, answer },
  };
  console.log(JSON.stringify(figures, null, 2));
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(figures, null, 2)}\n`);
}
