import type { Answer, LengthPerplexity, Passage, PoolStay, Summary } from '../document/index.js';
import type { PackedDocument } from '../packed/types.js';
import type { Span } from '../text/span.js';
import type { TerminalCheck } from './check.js';

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

/** The file that a result is of, where it was unpacked. */
export interface FileReport {
  readonly format: PackedDocument['format'] | 'gzip';
  readonly title?: string;
  readonly parts?: PackedDocument['parts'];
  /** What of it was not read, in words. */
  readonly unread?: string;
}

/** A request's command with its result. */
export type Outcome = {
  [C in keyof Results]: { readonly command: C; readonly result: Results[C] & { readonly file?: FileReport } };
}[keyof Results];
