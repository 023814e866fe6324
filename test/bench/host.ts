/**
 * The host's part of waiting: everything but the model, of which a recorded reading stands in.
 *
 *   node test/bench/run.mjs host --record FILE [--model tiny] [--tokens 400000]     # once, minutes on a processor
 *   node test/bench/run.mjs host --replay FILE [--against FOLDER] [--rounds 5] [--queries 5] [--heads] [--json FILE]
 *
 * Processor time in milliseconds (median over rounds, garbage collection of other threads included), without that of
 * the model. `--against` names another checkout: its `models/` is bundled, both take turns in this process, and every
 * result is compared: all but scores exactly, of these the largest relative difference is told. `--heads` searches notes by retrieval heads of random weights instead of the model's attention.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import * as here from '../../models/document/index.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import type { SegmentTrace } from '../../models/memmamba/engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { Random } from '../kernels/support/random.js';
import { documentationSentences, madeQuery, madeText } from './made-text.js';
import { processorMs, RecordedEngine } from './recorded-engine.js';
import { joinedTrace, loadRecording, saveRecording } from './recorded-reading.js';

const { values } = parseArgs({
  options: {
    record: { type: 'string' },
    replay: { type: 'string' },
    against: { type: 'string' },
    model: { type: 'string', default: 'tiny' },
    tokens: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '5' },
    queries: { type: 'string', default: '5' },
    heads: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
/** Tokens of a segment on a fast GPU. */
const SEGMENT = 16_384;
/** UTF-16 units in which the editor hands over a document. */
const PIECE = 1 << 16;

prepareSimd();
const { model, tokenizer, folder } = await openModel(values.model);
const engine = await CpuEngine.create(model);
const pool = await documentationSentences();
if (values.record !== undefined) await record(values.record);
else if (values.replay !== undefined) await replay(values.replay);
else console.error('--record FILE or --replay FILE');
process.exit();

async function record(file: string): Promise<void> {
  const random = new Random(1);
  const sample = [...madeText(pool, 1 << 16, random)].join('');
  const units = Math.round((Number(values.tokens) * sample.length) / tokenizer.encode(sample).ids.length);
  const text = [...madeText(pool, units, random)].join('');
  const { ids } = tokenizer.encode(text);
  const state = engine.createState();
  const traces: SegmentTrace[] = [];
  for (let at = 0; at < ids.length; at += engine.segmentLength) {
    const part = ids.subarray(at, at + engine.segmentLength);
    traces.push((await engine.forward(state, part, { trace: true })).trace!);
  }
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PIECE) pieces.push(text.slice(at, at + PIECE));
  await saveRecording(file, {
    tokens: ids.length,
    pieces,
    trace: joinedTrace(traces, engine.config),
    state: await engine.snapshot(state),
  });
}

/** The parts of a checkout that are measured. */
interface Host {
  readonly createDocumentMemory: typeof here.createDocumentMemory;
  readonly Tokenizer: typeof Tokenizer;
}

