import type { Engine, ModelState } from '../../memmamba/engine.js';
import type { Tokenizer } from '../../tokenizer/index.js';
import type { DocumentText } from '../../reading/document-text.js';
import { NONE } from '../no-answer.js';
import { questionPrompt } from '../../memmamba/prompts.js';
import { PromptLookup, type ReadTokens } from '../../memmamba/decoding/prompt-lookup.js';
import { wholeAt } from '../answer-in-place.js';
import { speaksOf } from '../judge.js';
import { sentencesOf } from '../../text/sentences.js';
import type { Span } from '../../text/span.js';
import { decode, type AttentionRow } from '../../memmamba/decoding/speculative-decoding.js';
import type { MemMambaConfig } from '../../memmamba/config.js';
import type { Answer } from '../answer.js';
import type { Passage } from '../../reading/passage.js';

/** Tokens after which an answer is cut; keys, names and dates are shorter. */
const LONGEST_ANSWER = 64;
/** Token positions closer than this belong to one piece of evidence. */
const GAP = 16;
const EVIDENCE = 3;
/** UTF-16 units around the notes that were read in which the answer must stand to be verified. */
const NEAR = 240;
/** UTF-16 units around evidence that are searched for the border of its sentence. */
const SENTENCE_WINDOW = 1000;

/** What the model said, and where in the document it looked while saying it. */
export interface Reply {
  readonly answer: string;
  /** By token position: share of the pool attention in the fact layers, averaged over the answer's tokens. */
  readonly attention: ReadonlyMap<number, number>;
}

/**
 * Asks a state. Decodes greedily up to the end of the line; the attention of the step that chose a token is
 * counted where the token is no white space. What follows in the document where the model looked is drafted, so an
 * answer takes a pass for several tokens.
 *
 * @param state a copy of the document's final state; it is of no use behind
 * @param options `read`: the tokens behind the state, for drafts; `text`: more of the document, read in the question's
 *   pass where there is room, and for drafts; without both every token takes a pass. `stands`: whether words stand in
 *   the document: an answer that does not is given up where it leaves the text, for it counts for nothing.
 */
export async function reply(
  engine: Engine,
  state: ModelState,
  tokenizer: Tokenizer,
  question: string,
  options: {
    readonly pool: 'on' | 'off';
    readonly signal?: AbortSignal | undefined;
    readonly read?: ReadTokens | undefined;
    readonly text?: Uint32Array | undefined;
    readonly stands?: ((words: string) => boolean) | undefined;
  },
): Promise<Reply> {
  const { read, text = new Uint32Array(0), stands, ...others } = options;
  const documentLength = state.position + text.length;
  const prompt = Uint32Array.from([...text, ...tokenizer.encode(questionPrompt(question)).ids]);
  const seen = new Attention(engine.config, documentLength);
  const isEnd = endsLine(tokenizer);
  const lookup = read && new PromptLookup(read, isEnd);
  const answer = await decode(engine, state, prompt, {
    ...others,
    longest: LONGEST_ANSWER,
    isEnd,
    isEnough: stands && ((said) => leaves(tokenizer.decode([...said]).trim(), stands)),
    draft: lookup && ((said) => lookup.draft(said, peaksOf(seen.looked))),
    onToken: (id, row) => seen.add(row, tokenizer.decode([id]).trim() === ''),
  });
  return { answer: tokenizer.decode([...answer]).trim(), attention: seen.shares };
}

/** Where the model looked while it said the tokens of an answer. */
class Attention {
  /** Mass by token position, white space counted too: an answer may begin with it. */
  readonly looked = new Map<number, number>();
  readonly #counted = new Map<number, number>();
  readonly #config: MemMambaConfig;
  readonly #documentLength: number;
  #tokens = 0;

  constructor(config: MemMambaConfig, documentLength: number) {
    this.#config = config;
    this.#documentLength = documentLength;
  }

