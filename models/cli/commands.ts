import type { Readable } from 'node:stream';
import { perplexityByLength } from '../document/index.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';
import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { checkReport } from './check.js';
import type { Documents } from './documents.js';
import type { Request } from './request.js';
import type { FileReport, Outcome } from './outcome.js';
import { withPlaces } from './places.js';
import { textSourceOf, type FileText } from './text-source.js';

/** What commands run on. */
export interface Workplace {
  readonly engine: () => Promise<Engine>;
  /** The same engine, and why it was chosen. */
  readonly chosen: () => Promise<ChosenEngine>;
  readonly tokenizer: Tokenizer;
  readonly documents: Documents;
  readonly pool: 'on' | 'off';
  /** What the file `-` is. */
  readonly stdin: Readable;
  readonly signal?: AbortSignal;
}

/** Does what a request asks for. */
export async function perform(request: Request, at: Workplace): Promise<Outcome> {
  if (request.command === 'check') return { command: 'check', result: await checkReport(at.chosen) };
  const source = await textSourceOf(request.source, at);
  const outcome = await performOn(source, request, at);
  return withFile(withPlaces(outcome, source.packed?.anchors ?? []), source);
}

/** Says with a result what file it is of, where that was unpacked. */
function withFile(outcome: Outcome, { packed, unread }: FileText): Outcome {
  if (!packed && unread === undefined) return outcome;
  const file: FileReport = {
    format: packed?.format ?? 'gzip',
    ...(packed?.title !== undefined && { title: packed.title }),
    ...(packed && { parts: packed.parts }),
    ...(unread !== undefined && { unread }),
  };
  return { ...outcome, result: { ...outcome.result, file } } as Outcome;
}

/** The same on a text. */
async function performOn(
  source: FileText,
  request: Exclude<Request, { command: 'check' }>,
  at: Workplace,
): Promise<Outcome> {
  const { signal } = at;
  const options = signal ? { signal } : {};
  if (request.command === 'perplexity') {
    let text = '';
    for await (const piece of source.open()) text += piece;
    const { lengths } = request;
    const { pool } = at;
    const tokens = at.tokenizer.encode(text);
    const result = await perplexityByLength(await at.engine(), tokens, text, lengths, { pool, ...options });
    return { command: 'perplexity', result: { lengths: result } };
  }
  const document = await at.documents.get(source);
  switch (request.command) {
    case 'summarize': {
      const { sentences } = request;
      const result = await document.summarize({ ...options, ...(sentences !== undefined && { sentences }) });
      return { command: 'summarize', result };
    }
    case 'ask':
      return { command: 'ask', result: await document.ask({ ...options, question: request.question }) };
    case 'passages': {
      const { query, top, method } = request;
      const passages = await document.passages({
        ...options,
        query,
        ...(top !== undefined && { top }),
        ...(method && { method }),
      });
      return { command: 'passages', result: { passages } };
    }
    case 'retention': {
      const tokens = await document.retention({ ...options, start: 0, end: Number.MAX_SAFE_INTEGER });
      const shown = tokens.map(({ start, end, retention, layers, pool }) => ({
        start,
        end,
        retention,
        layers: [...layers],
        pool,
      }));
      return { command: 'retention', result: { tokens: shown } };
    }
  }
}
