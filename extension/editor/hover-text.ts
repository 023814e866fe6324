import type { PoolStay, TokenRetention } from '../../models/document/types.js';
import { formatShare } from '../protocol/format.js';
import { formatCount } from '../progress/reading-progress.js';
import type { Translate } from '../formatting/translate.js';

export interface HoverFacts {
  /** The tokens that make up the word under the pointer. */
  readonly word: readonly TokenRetention[];
  /** Tokens of the part of the document in view, the word's among them. */
  readonly around: readonly TokenRetention[];
  /** Retention of tokens from all over what was read, where that is known already. */
  readonly sample?: readonly number[] | undefined;
  /** Tokens read in all. */
  readonly tokens: number;
  readonly complete: boolean;
}

/** Eight steps from nothing to everything: a bar chart inside a line of text. */
const BARS = '▁▂▃▄▅▆▇█';

/** The lowest bar is what retains less; from there to everything, each power of ten has as much of the height. */
const LEAST = 1e-6;

/** One character a layer: retention falls by powers of ten, and along itself nearly all bars would be flat. */
export function sparkline(values: readonly number[]): string {
  return values
    .map((value) => {
      const height = 1 - Math.log(Math.max(LEAST, value)) / Math.log(LEAST);
      return BARS[Math.min(BARS.length - 1, Math.floor(height * BARS.length))] ?? '▁';
    })
    .join('');
}

/** Share of `values` that is less than `value`, in percent. */
export function percentile(value: number, values: readonly number[]): number {
  if (values.length === 0) return 0;
  return Math.round((100 * values.filter((other) => other < value).length) / values.length);
}

/**
 * What the hover says of a word, in Markdown: how much of it the state still holds at the end of what was
 * read, by layer; where that stands in the document; when its notes were in a pool. Undefined where
 * nothing is known of it.
 */
export function hoverMarkdown(facts: HoverFacts, t: Translate): string | undefined {
  const { word } = facts;
  const first = word[0];
  if (!first) return undefined;
  const mean = word.reduce((sum, token) => sum + token.retention, 0) / word.length;
  const layers = first.layers.map(
    (_, layer) => word.reduce((sum, token) => sum + (token.layers[layer] ?? 0), 0) / word.length,
  );
  const end = facts.complete ? t('at the end of the document') : t('at the end of what was read');

  const out = [`**MemMamba** · ${t('{0} retained in the state {1}', `**${formatShare(mean)}**`, end)}`, ''];
  out.push(
    `\`${sparkline(layers)}\` ${t('layers 1 to {0}, by powers of ten', layers.length)}: ` +
      layers.map((value) => formatShare(value)).join(' · '),
  );
  const rank = rankLine(mean, facts, t);
  if (rank) out.push('', rank);
  return [...out, '', ...poolLines(word, t)].join('\n');
}

/** Where a word's retention stands in its document; before that is known, among what is in view. */
function rankLine(mean: number, { around, sample }: HoverFacts, t: Translate): string | undefined {
  if (sample && sample.length > 0) {
    const rank = percentile(mean, sample);
    return t(
      'Better retained than {0} % of the tokens that were read (a sample of {1}).',
      rank,
      formatCount(sample.length),
    );
  }
  if (around.length < 2) return undefined;
  const rank = percentile(
    mean,
    around.map(({ retention }) => retention),
  );
  return t('Better retained than {0} % of the {1} tokens in view.', rank, around.length);
}

/** The longest stay in each layer's pool of any of the word's tokens, lasting ones apart. */
function poolLines(word: readonly TokenRetention[], t: Translate): string[] {
  const length = ({ enteredAt, leftAt }: PoolStay) => (leftAt ?? Infinity) - enteredAt;
  const longest = new Map<number, PoolStay>();
  for (const stay of word.flatMap(({ pool }) => pool)) {
    const other = longest.get(stay.layer);
    if (!other || length(stay) > length(other)) longest.set(stay.layer, stay);
  }
  if (longest.size === 0) return [t('Never in the state pool.')];
  const stays = [...longest.values()].sort((x, y) => x.layer - y.layer);
  const lasting = grouped(
    stays.filter(({ leftAt }) => leftAt === null),
    (layers, { enteredAt }) => t('{0} (since token {1})', layers, formatCount(enteredAt)),
    t,
  );
  const passing = grouped(
    stays.filter(({ leftAt }) => leftAt !== null),
    (layers, { enteredAt, leftAt }) =>
      t('{0} (tokens {1} to {2})', layers, formatCount(enteredAt), formatCount(leftAt ?? Infinity)),
    t,
  );
  return [
    ...(lasting.length > 0 ? [`- ${t('In the state pool to the end: {0}', lasting.join(', '))}`] : []),
    ...(passing.length > 0 ? [`- ${t('In the state pool for a while: {0}', passing.join(', '))}`] : []),
  ];
}

/** Layers with the same stay are named together. */
function grouped(
  stays: readonly PoolStay[],
  words: (layers: string, stay: PoolStay) => string,
  t: Translate,
): string[] {
  const groups = new Map<string, PoolStay[]>();
  for (const stay of stays) {
    const key = `${stay.enteredAt} ${stay.leftAt}`;
    groups.set(key, [...(groups.get(key) ?? []), stay]);
  }
  return [...groups.values()].map((group) => {
    const layers = group.map(({ layer }) => layer + 1).join(', ');
    return words(group.length > 1 ? t('layers {0}', layers) : t('layer {0}', layers), group[0]!);
  });
}
