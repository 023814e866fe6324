import { partitionPoint } from '../text/growable.js';
import { eachPiece } from '../scheduling/each-piece.js';
import { NONE } from './no-answer.js';
import type { Answer } from './answer.js';
import type { Passage } from '../reading/passage.js';
import { askedOf, type Asked } from './question.js';
import { decide, type Decision, type Found } from './choose-answer.js';
import { judge, type Judgement } from './judge.js';
import { PlaceFinder, type Place } from './place-finder.js';
import { foundIn } from './answer-in-place.js';
import { listAnswer } from './list-answer.js';
import { recordAnswer, type RecordAnswer, type Structure } from './record-answer.js';
import { contextOf, statementAround } from './statements.js';
import type { Span } from '../text/span.js';

/** Telling words that an answer must have beside it to need no look-up. */
const CONFIDENT = 3;

/** What the look-up needs. */
export interface LookUp {
  readonly question: string;
  /** What the memory said, with its offsets in the document. */
  readonly remembered: Answer;
  /** The document's text from its start, as it is read. */
  readonly text: AsyncIterable<string>;
  /** Where a range of that text stands in the document; left out where the two are the same. */
  readonly locate?: ((span: Span) => Span & { readonly line: number }) | undefined;
  /** The rows, leaves and lists of the document, where it has a layout. */
  readonly structure?: Structure | undefined;
  /** The line of an offset of the document. */
  readonly lineOf?: ((offset: number) => number) | undefined;
  /** What the model answers to the question after it has read a few sentences and nothing else. */
  readonly read: (text: string) => Promise<string>;
  readonly signal?: AbortSignal | undefined;
  /** Told the UTF-16 units that were searched. */
  readonly onProgress?: ((units: number) => void) | undefined;
}

/**
 * Looks the answer up once the question is known: searches the whole text for the statements that fit it best, takes
 * the value that one of them gives in so many words, or has the model read the best few. The rules are in
 * `docs/definitions.md`, “Answers”. What the memory said stands only if the text bears it out.
 */
export async function lookUp(look: LookUp): Promise<Answer> {
  const { question, read, signal, structure } = look;
  const asked = askedOf(question);
  if (structure) {
    const inRecord = recordAnswer(structure, asked);
    if (inRecord) return fromRecord(inRecord, structure, look);
  }
  const remembered = inProse(borneOut(look.remembered, asked), structure);
  const { certain, toRead } = await statementsFor(asked, look);
  if (certain) return answerFrom(certain, look.remembered);
  if (structure) {
    const list = listAnswer(structure, asked);
    if (list) return fromRecord(list, structure, look);
  }
  // The memory read the document as it is; a few sentences out of it are the weaker witness.
  if (remembered.verified) return { ...remembered, lookedUp: true };
  for (const place of toRead) {
    signal?.throwIfAborted();
    const found = foundIn(place, await read(place.window), asked);
    if (found) return answerFrom(found, look.remembered);
  }
  return { ...remembered, lookedUp: true };
}

/** The statements of a text that fit a question, best first, and the value that one of them gives in so many words. */
export async function statementsFor(
  asked: Asked,
  look: Pick<LookUp, 'text' | 'locate' | 'structure' | 'signal' | 'onProgress'>,
): Promise<Decision & { readonly places: readonly Place[] }> {
  const places = (await placesFor(asked, look))
    .map((place) => located(place, look))
    .filter((place) => !isInTable(place, look.structure));
  return { ...decide(places, asked), places };
}

function located(place: Place, { locate }: Pick<LookUp, 'locate'>): Place {
  return locate ? { ...place, ...locate(place) } : place;
}

/** A row or leaf is read by its fields; as a sentence it says what its neighbours say. */
function isInTable({ start, end }: Span, structure: Structure | undefined): boolean {
  if (!structure?.records.some(({ kind }) => kind === 'row' || kind === 'keys')) return false;
  const { blocks } = structure;
  const first = partitionPoint(blocks.length, (i) => blocks[i]!.end <= start);
  for (let i = first; i < blocks.length && blocks[i]!.start < end; i++)
    if (blocks[i]!.kind === 'table') return true;
  return false;
}

