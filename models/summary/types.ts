import type { Span } from '../text/span.js';
import type { Coverage } from '../reading/coverage.js';
import type { DocumentFormat } from '../text/formats/document-format.js';
import type { Passage } from '../reading/passage.js';
import type { Section } from '../text/sections.js';

/** Why to trust what follows less: the text is not English, or mostly source code. */
export type Caution = 'language' | 'code';

/** A term of the text, with the place where it stands first. */
export interface KeyTerm extends Span {
  readonly term: string;
  readonly count: number;
  readonly line: number;
}

export interface SummarySection extends Span {
  /** As the text has it; empty where it gives none. */
  readonly title: string;
  readonly unnamed?: Section['unnamed'];
  /** Its first and last line, from 1. */
  readonly lines: { readonly first: number; readonly last: number };
  readonly sentences: readonly Passage[];
}

export interface Timing {
  readonly readMs: number;
  readonly analyseMs: number;
  readonly tokensPerSecond: number;
}

export interface Summary {
  readonly coverage: Coverage;
  /** The format that the document was read as. */
  readonly format: DocumentFormat;
  /** In how many pieces it was parsed, where it is longer than the parser of its format bears at once. */
  readonly pieces?: number;
  readonly caution?: Caution;
  readonly engine: string;
  readonly model: string;
  readonly overview: readonly Passage[];
  readonly sections: readonly SummarySection[];
  readonly keyTerms: readonly KeyTerm[];
  readonly timing: Timing;
}
