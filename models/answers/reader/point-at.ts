import type { Calibration } from '../../memmamba/calibration.js';
import type { ReaderEngine } from '../../memmamba/engine.js';
import { nextTurn } from '../../scheduling/next-turn.js';
import type { Tokenizer } from '../../tokenizer/index.js';
import type { GivenText, Pointed, PointOptions } from '../pointed.js';
import { answersOf, type ReadText } from './features.js';
import { QuestionReader } from './reader.js';
import { spansOf } from './spans.js';

/** Tokens of passages that are read for a question. */
export const READ_TOKENS = 3000;
/** UTF-16 units a token has in English, to tell how many texts fit a batch before they are tokenised. */
const UNITS_A_TOKEN = 4;

/** What the reader works with. */
export interface ReadingParts {
  readonly reader: ReaderEngine;
  readonly tokenizer: Tokenizer;
}

/** Texts as they were read, the logit of “not here”, and tokens read. */
export interface TextsRead {
  readonly read: readonly ReadText[];
  readonly none: number;
  readonly tokens: number;
}

/**
 * Reads texts for a question, the best first, until {@link READ_TOKENS} are used.
 *
 * @param texts best first, one at least
 * @param onRead told what was read so far, after each batch but the last
 * @throws the signal's reason
 */
export async function readTexts(
  { reader, tokenizer }: ReadingParts,
  question: string,
  texts: readonly GivenText[],
  {
    signal,
    onRead,
  }: { readonly signal?: AbortSignal | undefined; readonly onRead?: (read: TextsRead) => void },
): Promise<TextsRead> {
  const asked = await QuestionReader.ask(reader, tokenizer, question, signal);
  const read: ReadText[] = [];
  let tokens = 0;
  try {
    let at = 0;
    while (at < texts.length && tokens < READ_TOKENS) {
      signal?.throwIfAborted();
      const batch = batchOf(texts, at, Math.min(reader.batchTokens, READ_TOKENS - tokens));
      const readings = await asked.read(
        batch.map(({ text }) => text),
        signal,
      );
      for (const [i, reading] of readings.entries()) {
        const { text, score } = batch[i]!;
        read.push({ text, score, spans: spansOf(text, reading) });
        tokens += reading.starts.length;
      }
      at += batch.length;
      if (at < texts.length && tokens < READ_TOKENS) onRead?.({ read, none: asked.none, tokens });
    }
    return { read, none: asked.none, tokens };
  } finally {
    asked.dispose();
  }
}

/**
 * Reads texts for a question, and points at answers.
 *
 * @param texts best first
 * @throws the signal's reason
 */
export async function pointAt(
  parts: ReadingParts & { readonly calibration: Calibration },
  question: string,
  texts: readonly GivenText[],
  { recalled, signal, onRead }: PointOptions,
): Promise<Pointed> {
  const { calibration } = parts;
  // A cancel that was sent with the request is heard before the work starts.
  await nextTurn();
  if (texts.length === 0) return nothing(calibration);
  const result = ({ read, none, tokens }: TextsRead): Pointed => ({
    answers: answersOf(read, none, recalled, calibration),
    margins: read.map(({ spans }) => spans.best - none),
    texts: read.length,
    tokens,
    verified: calibration.verified,
    likely: calibration.likely,
  });
  const tell = onRead && ((read: TextsRead) => onRead(result(read)));
  return result(await readTexts(parts, question, texts, { signal, ...(tell && { onRead: tell }) }));
}

function nothing({ verified, likely }: Calibration): Pointed {
  return { answers: [], margins: [], texts: 0, tokens: 0, verified, likely };
}

/** The next texts, one at least, of about so many tokens. */
function batchOf(texts: readonly GivenText[], at: number, tokens: number): readonly GivenText[] {
  let end = at + 1;
  let units = texts[at]!.text.length;
  while (end < texts.length && units + texts[end]!.text.length <= UNITS_A_TOKEN * tokens)
    units += texts[end++]!.text.length;
  return texts.slice(at, end);
}
