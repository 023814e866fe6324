import { RecordContexts } from '../text/record-context.js';
import type { Field, TextRecord } from '../text/records.js';
import { strengthIn, wordsIn } from './judge.js';
import type { Asked } from './question.js';
import type { RecordAnswer, Structure } from './record-answer.js';

/** Words of a question that speak of the list itself. */
const OF_LIST = new Set(['list', 'item', 'entri', 'entry', 'place', 'posit', 'position', 'rank', 'number']);
const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];
const ASKS = /^\W*(?:which|what|who|whom|name|list|give)\b/iu;
/** UTF-16 units of a list that is an answer. */
const LONGEST = 2000;

/**
 * Answers a question that asks for a list, or for one of its items by its place: the line above the list, and the title
 * above that, say all that is asked for.
 */
export function listAnswer(structure: Structure, asked: Asked): RecordAnswer | undefined {
  if (!ASKS.test(asked.question)) return undefined;
  const wanted = placeAsked(asked.question);
  const telling = asked.terms.filter(
    ({ isTelling, lemma, key }) =>
      isTelling && !OF_LIST.has(lemma) && !OF_LIST.has(key) && !ORDINALS.includes(key) && key !== 'last',
  );
  if (
    telling.length === 0 ||
    (telling.length < 2 && wanted === undefined && !/\blist\b/iu.test(asked.question))
  )
    return undefined;
  const contexts = new RecordContexts(structure.blocks, structure.decoded);
  const fitting = structure.records.filter((record) => {
    if (record.kind !== 'list' || !record.lead) return false;
    const lead = wordsIn(structure.decoded.shown(record.lead.start, record.lead.end));
    if (!telling.some((term) => strengthIn(term, lead) > 0)) return false;
    const { titles } = contexts.of(record);
    const words = [...lead, ...titles.flatMap((title) => wordsIn(title))];
    return telling.every((term) => strengthIn(term, words) > 0);
  });
  const [list] = fitting;
  if (!list || fitting.length > 1) return undefined;
  return wanted === undefined ? wholeList(list, structure) : itemOf(list, wanted, structure);
}

/** The number of the item that is asked for, from 1; -1 is the last. */
function placeAsked(question: string): number | undefined {
  if (/\b(?:last|bottom)\b/iu.test(question)) return -1;
  const ordinal = ORDINALS.findIndex((word) => new RegExp(`\\b${word}\\b`, 'iu').test(question));
  if (ordinal >= 0) return ordinal + 1;
  const digits = /\b(?:number|item|no\.?|place|rank)\s+(\d{1,3})\b|\b(\d{1,3})(?:st|nd|rd|th)\b/iu.exec(
    question,
  );
  return digits ? Number(digits[1] ?? digits[2]) : undefined;
}

function wholeList(list: TextRecord, { decoded }: Structure): RecordAnswer | undefined {
  if (list.end - list.start > LONGEST) return undefined;
  const { start, end } = list;
  return { value: { start, end }, text: decoded.shown(start, end).trim(), evidence: withLead(list) };
}

function itemOf(list: TextRecord, place: number, { decoded }: Structure): RecordAnswer | undefined {
  const item: Field | undefined = place < 0 ? list.fields.at(place) : list.fields[place - 1];
  if (!item) return undefined;
  const { start, end } = item;
  return { value: { start, end }, text: decoded.shown(start, end).trim(), evidence: item.whole ?? item };
}

function withLead({ lead, start, end }: TextRecord) {
  return { start: lead?.start ?? start, end };
}
