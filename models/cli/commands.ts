import type { Span } from '../text/span.js';
import type { Answer, LengthPerplexity, Passage, PoolStay, Summary } from '../document/index.js';
import { perplexityByLength } from '../document/index.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';
import type { Engine } from '../memmamba/engine.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { checkReport, type TerminalCheck } from './check.js';
import type { Documents } from './documents.js';
import type { Request } from './request.js';
import { textSourceOf } from './text-source.js';

/** What `retention` says of a token. */
export interface RetentionToken extends Span {
  readonly retention: number;
  readonly pool: readonly PoolStay[];
}

/** The JSON of each command. */
export interface Results {
  summarize: Summary;
  ask: Answer;
  passages: { readonly passages: readonly Passage[] };
  retention: { readonly tokens: readonly RetentionToken[] };
  perplexity: { readonly lengths: readonly LengthPerplexity[] };
  check: TerminalCheck;
}

/** A request's command with its result. */
export type Outcome = {
  [C in keyof Results]: { readonly command: C; readonly result: Results[C] };
}[keyof Results];

/** What commands run on. */
export interface Workplace {
  readonly engine: () => Promise<Engine>;
  /** The same engine, and why it was chosen. */
  readonly chosen: () => Promise<ChosenEngine>;
  readonly tokenizer: Tokenizer;
  readonly documents: Documents;
  readonly pool: 'on' | 'off';
  readonly signal?: AbortSignal;
}

/** Does what a request asks for. */
export async function perform(request: Request, at: Workplace): Promise<Outcome> {
  const { signal } = at;
  const options = signal ? { signal } : {};
  if (request.command === 'check') return { command: 'check', result: await checkReport(at.chosen) };
  const source = await textSourceOf(request.source);
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
