import type { Span } from '../text/span.js';
import type { PoolEntry, TokenRetention } from '../fidelity/types.js';
import type { Answer } from '../answers/answer.js';
import type { Summary } from '../summary/types.js';
import type { Coverage } from '../reading/coverage.js';
import type { Passage } from '../reading/passage.js';
import type { StagedText } from './staged-text.js';

/** Turns what the analyses say of a staged text into what they say of the document. */
export class StagedResults {
  readonly #scannedBytes: number;
  readonly #undecoded: number;

  /**
   * @param text the parts that the model read
   * @param scannedBytes UTF-8 bytes of the document, all of which the fast pass looked at
   * @param undecoded characters of it that stand for bytes which are no UTF-8
   */
  constructor(
    readonly text: StagedText,
    scannedBytes: number,
    undecoded = 0,
  ) {
    this.#undecoded = undecoded;
    this.#scannedBytes = scannedBytes;
  }

  coverage(coverage: Coverage): Coverage {
    // What stands between the parts is not of the document.
    const separators = coverage.complete ? this.text.separators : 0;
    return {
      ...coverage,
      bytes: coverage.bytes - separators,
      scannedBytes: this.#scannedBytes,
      ...(this.#undecoded > 0 && { undecoded: this.#undecoded }),
    };
  }

  /** A passage in the document; of one that reaches over several parts, what lies in one of them. */
  passage = (passage: Passage): Passage => {
    const { start, end, from, to } = this.text.toDocument(passage.start, passage.end);
    const isWhole = to - from === passage.end - passage.start;
    const skipped = passage.text.slice(0, from - passage.start).split('\n').length - 1;
    return {
      ...passage,
      start,
      end,
      line: this.text.lineOf(from, passage.line + skipped),
      text: isWhole ? passage.text : passage.text.slice(from - passage.start, to - passage.start),
    };
  };

  answer(answer: Answer): Answer {
    const { evidence, passages } = answer;
    return {
      ...answer,
      evidence: evidence.map(this.passage),
      ...(passages && { passages: passages.map(this.passage) }),
    };
  }

  summary(summary: Summary): Summary {
    return {
      ...summary,
      coverage: this.coverage(summary.coverage),
      overview: summary.overview.map(this.passage),
      sections: summary.sections.map((section) => ({
        ...section,
        start: this.text.toDocument(section.start, section.start).start,
        end: this.text.toDocument(section.end, section.end).end,
        lines: {
          first: this.text.lineOf(section.start, section.lines.first),
          last: this.text.lineOf(section.end, section.lines.last),
        },
        sentences: section.sentences.map(this.passage),
      })),
      keyTerms: summary.keyTerms.map((term) => ({ ...term, ...this.#place(term) })),
    };
  }

  token = (token: TokenRetention): TokenRetention => {
    const { start, end } = this.text.toDocument(token.start, token.end);
    return { ...token, start, end };
  };

  poolEntry = (entry: PoolEntry): PoolEntry => ({ ...entry, ...this.#place(entry) });

  #place({ start, end, line }: Span & { readonly line: number }) {
    const range = this.text.toDocument(start, end);
    return { start: range.start, end: range.end, line: this.text.lineOf(range.from, line) };
  }
}
