import type {
  Answer,
  Caution,
  LengthPerplexity,
  Passage,
  Summary,
  SummarySection,
} from '../document/index.js';
import { describeCheck } from './check.js';
import type { Outcome, RetentionToken } from './outcome.js';
import type { Place, Placed } from './places.js';

/** A result for people, without the last line end. */
export function describe(outcome: Outcome): string {
  const unread = outcome.result.file?.unread;
  const words = resultInWords(outcome);
  return visible(unread === undefined ? words : `${unread}.\n${words}`);
}

/** What a terminal would obey and not show: control characters but tabs and line ends, marks of direction. */
const OBEYED = /(?![\t\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Control characters as their pictures (U+2400 and on), others as their number. */
function visible(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x20
      ? String.fromCodePoint(0x2400 + code)
      : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

function resultInWords(outcome: Outcome): string {
  switch (outcome.command) {
    case 'summarize':
      return summary(outcome.result);
    case 'ask':
      return answer(outcome.result);
    case 'passages':
      return outcome.result.passages.length > 0
        ? outcome.result.passages.map(located).join('\n\n')
        : 'Nothing found.';
    case 'retention':
      return retention(outcome.result.tokens);
    case 'perplexity':
      return perplexity(outcome.result.lengths);
    case 'check':
      return describeCheck(outcome.result);
  }
}

function flat(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** Page and line, or the line alone. */
function placeOf(passage: Placed): string {
  const line = `line ${passage.line}`;
  return passage.place ? `${placeName(passage.place)}, ${line}` : line;
}

function placeName({ kind, label }: Place): string {
  return kind === 'chapter' || kind === 'sheet' ? `“${flat(label)}”` : `${kind} ${label}`;
}

function located(passage: Placed): string {
  const { text, score } = passage;
  return `${placeOf(passage)}  (${score.toPrecision(2)})\n  ${flat(text)}`;
}

const CAUTIONS: Readonly<Record<Caution, string>> = {
  language: 'The text is not English, which the model was trained on: what it notes is a weak guide here.',
  code: 'The text is mostly source code, of which the model has seen little; comments and names are what it shows.',
};

/** A line of a summary; of a log it says how many lines are like it, in what was read. */
function quoted(passage: Placed, wasReadWhole: boolean): string {
  const { line, text, count, place } = passage;
  const likeIt = count === undefined ? '' : `  (${wasReadWhole ? '' : 'at least '}${count} lines like this)`;
  return `  ${String(line).padStart(6)}  ${flat(text)}${likeIt}${place ? `  [${placeName(place)}]` : ''}`;
}

function sectionName({ title, unnamed, lines }: SummarySection): string {
  if (unnamed === undefined) return flat(title);
  if (unnamed === 'opening') return '(before the first heading)';
  return unnamed === 'untimed' ? '(before the first time stamp)' : `Lines ${lines.first}–${lines.last}`;
}

function summary({
  coverage,
  format,
  pieces,
  caution,
  engine,
  model,
  overview,
  sections,
  keyTerms,
  timing,
}: Summary): string {
  const { tokens, bytes, complete, scannedBytes, undecoded } = coverage;
  const seconds = (timing.readMs / 1000).toFixed(1);
  const rate = Math.round(timing.tokensPerSecond);
  const staged =
    scannedBytes && `Read in stages, ${((100 * bytes) / scannedBytes).toPrecision(2)} % by the model`;
  const read = staged ?? (complete ? 'Read whole' : 'Read in part');
  const parsedIn = pieces === undefined ? '' : `, parsed in ${pieces} pieces`;
  const line = (passage: Passage) => quoted(passage, complete && scannedBytes === undefined);
  return [
    `${read}: ${tokens} tokens, ${bytes} bytes (${model} on ${engine}, ${seconds} s, ${rate} tokens/s), as ${format}${parsedIn}`,
    ...(undecoded === undefined
      ? []
      : [`${undecoded} characters stand for bytes that are no UTF-8; they are shown as \ufffd.`]),
    ...(caution ? [CAUTIONS[caution]] : []),
    '',
    'Overview',
    ...overview.map(line),
    ...sections.flatMap((section) => ['', sectionName(section), ...section.sentences.map(line)]),
    '',
    `Key terms: ${keyTerms.map(({ term, count }) => `${term} (${count})`).join(', ')}`,
  ].join('\n');
}

function answer(given: Answer): string {
  const { passages = [], read } = given;
  const reading = read && `Read for it: ${read.passages} passages, ${read.tokens} tokens.`;
  const best = passages.length > 0 ? [`Passages that fit best:`, ...passages.map(located)] : [];
  return [verdict(given), ...(reading ? [reading] : []), ...best].join('\n\n');
}

function verdict({ answer: words, verified, probability, remembered, lookedUp, evidence }: Answer): string {
  if (words === 'none') {
    return lookedUp
      ? 'The text does not seem to say (none): all of it was searched for this question.'
      : 'The text does not say (none).';
  }
  if (probability !== undefined) {
    const sure = verified ? 'stated there' : 'likely';
    return [`${words}  (${sure}, ${Math.round(100 * probability)} %)`, ...evidence.map(located)].join('\n\n');
  }
  if (remembered !== undefined) {
    return [
      `${words}  (the place was looked up for this question; the memory said: ${remembered})`,
      ...evidence.map(located),
    ].join('\n\n');
  }
  const mark = verified ? 'stands in the text at the evidence' : 'NOT verified: not found at the evidence';
  return [`${words}  (${mark})`, ...evidence.map(located)].join('\n\n');
}

function retention(tokens: readonly RetentionToken[]): string {
  return [
    '   start     end  retention  pool: layer entered–left, in tokens',
    ...tokens.map(({ start, end, retention: share, pool }) => {
      const stays = pool.map(({ layer, enteredAt, leftAt }) => `${layer} ${enteredAt}–${leftAt ?? ''}`);
      const columns = [String(start).padStart(8), String(end).padStart(7), share.toFixed(6).padStart(10)];
      return `${columns.join(' ')}  ${stays.join(', ')}`.trimEnd();
    }),
  ].join('\n');
}

function perplexity(lengths: readonly LengthPerplexity[]): string {
  return [
    ' context  windows  nats/token  perplexity  bits/byte',
    ...lengths.map(({ length, windows, nll, bitsPerByte }) => {
      const figures =
        nll === null || bitsPerByte === null
          ? ['the text is too short']
          : [
              nll.toFixed(4).padStart(10),
              Math.exp(nll).toFixed(2).padStart(10),
              bitsPerByte.toFixed(4).padStart(9),
            ];
      return [String(length).padStart(8), String(windows).padStart(7), ...figures].join('  ');
    }),
  ].join('\n');
}