/** What the memory said, unless it is of a row or leaf of which nothing that is asked for is said. */
function inProse(remembered: Answer, structure: Structure | undefined): Answer {
  const [place] = remembered.evidence;
  if (!place || remembered.answer === NONE || !isInTable(place, structure)) return remembered;
  return { answer: NONE, verified: false, remembered: remembered.answer, evidence: [] };
}

function fromRecord(
  { text, evidence }: RecordAnswer,
  { decoded }: Structure,
  look: Pick<LookUp, 'remembered' | 'lineOf'>,
): Answer {
  const { start, end } = evidence;
  const passage: Passage = {
    start,
    end,
    line: look.lineOf?.(start) ?? 1,
    text: decoded.shown(start, end),
    score: 1,
  };
  const { answer } = look.remembered;
  return { answer: text, verified: true, remembered: answer || NONE, lookedUp: true, evidence: [passage] };
}

/**
 * What the fields of a document say: the field of a row or leaf that the question asks for, verbatim; a list only where
 * `lists` says so.
 */
export function answerInFields(
  question: string,
  {
    structure,
    remembered,
    lineOf,
  }: Pick<LookUp, 'remembered' | 'lineOf'> & { readonly structure: Structure },
  lists = false,
): Answer | undefined {
  const asked = askedOf(question);
  const found = lists ? listAnswer(structure, asked) : recordAnswer(structure, asked);
  return found && fromRecord(found, structure, { remembered, lineOf });
}

/** True if the memory said a number or key that the text states in the words of the question, and of nothing else. */
export function isStated(remembered: Answer, question: string): boolean {
  const { answer, verified } = borneOut(remembered, askedOf(question));
  return verified && /\p{N}/u.test(answer);
}

/** True if what the memory said needs no look-up: the text says it in so many of the question's words. */
export function isConfident(remembered: Answer, question: string): boolean {
  const asked = askedOf(question);
  const { answer, evidence, verified } = borneOut(remembered, asked);
  if (!verified || !/\p{N}/u.test(answer)) return false;
  return judgedAt(evidence[0]!.text, answer, asked).matched >= CONFIDENT;
}

/** The places of a text that fit a question best, best first. */
export async function placesFor(
  asked: Asked,
  { text, signal, onProgress }: Pick<LookUp, 'text' | 'signal' | 'onProgress'>,
): Promise<readonly Place[]> {
  const finder = new PlaceFinder(asked);
  await eachPiece(text, (piece) => finder.push(piece), { signal, onProgress });
  return finder.end();
}

/**
 * An answer of the memory that is said to be verified. It is if the sentence where it stands has all telling words of
 * the question and speaks of no other. Where it is no key, number or date, one word may be another, but no name.
 */
function borneOut(remembered: Answer, asked: Asked): Answer {
  const [place] = remembered.evidence;
  if (!remembered.verified || !place) return remembered;
  const { missingAround: missing, isOfAnother } = judgedAt(place.text, remembered.answer, asked);
  const isValue = /\p{N}/u.test(remembered.answer);
  const isBorneOut =
    missing.length <= (isValue ? 0 : 1) && !missing.some(({ isName }) => isName) && !isOfAnother;
  return isBorneOut ? remembered : { ...remembered, verified: false };
}

/** What the statement says in which an answer stands; a passage may be of several lines. */
function judgedAt(passage: string, answer: string, asked: Asked): Judgement {
  const span = statementAround(passage, Math.max(0, passage.indexOf(answer)));
  return judge(passage.slice(span.start, span.end), () => contextOf(passage, span), asked);
}

function answerFrom({ place, value }: Found, remembered: Answer): Answer {
  const [told] = remembered.evidence;
  if (
    remembered.verified &&
    remembered.answer === value.text &&
    told &&
    told.start < place.end &&
    told.end > place.start
  )
    return { ...remembered, lookedUp: true };
  const { start, end, line, statement } = place;
  const passage: Passage = { start, end, line, text: statement, score: 1 };
  return {
    answer: value.text,
    verified: true,
    remembered: remembered.answer || NONE,
    lookedUp: true,
    evidence: [passage],
  };
}
