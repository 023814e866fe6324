import { formatShare } from '../../extension/protocol/format.js';
import type { Answer, ComparedReading, Comparison } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import type { ComparisonState, Memory } from './memory.js';
import { table } from '../elements/table.js';
import { actionLink, button, textField } from '../elements/toolkit.js';
import { meanCurve } from './fidelity.js';
import { LineChart } from './line-chart.js';
import type { Panel, PanelState, Reveal } from './panel.js';
import { count, failure, more, Twin } from './twin.js';

/** The question that the model was trained on; not translated, for neither was the model. */
export const DEFAULT_QUESTION = 'What is the pass key?';

export interface CompareActions {
  readonly ask: (question: string) => void;
  readonly cancel: () => void;
}

/**
 * The same weights on the same text with the state pool and without: both answers to one question, what is left
 * of the place where the answer stands, and how long notes last where the state forgets.
 */
export class ComparePanel implements Panel {
  readonly #reveal: Reveal;
  readonly #actions: CompareActions;
  readonly element = el('div', { class: 'panel', 'data-panel': 'compare' });
  readonly #status = el('p', { id: 'compare-status', role: 'status' });
  readonly #bar = el('progress', {
    id: 'compare-progress',
    max: 100,
    'aria-label': t('Share of the second reading'),
  });
  readonly #running: HTMLElement;
  readonly #result = el('div', { id: 'compare-result' });
  readonly #chart = new LineChart(
    'compare-chart',
    t('What lasts by distance, with the pool and without; the same numbers are in the table below'),
  );
  readonly #question: ReturnType<typeof textField>;
  readonly #ask: ReturnType<typeof button>;
  #memory: Memory | undefined;
  #drawn: ComparisonState | undefined;

  constructor(reveal: Reveal, actions: CompareActions) {
    this.#reveal = reveal;
    this.#actions = actions;
    this.#question = textField('compare-question', t('Question'), DEFAULT_QUESTION, () => this.#submit());
    this.#ask = button('compare-ask', t('Ask Both'), () => this.#submit());
    this.#running = el(
      'section',
      { hidden: true, 'aria-label': t('Comparing') },
      this.#status,
      this.#bar,
      button('compare-cancel', t('Cancel'), () => this.#actions.cancel()),
    );
  }

  show({ memory, comparison }: PanelState): void {
    if (!memory) {
      this.#memory = undefined;
      this.element.replaceChildren(
        el('p', { class: 'muted' }, t('Read a document first: run “Compare with Plain Mamba” on it.')),
      );
      return;
    }
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#drawn = undefined;
      this.#result.replaceChildren();
      this.element.replaceChildren(
        el('h1', {}, t('{0} with the note block and without', memory.name)),
        el(
          'p',
          { class: 'muted' },
          t(
            'The same weights read the same text twice: once as they were trained, once with the state pool off, which makes them a plain Mamba. A Mamba trained without notes may do better than these weights without theirs.',
          ),
        ),
        el('div', { class: 'toolbar ask' }, this.#question, this.#ask),
        this.#running,
        this.#result,
      );
    }
    if (comparison === this.#drawn) return;
    this.#drawn = comparison;
    this.#draw(memory, comparison);
  }

  #submit(): void {
    const question = this.#question.value.trim();
    if (question !== '' && !this.#ask.disabled) this.#actions.ask(question);
  }

  #draw(memory: Memory, state: ComparisonState | undefined): void {
    const isRunning = state?.phase === 'running';
    this.#running.hidden = !isRunning;
    this.#ask.disabled = isRunning;
    if (!state) {
      this.#result.replaceChildren();
      return;
    }
    if (state.phase === 'running') {
      this.#question.value = state.question;
      this.#drawProgress(state);
      return;
    }
    if (state.phase === 'failed') {
      this.#result.replaceChildren(failure(new Error(state.message)));
      return;
    }
    this.#question.value = state.comparison.question;
    this.#drawResult(memory, state.comparison);
  }

  #drawProgress({ progress }: ComparisonState & { phase: 'running' }): void {
    const share = progress?.totalBytes ? (100 * progress.bytes) / progress.totalBytes : undefined;
    if (share === undefined || share >= 100) this.#bar.removeAttribute('value');
    else this.#bar.value = share;
    const said =
      share === undefined
        ? t('Asking both…')
        : share >= 100
          ? t('Read; asking both and measuring…')
          : t('Reading once more with the pool off: {0} %', Math.floor(share / 10) * 10);
    // Only what changed is said aloud: every ten percent.
    if (this.#status.textContent !== said) this.#status.textContent = said;
  }

  #drawResult(memory: Memory, comparison: Comparison): void {
    const { withPool, withoutPool, survival } = comparison;
    const lasting = curvesOf(comparison);
    const lastingTwin = new Twin(t('What lasts, as a table'));
    lastingTwin.show(() => lastingTable(lasting));
    this.#result.replaceChildren(
      el('p', { id: 'compare-verdict', class: 'verdict' }, verdict(comparison)),
      el(
        'div',
        { class: 'sides' },
        this.#side(memory, 'compare-on', t('With the note block'), 'MemMamba', withPool),
        this.#side(memory, 'compare-off', t('Pool off'), t('plain Mamba, same weights'), withoutPool),
      ),
      ...keptOf(comparison),
      el('h2', {}, t('What lasts, by distance')),
      el(
        'p',
        { class: 'muted' },
        t(
          'The state forgets with distance, with the pool or without. Notes do not fade: a note lasts until notes with higher scores need its place. Of the {0} notes taken of this text, the upper curve shows the share still there so many tokens later; the state’s curves end where a segment ends.',
          count(survival.notes[0] ?? 0),
        ),
      ),
      this.#chart.element,
      lastingTwin.element,
    );
    this.#chart.show({
      x: lasting.x,
      xLabel: t('Distance in tokens'),
      yLabel: t('Share that is left'),
      scale: 'logarithmic',
      xName: (distance) => t('Distance {0}', count(distance)),
      curves: lasting.curves,
    });
  }

  #side(
    memory: Memory,
    id: string,
    title: string,
    subtitle: string,
    { answer }: ComparedReading,
  ): HTMLElement {
    const [evidence] = answer.evidence;
    const { mark, words, kind } = judged(answer);
    return el(
      'section',
      { id, class: `side ${kind}`, 'aria-label': title },
      el('h2', {}, title, ' ', el('span', { class: 'muted subtitle' }, subtitle)),
      el('p', { class: 'answer' }, answer.answer === 'none' ? t('(no answer)') : answer.answer),
      el('p', { class: 'judged' }, el('span', { class: 'mark', 'aria-hidden': 'true' }, mark), ' ', words),
      ...(evidence
        ? [
            el(
              'p',
              { class: 'muted' },
              answer.verified ? t('It stands here:') : t('It looked here:'),
              ' ',
              actionLink(t('line {0}', evidence.line), t('Go to line {0}', evidence.line), () =>
                this.#reveal(memory.document, evidence),
              ),
            ),
          ]
        : []),
    );
  }
}

