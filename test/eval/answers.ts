/**
 * Answers to questions that people wrote, and the passages found for them: the table of docs/evaluation.md.
 *
 *   npm run eval -- answers DATA [--questions FILE] [--n 100] [--around N] [--model tiny] [--engine cpu] [--seed 1]
 *                           [--out FILE]
 *
 * DATA is the folder that holds `eval/`. `--questions` is a file as `eval/questions_dev.jsonl.xz`, whose `set` names the
 * file of documents beside it. `--n` questions of every kind are drawn (all by default), and `--around` characters to
 * either side of what they are about are read (the whole document by default). `--out` keeps every answer.
 *
 * Facts: the same words (EM), F1 of the words and the right place (overlap with the answer's range), as in SQuAD with
 * case, articles and punctuation aside. Verified: the share of facts, and of those the right ones (F1 of a half, at the
 * right place). Without an answer: the share where something is verified. Passages of facts and sentences: r@k is the
 * share of questions whose k-th passage or an earlier one overlaps the answer's range by half of the shorter. BM25 is the
 * project's own, `--method bm25`, which a test pins to what it was when the yardstick was chosen. Intervals: 95 %, by
 * 2,000 bootstrap samples of texts.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../../models/cli/model-folder.js';
import { createDocumentMemory, type Answer, type Passage } from '../../models/document/index.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { f1, holdsHalf, isExact, overlaps } from './answer-scores.js';
import { evaluationTexts, type AskedText, type WrittenQuestion } from './asked-texts.js';
import { bootstrap, drawn } from './statistics.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    questions: { type: 'string' },
    n: { type: 'string' },
    around: { type: 'string' },
    model: { type: 'string', default: 'tiny' },
    engine: { type: 'string', default: 'cpu' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run eval -- answers DATA [options]; DATA is the folder that holds eval/');
  process.exit(2);
}

/** What came of one question. */
interface Result extends Pick<WrittenQuestion, 'kind' | 'question' | 'answer'> {
  /** Number of the text: questions of one are not independent. */
  readonly text: number;
  readonly said: string;
  readonly probability: number;
  readonly verified: boolean;
  readonly exact: number;
  readonly f1: number;
  readonly place: number;
  /** Rank of the first right passage from 1 among five; 0 where none is. */
  readonly rank: number;
  readonly bm25: number;
}

const around = Number(values.around ?? Infinity);
const file = values.questions ?? path.join(folder, 'eval', 'questions_dev.jsonl.xz');
const texts = sampled(await evaluationTexts(path.join(folder, 'eval'), file, around));
const { model, tokenizer } = await openModel(values.model);
const engine = await CpuEngine.create(model, { precision: values.engine === 'cpu-int8' ? 'int8' : 'f32' });
const results: Result[] = [];
for (const [i, text] of texts.entries()) {
  results.push(...(await resultsOf(text, i)));
  console.error(`${i + 1} of ${texts.length} texts, ${results.length} questions`);
}
await engine.dispose();
const table = tableOf(results);
console.log(JSON.stringify(table, null, 2));
if (values.out !== undefined) {
  const settings = {
    model: values.model,
    engine: values.engine,
    seed: values.seed,
    n: values.n,
    around: values.around,
  };
  writeFileSync(values.out, `${JSON.stringify({ settings, table, results }, null, 1)}\n`);
}

/** Texts with so many questions of every kind in all. */
function sampled(all: readonly AskedText[]): AskedText[] {
  if (values.n === undefined) return [...all];
  const asked = all.flatMap(({ questions }) => questions);
  const kinds = [...new Set(asked.map(({ kind }) => kind))];
  const kept = new Set(
    kinds.flatMap((kind) => {
      const own = asked.filter((question) => question.kind === kind);
      return drawn(own, Math.min(own.length, Number(values.n)), Number(values.seed));
    }),
  );
  return all
    .map((text) => ({ ...text, questions: text.questions.filter((question) => kept.has(question)) }))
    .filter(({ questions }) => questions.length > 0);
}

async function resultsOf({ text, questions }: AskedText, number: number): Promise<Result[]> {
  const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
  await memory.read(inOnePiece(text));
  const found: Result[] = [];
  for (const asked of questions) {
    const { kind, question, answer, spans, passage } = asked;
    const said = await memory.ask({ question });
    const words = await memory.passages({ query: question, top: 5, method: 'bm25' });
    const wanted = spans.length > 0 ? spans : [passage];
    const isSaid = said.answer !== 'none';
    found.push({
      ...{ kind, question, answer, text: number, said: said.answer, verified: said.verified },
      probability: said.probability ?? 0,
      exact: Number(isSaid && isExact(said.answer, answer)),
      f1: isSaid ? f1(said.answer, answer) : 0,
      place: Number(isAtPlace(said, spans)),
      rank: rankOf(said.passages ?? [], wanted),
      bm25: rankOf(words, wanted),
    });
  }
  memory.dispose();
  return found;
}

/** Whether the answer's words stand, in the first piece of evidence, where they were asked for. */
function isAtPlace({ answer, evidence }: Answer, spans: WrittenQuestion['spans']): boolean {
  const [place] = evidence;
  const at = place?.text.indexOf(answer) ?? -1;
  if (!place || at < 0) return false;
  const own = { start: place.start + at, end: place.start + at + answer.length };
  return spans.some((span) => overlaps(own, span));
}

function rankOf(passages: readonly Passage[], wanted: WrittenQuestion['spans']): number {
  return passages.findIndex((passage) => holdsHalf(passage, wanted)) + 1;
}

function tableOf(all: readonly Result[]) {
  const of = (kind: Result['kind']) => all.filter((result) => result.kind === kind);
  const facts = of('fact');
  const verified = facts.filter((result) => result.verified);
  const isRight = (result: Result) => Number(result.f1 >= 0.5 && result.place === 1);
  const passages = (some: readonly Result[], rank: (result: Result) => number) => ({
    'r@1': share(some, (result) => Number(rank(result) === 1)),
    'r@5': share(some, (result) => Number(rank(result) > 0)),
  });
  return {
    facts: {
      n: facts.length,
      exact: share(facts, (result) => result.exact),
      f1: share(facts, (result) => result.f1),
      'right place': share(facts, (result) => result.place),
      verified: share(facts, (result) => Number(result.verified)),
      'right among verified': share(verified, isRight),
    },
    'without an answer': {
      n: of('none').length,
      'something verified': share(of('none'), (result) => Number(result.verified)),
      'something shown': share(of('none'), (result) => Number(result.said !== 'none')),
    },
    passages: Object.fromEntries(
      (['fact', 'sentence', 'keywords'] as const).map((kind) => [
        kind,
        {
          n: of(kind).length,
          ask: passages(of(kind), ({ rank }) => rank),
          bm25: passages(of(kind), ({ bm25 }) => bm25),
        },
      ]),
    ),
  };
}

/** A mean in per cent with its interval over texts. */
function share(some: readonly Result[], of: (result: Result) => number) {
  const rows = some.map((result) => ({ group: result.text, value: 100 * of(result) }));
  return bootstrap(rows, Number(values.seed));
}

async function* inOnePiece(text: string): AsyncGenerator<string, void, undefined> {
  yield await Promise.resolve(text);
}
