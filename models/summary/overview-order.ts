import { byMarginalRelevance } from './marginal-relevance.js';
import type { Scored } from './scored-sentences.js';

/** Share of an overview that the authors' own summary may fill. */
const OWN = 2 / 3;
/** Share of the rest that is spread over the document, and over one of so many UTF-16 units (about 60 pages). */
const SPREAD = 2 / 3;
const SPREAD_LONG = 1;
const LONG = 200_000;
/** Share of an overview, and sentences at least, that a tenth of the document may fill. */
const CROWDED = 1 / 4;
const TENTHS = 10;

/**
 * Sentences in the order in which an overview of about `count` takes them. Those of the authors' own summary come first,
 * then the best of stretches of equal length, then the best of all that crowd no tenth of the document, then all others;
 * last those that no summary should have. One that points back comes right behind the sentence before it. A log is not
 * read for its course, so what stands out most comes first wherever it stands; its sections show the rest.
 */
export function* overviewOrder(document: Scored, count: number): Generator<number, void, undefined> {
  const { scores, vectors, templates } = document;
  if (templates) yield* byMarginalRelevance(templates.keys(), scores, vectors);
  else yield* new Overview(document, count).order();
}

class Overview {
  readonly #document: Scored;
  readonly #count: number;
  readonly #taken: number[] = [];
  readonly #isTaken: Uint8Array;
  readonly #crowd = new Int32Array(TENTHS);
  readonly #scores: Float64Array;
  readonly #first: number;
  readonly #length: number;

  constructor(document: Scored, count: number) {
    this.#document = document;
    this.#count = count;
    const { fitness, scores, layout } = document;
    this.#isTaken = new Uint8Array(scores.length);
    // One that needs the sentence before it is worth what the two are worth each.
    this.#scores = scores.map((score, i) => (fitness[i] === 1 ? (score + scores[i - 1]!) / 2 : score));
    this.#first = layout.sentences[0]?.start ?? 0;
    this.#length = Math.max(1, (layout.sentences.at(-1)?.end ?? 0) - this.#first);
  }

  *order(): Generator<number, void, undefined> {
    const { own, fitness } = this.#document;
    const all = [...fitness.keys()].filter((i) => fitness[i]! < 2);
    for (const i of own) {
      if (this.#taken.length >= Math.ceil(this.#count * OWN)) break;
      const isFit = fitness[i] === 0 || (fitness[i] === 1 && this.#isTaken[i - 1] === 1);
      if (isFit) yield* this.#take(i);
    }
    const stretches = Math.ceil(
      (this.#count - this.#taken.length) * (this.#length >= LONG ? SPREAD_LONG : SPREAD),
    );
    const within: number[][] = Array.from({ length: Math.max(0, stretches) }, () => []);
    if (stretches > 0) for (const i of all) within[Math.floor(this.#place(i) * stretches)]!.push(i);
    for (const candidates of within) yield* this.#best(candidates, 1);
    const most = Math.max(2, Math.ceil(this.#count * CROWDED));
    const isFree = (i: number) => this.#crowd[this.#tenth(i)]! < most;
    yield* this.#best(all, Math.max(0, this.#count - this.#taken.length), isFree);
    yield* this.#best(all, Infinity);
    yield* this.#best(fitness.keys(), Infinity);
  }

  *#best(
    candidates: Iterable<number>,
    most: number,
    isFree: (i: number) => boolean = () => true,
  ): Generator<number, void, undefined> {
    const begin = this.#taken.length;
    const { vectors, fitness } = this.#document;
    if (most <= 0) return;
    for (const i of byMarginalRelevance(candidates, this.#scores, vectors, this.#taken)) {
      const isPair = fitness[i] === 1 && this.#isTaken[i - 1] === 0;
      const hasRoom = !isPair || this.#taken.length >= this.#count || this.#taken.length + 2 <= this.#count;
      if (this.#isTaken[i] === 1 || !isFree(i) || !hasRoom) continue;
      if (isPair) yield* this.#take(i - 1);
      yield* this.#take(i);
      if (this.#taken.length - begin >= most) return;
    }
  }

  *#take(i: number): Generator<number, void, undefined> {
    this.#taken.push(i);
    this.#isTaken[i] = 1;
    this.#crowd[this.#tenth(i)]!++;
    yield i;
  }

  /** Where a sentence stands, in [0, 1). */
  #place(i: number): number {
    return (this.#document.layout.sentences[i]!.start - this.#first) / this.#length;
  }

  #tenth(i: number): number {
    return Math.floor(this.#place(i) * TENTHS);
  }
}
