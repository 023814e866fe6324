import { blocksOf } from '../../models/text/formats/parse-document.js';
import type { Block } from '../../models/text/block.js';
import type { Span } from '../../models/text/span.js';
import { wordsOf, type Word } from '../../models/text/words.js';
import type { Paraphraser } from './paraphrase.js';
import { isTellingWord, type Query, type RetrievalDocument } from './retrieval-sets.js';

/** UTF-16 units of the shortest and the longest stretch that a question is about. */
const STRETCH = [300, 2400] as const;
/** A question is about a phrase that holds one of so many telling words of its stretch. */
const TELLING = 6;
/** What stands at more places is nothing to ask about. */
const COMMON = 12;

/** Ways to ask about {x}, by people who want to know what a text says of it. */
const FORMS = [
  'What does the text say about {x}?',
  'Where is {x} mentioned?',
  'Where does it say something about {x}?',
  'Which part is about {x}?',
  'What is said about {x}?',
  'What about {x}?',
  'Why {x}?',
  'How is {x} explained?',
  'Tell me about {x}.',
  'Find the place where {x} comes up.',
  'I am looking for the passage on {x}.',
  'Explain {x}.',
  'What happens with {x}?',
  'What should I know about {x}?',
  '{x}',
  '{x}?',
];
/** The same of something that several people said. */
const SPOKEN_FORMS = [
  'What was said about {x}?',
  'What was discussed about {x}?',
  'What did they think of {x}?',
  'What was decided on {x}?',
  'Summarize what was said about {x}.',
  'Sum up the discussion of {x}.',
  'Who talked about {x}?',
  'What were the opinions on {x}?',
  'Why did they talk about {x}?',
  'What did {who} say about {x}?',
  'What did {who} think about {x}?',
  'What was the opinion of {who} on {x}?',
  'Why did {who} mention {x}?',
  'Summarize what {who} said on {x}.',
  '{x}',
];

/**
 * A piece of the corpus with `count` questions more, each also paraphrased by rule: about a phrase of a stretch of its
 * text, chosen for words that stand there rather than elsewhere. The answer is the stretch, and wherever else the
 * phrase stands. So no labels are needed; and the words of a question, other than those of a withheld heading or
 * sentence, do stand in the text.
 */
export function withQuestions(
  document: RetrievalDocument,
  count: number,
  random: () => number,
  paraphraser: Paraphraser,
): RetrievalDocument {
  const { text } = document;
  const blocks = blocksOf(text).filter(({ kind }) => ['prose', 'turn', 'item'].includes(kind));
  const seen = countsOf(wordsOf(text));
  const queries: Query[] = [];
  for (let tried = 0; tried < 3 * count && queries.length < 2 * count && blocks.length > 0; tried++) {
    const stretch = stretchFrom(blocks, Math.floor(random() * blocks.length), random);
    const phrase = stretch && phraseOf(text, stretch.span, seen, random);
    if (phrase === undefined) continue;
    const turns = stretch!.blocks.filter(({ kind }) => kind === 'turn');
    const form = drawnFrom(turns.length > 0 ? SPOKEN_FORMS : FORMS, random);
    // The forms about what nobody said have no {who}.
    const speaker = turns.length > 0 ? speakerOf(text, drawnFrom(turns, random)) : '';
    const places = occurrencesOf(text, phrase);
    if (places.length > COMMON) continue;
    const gold = [stretch!.span, ...places];
    for (const paraphrased of [false, true]) {
      const x = paraphrased ? paraphraser.paraphrase(phrase) : phrase;
      const query = form.replace('{who}', () => speaker).replace('{x}', () => x);
      queries.push({ query, form: 'question', paraphrased, gold });
    }
  }
  return { ...document, queries: [...document.queries, ...queries] };
}

function drawnFrom<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)]!;
}

/** Blocks from number `first` on, until they are long enough. */
function stretchFrom(
  blocks: readonly Block[],
  first: number,
  random: () => number,
): { readonly span: Span; readonly blocks: readonly Block[] } | undefined {
  const [shortest, longest] = STRETCH;
  const wanted = shortest + random() ** 2 * (longest - shortest);
  const { start } = blocks[first]!;
  for (let last = first; last < blocks.length; last++) {
    const { end } = blocks[last]!;
    if (end - start > longest) return undefined;
    if (end - start >= wanted) return { span: { start, end }, blocks: blocks.slice(first, last + 1) };
  }
  return undefined;
}

/** A telling word of a stretch with up to two neighbours that are no stop words, as it stands there. */
function phraseOf(
  text: string,
  { start, end }: Span,
  seen: ReadonlyMap<string, number>,
  random: () => number,
): string | undefined {
  const words = wordsOf(text.slice(start, end));
  const telling = [...countsOf(words)]
    .filter(([key]) => key.length > 3 && isTellingWord(key))
    .map(([key, count]) => ({ key, value: (count * count) / (seen.get(key) ?? count) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, TELLING);
  if (telling.length === 0) return undefined;
  const { key } = drawnFrom(telling, random);
  const places = words.flatMap((word, i) => (word.key === key ? [i] : []));
  const middle = drawnFrom(places, random);
  /** Whether a word and the next are telling and one phrase. */
  const goesOn = (i: number): boolean => {
    const [word, next] = [words[i], words[i + 1]];
    if (word === undefined || next === undefined || !isTellingWord(word.key) || !isTellingWord(next.key))
      return false;
    return text.slice(start + endOf(word), start + next.start) === ' ';
  };
  let first = middle;
  let last = middle;
  const size = 1 + Math.floor(random() * 3);
  while (last - first + 1 < size && goesOn(last)) last++;
  while (last - first + 1 < size && goesOn(first - 1)) first--;
  return text.slice(start + words[first]!.start, start + endOf(words[last]!));
}

/** By key, how often the word stands there. */
function countsOf(words: readonly Word[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of words) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function endOf({ start, text }: Word): number {
  return start + text.length;
}

function speakerOf(text: string, { start, said = start }: Block): string {
  const name = text
    .slice(start, said)
    .replace(/[\p{Ps}\p{Pe}\d:.,–—-]+/gu, ' ')
    .trim();
  return name === '' ? 'the speaker' : name.replace(/\s+/gu, ' ');
}

/** Where the phrase stands, whatever the case of its letters. */
function occurrencesOf(text: string, phrase: string): Span[] {
  // Words and spaces: nothing in them is an operator.
  const pattern = new RegExp(phrase, 'giu');
  return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
    start: index,
    end: index + length,
  }));
}
