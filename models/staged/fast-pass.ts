import { nextTurn } from '../scheduling/next-turn.js';
import { WordCounts } from './word-surprisal.js';
import type { Part } from './staged-text.js';
import { joined, Selection, type Candidate } from './selection.js';
import { EvenSample } from './even-sample.js';
import { StretchCutter, type VisitStretch } from './stretches.js';
import { WordScanner } from './word-scanner.js';

/** What was found out about a document, and what of it the model is to read. */
export interface FastPass {
  /** In order; the whole document as one part where it is short enough. */
  readonly parts: readonly Part[];
  /** UTF-16 units of the document. */
  readonly units: number;
  /** About how many tokens the document has, and the parts. */
  readonly tokens: number;
  readonly chosenTokens: number;
  /** True if everything was chosen. */
  readonly isWhole: boolean;
}

/** Shares of the tokens: for what is rare, for literals, and for an even spread over the document. */
const NOVEL = 0.4;
const LITERALS = 0.3;
const SPREAD = 0.3;
/** UTF-16 units between two turns of the event loop. */
const TURN = 1 << 19;

/**
 * The fast pass over a document that is too long for the model: it looks at every character, twice (to count,
 * and to choose), and picks what the model reads. It knows no phrasing of a key, or of anything else, only what
 * is rare in this very document. The rules are in `docs/definitions.md`, “Reading in stages”.
 *
 * @param open gives the document's text from its start, the same each time
 * @param options.tokens about as many tokens as the model is to read
 * @param options.whole a document of no more tokens is chosen whole; `tokens` unless it is more
 * @param options.onProgress is told how many UTF-16 units were looked at, each counted twice
 */
export async function fastPass(
  open: () => AsyncIterable<string>,
  options: {
    readonly tokens: number;
    readonly whole?: number;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((units: number) => void) | undefined;
  },
): Promise<FastPass> {
  const { tokens, whole: short = tokens } = options;
  const words = new WordScanner();
  const counts = new WordCounts();
  const whole = { start: 0, end: 0, line: 1, endLine: 1 };
  await eachStretch(open, 0, options, (text, from, to, _start, line, endsLine) => {
    words.scan(text, from, to);
    counts.add(words);
    whole.end += to - from;
    whole.endLine = endsLine ? line + 1 : line;
  });
  const units = whole.end;
  if (counts.tokens <= short) {
    const parts = units > 0 ? [whole] : [];
    return { parts, units, tokens: counts.tokens, chosenTokens: counts.tokens, isWhole: true };
  }

  const novel = new Selection(tokens * NOVEL);
  const literals = new Selection(tokens * LITERALS);
  const spread = new EvenSample(units, (tokens * SPREAD * units) / counts.tokens);
  /** The stretch before, unless it is empty, and the candidates of that stretch. */
  let before: Stretch | undefined;
  let open_: Stretch[] = [];
  await eachStretch(open, units, options, (text, from, to, start, line, endsLine) => {
    words.scan(text, from, to);
    const end = start + to - from;
    const endLine = endsLine ? line + 1 : line;
    spread.visit(start, end, line, endLine);
    const isEmpty = words.count === 0;
    if (!isEmpty) for (const stretch of open_) stretch.extend(end, endLine, words.tokens);
    open_ = [];
    if (isEmpty) {
      before = undefined;
      return;
    }
    const { novelty, literal, family } = counts.judge(words);
    const offer = (selection: Selection, score: number) => {
      if (!selection.takes(score)) return;
      const candidate = new Stretch(start, end, line, endLine, words.tokens, score, family, before);
      selection.add(candidate);
      open_.push(candidate);
    };
    offer(novel, novelty);
    offer(literals, literal);
    before = new Stretch(start, end, line, endLine, words.tokens);
  });
  const chosen = [...novel.chosen(), ...literals.chosen()];
  const parts = joined([...chosen, ...spread.parts]);
  const chosenUnits = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  return {
    parts,
    units,
    tokens: counts.tokens,
    chosenTokens: Math.round((counts.tokens * chosenUnits) / units),
    isWhole: false,
  };
}

/** A stretch that may be chosen, with its neighbours: they help the model to read it. */
class Stretch implements Candidate {
  readonly start: number;
  readonly line: number;

  constructor(
    start: number,
    public end: number,
    line: number,
    public endLine: number,
    public tokens: number,
    readonly score = 0,
    readonly family = 0,
    before?: Stretch,
  ) {
    this.start = before?.start ?? start;
    this.line = before?.line ?? line;
    this.tokens += before?.tokens ?? 0;
  }

  /** The stretch after it. */
  extend(end: number, endLine: number, tokens: number): void {
    this.end = end;
    this.endLine = endLine;
    this.tokens += tokens;
  }
}

/** Visits all stretches; the event loop turns now and then, so that a cancel is heard. */
async function eachStretch(
  open: () => AsyncIterable<string>,
  done: number,
  {
    signal,
    onProgress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((units: number) => void) | undefined;
  },
  visit: VisitStretch,
): Promise<void> {
  const cutter = new StretchCutter(visit);
  let units = 0;
  let turned = 0;
  for await (const piece of open()) {
    cutter.push(piece);
    units += piece.length;
    if (units - turned < TURN) continue;
    turned = units;
    await nextTurn();
    signal?.throwIfAborted();
    onProgress?.(done + units);
  }
  cutter.end();
}
