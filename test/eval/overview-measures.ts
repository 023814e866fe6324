import { countWords, flawsOf } from './sentence-flaws.js';

/** A sentence of an overview, where it stands in the document. */
export interface Chosen {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What readers mind, over the overviews of a set. */
export interface OverviewMeasures {
  readonly sentences: number;
  /** Shares of the sentences, in [0, 1]. */
  readonly bareDialogue: number;
  readonly question: number;
  readonly unresolved: number;
  /** Of more than {@link LONG} words. */
  readonly long: number;
  /** Says again what an earlier one of the overview says. */
  readonly repeated: number;
  readonly meanWords: number;
  readonly longestWords: number;
  /** By tenth of the document, the share of all sentences that stand in it. */
  readonly tenths: readonly number[];
}

export const LONG = 60;
const TENTHS = 10;
/** UTF-16 units of context in which an open quotation is looked for. */
const CONTEXT = 4000;
/** Marks of lists and white space between two sentences that follow each other. */
const NEXT_TO = /^[\s>*#+•-]*(?:\d+[.)]\s+)?$/u;

/** Sums what is counted in one overview after another. */
export class OverviewCounter {
  #sentences = 0;
  #bareDialogue = 0;
  #question = 0;
  #unresolved = 0;
  #long = 0;
  #repeated = 0;
  #words = 0;
  #longest = 0;
  readonly #tenths = new Array<number>(TENTHS).fill(0);

  /** @param overview in the order of the document */
  add(document: string, overview: readonly Chosen[]): void {
    const earlier: Set<string>[] = [];
    for (const [i, { start, end, text }] of overview.entries()) {
      const flaws = flawsOf(text, document.slice(Math.max(0, start - CONTEXT), start));
      const previous = overview[i - 1];
      // What it points to is there.
      const isResolved = previous !== undefined && NEXT_TO.test(document.slice(previous.end, start));
      const words = contentWords(text);
      this.#sentences++;
      this.#bareDialogue += Number(flaws.bareDialogue);
      this.#question += Number(flaws.question);
      this.#unresolved += Number(flaws.unresolved && !isResolved);
      this.#long += Number(flaws.words > LONG);
      this.#repeated += Number(earlier.some((other) => isRepeated(words, other)));
      this.#words += countWords(text);
      this.#longest = Math.max(this.#longest, flaws.words);
      this.#tenths[Math.min(TENTHS - 1, Math.floor((TENTHS * (start + end)) / 2 / document.length))]!++;
      earlier.push(words);
    }
  }

  get measures(): OverviewMeasures {
    const share = (count: number) => count / Math.max(1, this.#sentences);
    return {
      sentences: this.#sentences,
      bareDialogue: share(this.#bareDialogue),
      question: share(this.#question),
      unresolved: share(this.#unresolved),
      long: share(this.#long),
      repeated: share(this.#repeated),
      meanWords: share(this.#words),
      longestWords: this.#longest,
      tenths: this.#tenths.map(share),
    };
  }
}

/** Letters from which a word says something, and words from which a sentence can be repeated. */
const LETTERS = 4;
const FEWEST = 4;
/** Share of a sentence's words that stand in another. */
const SAME = 0.7;

function contentWords(text: string): Set<string> {
  return new Set(text.toLowerCase().match(new RegExp(`\\p{L}{${LETTERS},}`, 'gu')) ?? []);
}

function isRepeated(words: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (Math.min(words.size, other.size) < FEWEST) return false;
  let shared = 0;
  for (const word of words) if (other.has(word)) shared++;
  return shared >= SAME * Math.min(words.size, other.size);
}