interface Judged {
  readonly mark: string;
  readonly words: string;
  readonly kind: 'found' | 'missing' | 'wrong';
}

/** An answer as what it is worth: only one that stands in the text counts. */
function judged({ answer, verified }: Answer): Judged {
  if (answer === 'none') return { mark: '–', words: t('finds nothing in the text'), kind: 'missing' };
  return verified
    ? { mark: '✓', words: t('found in the text'), kind: 'found' }
    : { mark: '✗', words: t('not where the model looked in the text, so not a hit'), kind: 'wrong' };
}

/** What the two answers show, in a sentence. */
export function verdict({
  withPool: { answer: on },
  withoutPool: { answer: off },
}: Pick<Comparison, 'withPool' | 'withoutPool'>): string {
  if (on.verified && !off.verified) return t('The answer is found with the note block, and lost without it.');
  if (on.verified && off.verified) {
    return t('Both find the answer: the text may be short enough for the state alone.');
  }
  if (off.verified) return t('Only the reading without the pool finds the answer.');
  return t('Neither finds an answer in the text.');
}

/** What is left of the place where the answer stands, if it stands anywhere. */
function keptOf({ place, withPool, withoutPool }: Comparison): HTMLElement[] {
  if (!place || !withPool.kept || !withoutPool.kept) return [];
  return [
    el('h2', {}, t('What is left of the answer’s place (line {0}) at the end', place.line)),
    keptBars(withPool.kept, withoutPool.kept),
  ];
}

/** Two bars: the state alone, and what notes add. */
function keptBars(
  on: NonNullable<ComparedReading['kept']>,
  off: NonNullable<ComparedReading['kept']>,
): HTMLElement {
  const row = (label: string, state: number, counted: number, detail: string) =>
    el(
      'li',
      {},
      el('span', {}, label),
      el(
        'span',
        { class: 'track', 'aria-hidden': 'true' },
        el('span', { class: 'fill notes', style: `width: ${100 * counted}%` }),
        el('span', { class: 'fill', style: `width: ${100 * state}%` }),
      ),
      el('span', {}, detail),
    );
  const layers = on.layers.map((layer) => layer + 1).join(', ');
  return el(
    'ul',
    { id: 'compare-kept', class: 'kept' },
    row(
      t('With the note block'),
      on.state,
      on.counted,
      on.layers.length > 0
        ? t(
            '{0}: {1} in the state, the rest as notes in layers {2}',
            formatShare(on.counted),
            formatShare(on.state),
            layers,
          )
        : t('{0}, all of it in the state: no note of it is in a pool', formatShare(on.state)),
    ),
    row(t('Pool off'), off.state, off.state, t('{0}, all of it in the state', formatShare(off.state))),
  );
}

/** The three curves of the comparison over one axis. */
function curvesOf({ withPool, withoutPool, survival }: Comparison) {
  const x = [...new Set([...survival.lags, ...withPool.fidelity.lags])]
    .filter((lag) => lag > 0)
    .sort((a, b) => a - b);
  const over = (lags: readonly number[], values: readonly number[]) =>
    x.map((lag) => values[lags.indexOf(lag)] ?? NaN);
  return {
    x,
    curves: [
      {
        label: t('Notes in the pool'),
        values: over(survival.lags, survival.share),
        emphasis: 'picked' as const,
      },
      {
        label: t('State, with the pool'),
        values: over(withPool.fidelity.lags, meanCurve(withPool.fidelity.etmf)),
        emphasis: 'strong' as const,
      },
      {
        label: t('State, pool off'),
        values: over(withoutPool.fidelity.lags, meanCurve(withoutPool.fidelity.etmf)),
        emphasis: 'second' as const,
      },
    ],
  };
}

function lastingTable({ x, curves }: ReturnType<typeof curvesOf>): HTMLElement {
  return table(
    'compare-table',
    t('What lasts by distance'),
    [
      { title: t('Distance'), cell: (i: number) => count(x[i] ?? 0) },
      ...curves.map(({ label, values }) => ({
        title: label,
        cell: (i: number) => (Number.isNaN(values[i] ?? NaN) ? '–' : formatShare(values[i] ?? 0)),
      })),
    ],
    x.map((_, i) => i),
    more,
  );
}