async function hostOf(checkout: string): Promise<Host> {
  const outfile = path.resolve('dist/bench/against.mjs');
  await esbuild.build({
    stdin: {
      contents:
        "export { createDocumentMemory } from './models/document/index.ts';" +
        "export { Tokenizer } from './models/tokenizer/index.ts';",
      resolveDir: path.resolve(checkout),
    },
    nodePaths: [path.resolve('node_modules')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    loader: { '.wgsl': 'text' },
  });
  return (await import(pathToFileURL(outfile).href)) as Host;
}

/** What one round measured, by step, and what it gave. */
interface Round {
  readonly ms: Record<string, number>;
  readonly results: Record<string, unknown>;
}

async function replay(file: string): Promise<void> {
  const reading = await loadRecording(file);
  const { noteDim, dModel, archiveLayers } = engine.config;
  const random = new Random(2);
  const uniform = (count: number) => random.uniform(count, -1, 1);
  const heads = archiveLayers.map(() => ({
    query: uniform(noteDim * dModel),
    key: uniform(noteDim * noteDim),
    scale: 10,
  }));
  const json: unknown = JSON.parse(
    await (await import('node:fs/promises')).readFile(path.join(folder, 'tokenizer.json'), 'utf8'),
  );
  const hosts: Record<string, Host> = {
    here: { createDocumentMemory: here.createDocumentMemory, Tokenizer },
  };
  if (values.against !== undefined) hosts.against = await hostOf(values.against);
  const queries = Array.from({ length: Number(values.queries) }, () => madeQuery(pool, random));

  const round = async (host: Host): Promise<Round> => {
    const ms: Record<string, number> = {};
    const results: Record<string, unknown> = {};
    const replayed = new RecordedEngine(engine, reading, SEGMENT, values.heads ? heads : []);
    const timed = async <T>(step: string, work: () => Promise<T>, count = 1): Promise<T> => {
      const { modelMs } = replayed;
      const began = processorMs();
      const result = await work();
      ms[step] = (ms[step] ?? 0) + (processorMs() - began - (replayed.modelMs - modelMs)) / count;
      return result;
    };
    const memory = host.createDocumentMemory({
      engine: () => Promise.resolve(replayed),
      tokenizer: new host.Tokenizer(json),
    });
    const coverage = await timed('read', () => memory.read(Readable.from(reading.pieces)));
    const { timing: _, ...summary } = await timed('summary', () => memory.summarize());
    // An older checkout may have nothing to prepare.
    if ('prepare' in memory) await timed('prepare', () => memory.prepare());
    const first = await timed('first query', () => memory.passages({ query: 'the memory of a state' }));
    Object.assign(results, { coverage, summary, first });
    for (const method of ['fused', 'notes', 'bm25'] as const) {
      const found = [];
      for (const query of queries) {
        found.push(await timed(`query, ${method}`, () => memory.passages({ query, method }), queries.length));
      }
      results[method] = found;
    }
    const answers = [];
    for (const query of queries) {
      const question = `What is said of ${query}?`;
      answers.push(await timed('answer', () => memory.ask({ question }), queries.length));
    }
    results.answers = answers;
    const longer = [...reading.pieces, 'One more line, which stands at the end.\n'];
    results.updated = await timed('line appended', () => memory.update(Readable.from(longer)));
    results.pool = memory.pool();
    memory.dispose();
    return { ms, results };
  };

  const rounds: Record<string, Round['ms'][]> = {};
  const first: Record<string, { readonly rest: unknown; readonly scores: number[] }> = {};
  const differs: string[] = [];
  const scoresDiffer: Record<string, number> = {};
  for (let i = -1; i < Number(values.rounds); i++) {
    const names = Object.keys(hosts).filter((name) => values.only === undefined || name === values.only);
    for (const name of i % 2 === 0 ? names : names.reverse()) {
      (globalThis as { gc?: () => void }).gc?.();
      const { ms, results } = await round(hosts[name]!);
      // The first round compiles.
      if (i >= 0) (rounds[name] ??= []).push(ms);
      else {
        rounds[`${name}, cold`] = [ms];
        for (const [step, result] of Object.entries(results)) {
          const { rest, scores } = apart(result);
          const known = first[step];
          first[step] ??= { rest, scores };
          if (!known) continue;
          if (!isDeepStrictEqual(known.rest, rest)) differs.push(step);
          scores.forEach((score, s) => {
            const error = Math.abs(score - known.scores[s]!) / Math.max(1e-300, Math.abs(known.scores[s]!));
            scoresDiffer[step] = Math.max(scoresDiffer[step] ?? 0, error);
          });
        }
      }
    }
  }
  const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]!;
  const table = Object.fromEntries(
    Object.entries(rounds).map(([name, all]) => [
      name,
      Object.fromEntries(
        Object.keys(all[0]!).map((step) => [step, Number(median(all.map((ms) => ms[step]!)).toFixed(1))]),
      ),
    ]),
  );
  console.table(table);
  const { here: own, against } = table;
  const ratios =
    own && against
      ? Object.fromEntries(
          Object.keys(own)
            .filter((step) => step in against)
            .map((step) => [step, Number((against[step]! / own[step]!).toFixed(2))]),
        )
      : undefined;
  const result = {
    tokens: reading.tokens,
    units: reading.pieces.reduce((sum, piece) => sum + piece.length, 0),
    heads: values.heads,
    rounds: Number(values.rounds),
    processorMs: table,
    ...(ratios && { ratios, differs, scoresDiffer }),
  };
  console.log(JSON.stringify({ ratios, differs, scoresDiffer }, undefined, 2));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** A result without its scores, and these. */
function apart(result: unknown): { rest: unknown; scores: number[] } {
  const scores: number[] = [];
  const json = JSON.stringify(result, (key, value: unknown) => {
    if (key !== 'score') return value;
    scores.push(value as number);
    return null;
  });
  return { rest: JSON.parse(json), scores };
}
