import { eachPiece, type PassOptions } from '../scheduling/each-piece.js';
import { CountingPass } from './counting-pass.js';
import { EvenSample } from './even-sample.js';
import { Candidate, Selection } from './selection.js';
import type { Part } from './staged-text.js';
import { Stretch } from './stretch.js';
import { StretchCutter } from './stretches.js';
import { WordScanner } from './word-scanner.js';

/** What was found out about a document, and what of it the model is to read. */
export interface FastPass {
  /** In order; the whole document as one part where it is short enough. */
  readonly parts: readonly Part[];
  /** (parts) what stands in each. None where everything was chosen: then the document is read as it is. */
  readonly texts: readonly string[];
  /** UTF-16 units of the document. */
  readonly units: number;
  /** Characters of it that stand for bytes which are no UTF-8. */
  readonly undecoded: number;
  /** About how many tokens the document has, and the parts. */
  readonly tokens: number;
  readonly chosenTokens: number;
  /** True if everything was chosen. */
  readonly isWhole: boolean;
}

export interface FastPassOptions extends PassOptions {
  /** About as many tokens as the model is to read. */
  readonly tokens: number;
  /** A document of no more tokens is chosen whole; `tokens` unless it is more. */
  readonly whole?: number;
  /** The first pass, where it was made already. */
  readonly counted?: CountingPass | undefined;
}

/** Shares of the tokens: for what is rare, for literals, and for an even spread over the document. */
const NOVEL = 0.4;
const LITERALS = 0.3;
const SPREAD = 0.3;

/**
 * The fast pass over a document that is too long for the model: it looks at every character, twice (to count,
 * and to choose), and picks what the model reads. It knows no phrasing of a key, or of anything else, only what
 * is rare in this very document. The rules are in `docs/definitions.md`, “Reading in stages”.
 *
 * @param open gives the document's text from its start, the same each time. It is called once to count, unless that
 *   is done, and once to choose, unless all is chosen. No more than twice the text that is chosen is held.
 * @param options.onProgress is told how many UTF-16 units were looked at, those of both passes added
 * @throws the signal's reason when it is aborted, and what `open` throws
 */
export async function fastPass(
  open: () => AsyncIterable<string>,
  options: FastPassOptions,
): Promise<FastPass> {
  const { tokens, whole = tokens, signal, onProgress } = options;
  const counted = options.counted ?? (await countWords(open(), options));
  const { units, undecoded } = counted;
  if (counted.tokens <= whole) {
    const parts = units > 0 ? [{ start: 0, end: units, line: 1, endLine: counted.endLine }] : [];
    const all = counted.tokens;
    return { parts, texts: [], units, undecoded, tokens: all, chosenTokens: all, isWhole: true };
  }
  const before = options.counted ? 0 : units;
  const chooser = new Chooser(counted, tokens);
  await eachPiece(open(), (piece) => chooser.push(piece), {
    signal,
    onProgress: (at) => onProgress?.(before + at),
  });
  const { parts, texts } = joined(chooser.end());
  const chosenUnits = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  return {
    parts,
    texts,
    units,
    undecoded,
    tokens: counted.tokens,
    chosenTokens: Math.round((counted.tokens * chosenUnits) / units),
    isWhole: false,
  };
}

async function countWords(text: AsyncIterable<string>, options: PassOptions): Promise<CountingPass> {
  const counting = new CountingPass();
  await eachPiece(text, (piece) => counting.push(piece), options);
  counting.end();
  return counting;
}

/** The second pass: it judges every stretch by the counts of the first, and keeps the best. */
class Chooser {
  readonly #counted: CountingPass;
  readonly #novel: Selection;
  readonly #literals: Selection;
  readonly #spread: EvenSample;
  readonly #words = new WordScanner();
  readonly #cutter = new StretchCutter((text, from, to, start, line, endsLine) => {
    this.#words.scan(text, from, to);
    const endLine = endsLine ? line + 1 : line;
    this.#visit(new Stretch(start, line, endLine, this.#words.tokens, text.slice(from, to)));
  });
  /** The stretch before, unless it is empty, and the candidates of that stretch. */
  #before: Stretch | undefined;
  #open: Candidate[] = [];

  /** @param tokens about as many as the model is to read */
  constructor(counted: CountingPass, tokens: number) {
    this.#counted = counted;
    this.#novel = new Selection(tokens * NOVEL);
    this.#literals = new Selection(tokens * LITERALS);
    this.#spread = new EvenSample(counted.units, (tokens * SPREAD * counted.units) / counted.tokens);
  }

  push(piece: string): void {
    this.#cutter.push(piece);
  }

  /** The text has ended: what was chosen, in no order, some of it twice. */
  end(): Stretch[] {
    this.#cutter.end();
    const best = [...this.#novel.chosen(), ...this.#literals.chosen()];
    return [...best.flatMap(({ stretches }) => stretches), ...this.#spread.stretches];
  }

  #visit(stretch: Stretch): void {
    this.#spread.visit(stretch);
    const isEmpty = this.#words.count === 0;
    if (!isEmpty) for (const candidate of this.#open) candidate.extend(stretch);
    this.#open = [];
    if (isEmpty) {
      this.#before = undefined;
      return;
    }
    const { novelty, literal, family } = this.#counted.counts.judge(this.#words);
    const neighbours = this.#before ? [this.#before, stretch] : [stretch];
    const offer = (selection: Selection, score: number) => {
      if (!selection.takes(score)) return;
      const candidate = new Candidate(score, family, neighbours);
      selection.add(candidate);
      this.#open.push(candidate);
    };
    offer(this.#novel, novelty);
    offer(this.#literals, literal);
    this.#before = stretch;
  }
}

/** Parts in order with their texts; stretches that follow each other are one part. */
function joined(stretches: readonly Stretch[]): Pick<FastPass, 'parts' | 'texts'> {
  const parts: { start: number; end: number; line: number; endLine: number }[] = [];
  const texts: string[][] = [];
  for (const { start, end, line, endLine, text } of [...stretches].sort((a, b) => a.start - b.start)) {
    const last = parts.at(-1);
    if (last && start < last.end) continue;
    if (last?.end === start) {
      last.end = end;
      last.endLine = endLine;
      texts.at(-1)!.push(text);
    } else {
      parts.push({ start, end, line, endLine });
      texts.push([text]);
    }
  }
  return { parts, texts: texts.map((each) => each.join('')) };
}
