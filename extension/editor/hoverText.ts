import type { PoolStay, TokenRetention } from '../../models/analysis/types.js';
import { formatShare } from '../format.js';
import type { Translate } from '../translate.js';

export interface HoverFacts {
  /** The tokens that make up the word under the pointer. */
  readonly word: readonly TokenRetention[];
  /** Tokens of the part of the document in view, the word's among them. */
  readonly around: readonly TokenRetention[];
  /** Tokens read in all. */
  readonly tokens: number;
  readonly complete: boolean;
}

/** Eight steps from nothing to everything: a bar chart inside a line of text. */
const BARS = '▁▂▃▄▅▆▇█';

/** One character a layer. */
export function sparkline(values: readonly number[]): string {
  return values
    .map((v) => BARS[Math.min(BARS.length - 1, Math.floor(Math.max(0, v) * BARS.length))] ?? '▁')
    .join('');
}

/** Share of `around` that retains less than `value`, in percent. */
export function percentile(value: number, around: readonly TokenRetention[]): number {
  if (around.length === 0) return 0;
  const below = around.filter((token) => token.retention < value).length;
  return Math.round((100 * below) / around.length);
}

/**
 * What the hover says of a word, in Markdown: how much of it the state still holds at the end of what was
 * read, by layer; where that stands among its neighbours; when its notes were in a pool. Undefined where
 * nothing is known of it.
 */
export function hoverMarkdown(facts: HoverFacts, t: Translate): string | undefined {
  const { word, around } = facts;
  const first = word[0];
  if (!first) return undefined;
  const mean = word.reduce((sum, token) => sum + token.retention, 0) / word.length;
  const layers = first.layers.map(
    (_, layer) => word.reduce((sum, token) => sum + (token.layers[layer] ?? 0), 0) / word.length,
  );
  const end = facts.complete ? t('at the end of the document') : t('at the end of what was read');

  const out = [`**MemMamba** · ${t('{0} retained {1}', `**${formatShare(mean)}**`, end)}`, ''];
  out.push(
    `\`${sparkline(layers)}\` ${t('layers 1 to {0}', layers.length)}: ` +
      layers.map((value) => formatShare(value)).join(' · '),
  );
  if (around.length > 1) {
    out.push('', t('More than {0} % of the {1} tokens in view.', percentile(mean, around), around.length));
  }
  out.push('', ...poolLines(word, t));
  return out.join('\n');
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
  const lasting: string[] = [];
  const passing: string[] = [];
  for (const { layer, enteredAt, leftAt } of [...longest.values()].sort((x, y) => x.layer - y.layer)) {
    if (leftAt === null) lasting.push(t('layer {0} (since token {1})', layer + 1, enteredAt));
    else passing.push(t('layer {0} (tokens {1} to {2})', layer + 1, enteredAt, leftAt));
  }
  return [
    ...(lasting.length > 0 ? [`- ${t('In the state pool to the end: {0}', lasting.join(', '))}`] : []),
    ...(passing.length > 0 ? [`- ${t('In the state pool for a while: {0}', passing.join(', '))}`] : []),
  ];
}