  /** By token position: share of the attention in the fact layers, averaged over tokens that are no white space. */
  get shares(): ReadonlyMap<number, number> {
    const { factLayers, nHeads } = this.#config;
    const rows = Math.max(1, this.#tokens * factLayers.length * nHeads);
    return new Map([...this.#counted].map(([position, mass]) => [position, mass / rows]));
  }

  add({ trace: { positions, weights }, row, rows }: AttentionRow, isBlank: boolean): void {
    const { nHeads, poolSize, factLayers } = this.#config;
    if (!isBlank) this.#tokens++;
    for (const layer of factLayers) {
      const own = layer * rows + row;
      for (let head = 0; head < nHeads; head++) {
        for (let slot = 0; slot < poolSize; slot++) {
          const position = positions[own * poolSize + slot]!;
          const weight = weights[(own * nHeads + head) * poolSize + slot]!;
          // The question's own tokens are in the copy's pool, but are no evidence.
          if (position < 0 || position >= this.#documentLength || weight === 0) continue;
          this.looked.set(position, (this.looked.get(position) ?? 0) + weight);
          if (!isBlank) this.#counted.set(position, (this.#counted.get(position) ?? 0) + weight);
        }
      }
    }
  }
}

/** True of a token with a line end in it: an answer is one line. */
function endsLine(tokenizer: Tokenizer): (id: number) => boolean {
  return (id) => /[\r\n]/u.test(tokenizer.decode([id]));
}

/** True of words that cannot begin an answer that stands in the document. */
function leaves(words: string, stands: (words: string) => boolean): boolean {
  // A character of several bytes may be half said.
  return !words.includes('\uFFFD') && !stands(words);
}

/** Where the model looked most, best first. */
function peaksOf(attention: ReadonlyMap<number, number>): number[] {
  return placesOf(attention).map(({ peak }) => peak);
}

/**
 * Turns a reply into an answer with evidence. The evidence is where the attention lay, gathered into at most
 * three places. The answer is verified if it stands verbatim, as whole words and values, near one of them, and
 * what stands around it speaks of what was asked. That place then comes first. Of a longer value the whole is the answer. An answer that stands nowhere in the
 * text is `none`: the model guessed.
 */
export function answerOf(
  { answer, attention }: Reply,
  question: string,
  text: DocumentText,
  offsetOf: (token: number) => Span,
): Answer {
  const none: Answer = { answer: NONE, verified: false, evidence: [] };
  if (answer === '' || answer.toLowerCase() === NONE) return none;
  let whole = answer;
  const places = placesOf(attention).map(({ from, to, mass, peak }) => {
    const start = offsetOf(from).start;
    const end = offsetOf(to).end;
    const verbatim = findVerbatim(text, answer, start - NEAR, end + NEAR, offsetOf(peak).start);
    // A number that stands by chance where the model looked is no answer to what was asked.
    const around = verbatim && text.slice(verbatim.start - NEAR, verbatim.end + NEAR);
    const found = around !== undefined && speaksOf(around, question) ? verbatim : undefined;
    // Of a longer value the memory said a part: the whole is the answer.
    if (found && whole === answer) whole = text.slice(found.start, found.end);
    return { mass, found, span: sentenceAt(text, found ?? offsetOf(peak)) };
  });
  if (!places.some(({ found }) => found) && !findVerbatim(text, answer, 0, text.length)) return none;
  const ordered = [...places.filter(({ found }) => found), ...places.filter(({ found }) => !found)];
  return {
    answer: whole,
    verified: ordered[0]?.found !== undefined,
    evidence: ordered.map(({ span, mass }): Passage => {
      const { start, end } = span;
      return { start, end, line: text.lines.lineOf(start), text: text.slice(start, end), score: mass };
    }),
  };
}

interface Place {
  readonly from: number;
  readonly to: number;
  /** Share of the attention. */
  readonly mass: number;
  /** The position with the most. */
  readonly peak: number;
}

/** Neighbouring positions as one place; the three with the most attention, best first. */
function placesOf(attention: ReadonlyMap<number, number>): Place[] {
  const places: { from: number; to: number; mass: number; peak: number }[] = [];
  for (const [position, mass] of [...attention].sort(([a], [b]) => a - b)) {
    const last = places.at(-1);
    if (!last || position - last.to > GAP) {
      places.push({ from: position, to: position, mass, peak: position });
      continue;
    }
    last.to = position;
    last.mass += mass;
    if (mass > attention.get(last.peak)!) last.peak = position;
  }
  return places.sort((a, b) => b.mass - a.mass || a.from - b.from).slice(0, EVIDENCE);
}

/** UTF-16 units around an occurrence that a longer value may fill. */
const VALUE = 512;

/**
 * The occurrence of `answer` in [start, end) that is nearest to `near`, as whole words and values: where it is a part of a
 * longer value with a digit, that value.
 */
function findVerbatim(
  text: DocumentText,
  answer: string,
  start: number,
  end: number,
  near = start,
): Span | undefined {
  // A little more than the range, so that what stands at its border is seen whole.
  const base = Math.max(0, start - VALUE);
  const part = text.slice(base, end + VALUE);
  let best: Span | undefined;
  for (let at = part.indexOf(answer); at >= 0; at = part.indexOf(answer, at + 1)) {
    if (base + at < start || base + at + answer.length > end) continue;
    const found = wholeAt(part, at, answer);
    if (!found) continue;
    const moved = { start: base + found.start, end: base + found.end };
    if (!best || Math.abs(moved.start - near) < Math.abs(best.start - near)) best = moved;
  }
  return best;
}

/** The sentence of the text around a span. */
function sentenceAt(text: DocumentText, span: Span): Span {
  const base = Math.max(0, span.start - SENTENCE_WINDOW);
  const around = text.slice(base, span.end + SENTENCE_WINDOW);
  const before = around.slice(0, span.start - base);
  const paragraph = /(?:\r?\n[ \t]*){2,}/gu;
  let from = 0;
  for (const { index, 0: gap } of before.matchAll(paragraph)) from = index + gap.length;
  const rest = around.slice(span.end - base);
  const to = span.end - base + (/(?:\r?\n[ \t]*){2,}/u.exec(rest)?.index ?? rest.length);
  const sentences = sentencesOf(around.slice(from, to), base + from);
  const first = sentences.find(({ end }) => end > span.start) ?? span;
  const last = sentences.findLast(({ start }) => start < span.end) ?? span;
  return { start: Math.min(first.start, span.start), end: Math.max(last.end, span.end) };
}
