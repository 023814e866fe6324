import type { Fidelity } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import type { Memory } from './memory.js';
import { table } from '../elements/table.js';
import { button, dropdown, progressRing } from '../elements/toolkit.js';
import { LineChart, type Curve } from './line-chart.js';
import type { Panel, PanelState, Reveal } from './panel.js';
import { RetentionView } from './retention-view.js';
import { count, failure, more, Twin } from './twin.js';

const NONE = 'none';
const number = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(3));

/** Mean over layers of each distance's values. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const [first = []] = curves;
  return first.map((_, i) => curves.reduce((sum, values) => sum + (values[i] ?? NaN), 0) / curves.length);
}

/**
 * How much the model still holds of the text (a map of all of it, and the lines in view), how fast it forgets
 * (ETMF), and how alike its layers work (ECLMF). Definitions: docs/definitions.md.
 */
export class FidelityPanel implements Panel {
  readonly element = el('div', { class: 'panel', 'data-panel': 'fidelity' });
  readonly #retention: RetentionView;
  readonly #etmf = new LineChart(
    'etmf-chart',
    t('ETMF by distance; the same numbers are in the table below'),
  );
  readonly #eclmf = new LineChart(
    'eclmf-chart',
    t('ECLMF by layer; the same numbers are in the table below'),
  );
  readonly #curveBody = el('section', { 'aria-labelledby': 'curves-heading' });
  #memory: Memory | undefined;
  #picked = NONE;

  constructor(reveal: Reveal) {
    this.#retention = new RetentionView(reveal);
  }

  show({ memory, visible }: PanelState): void {
    if (!memory) {
      this.hide();
      this.#memory = undefined;
      this.element.replaceChildren(
        el('p', { class: 'muted' }, t('Read a document first: run “Show Memory Fidelity” on it.')),
      );
      return;
    }
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#picked = NONE;
      this.element.replaceChildren(
        el('h1', {}, t('Memory fidelity of {0}', memory.name)),
        this.#retention.element,
        this.#curveBody,
      );
      this.#retention.open(memory, this.#loadCurves(memory));
      this.#retention.follow(visible);
      return;
    }
    this.#retention.follow(visible);
  }

  hide(): void {
    this.#retention.stop();
  }

  /** Settles when the curves are there, or why they are not. */
  #loadCurves(memory: Memory): Promise<void> {
    const heading = el('h2', { id: 'curves-heading' }, t('Fidelity by distance (ETMF)'));
    this.#curveBody.replaceChildren(heading, progressRing(t('Computing fidelity')));
    return memory.engine.request('fidelity', { document: memory.document }).then(
      (fidelity) => {
        if (this.#memory === memory) this.#drawCurves(heading, fidelity);
      },
      (error: unknown) => {
        if (this.#memory !== memory) return;
        this.#curveBody.replaceChildren(
          heading,
          failure(error),
          button('fidelity-again', t('Try Again'), () => void this.#loadCurves(memory)),
        );
      },
    );
  }

  #drawCurves(heading: HTMLElement, fidelity: Fidelity): void {
    const { etmf, eclmf, tokens } = fidelity;
    const layerNames = etmf.map((_, layer) => t('Layer {0}', layer + 1));
    const etmfTwin = new Twin(t('ETMF as a table'));
    etmfTwin.show(() => etmfTable(fidelity, layerNames));
    const eclmfTwin = new Twin(t('ECLMF as a table'));
    eclmfTwin.show(() => eclmfTable(fidelity));
    this.#curveBody.replaceChildren(
      heading,
      el(
        'p',
        { class: 'muted' },
        t(
          'What is left of a token’s trace in the state after so many more tokens; mean over {0} tokens. The pool is not counted.',
          count(tokens),
        ),
      ),
      el('div', { class: 'toolbar' }, this.#layerChoice(fidelity, layerNames)),
      this.#etmf.element,
      etmfTwin.element,
      el('h2', {}, t('Likeness of layers (ECLMF)')),
      el(
        'p',
        { class: 'muted' },
        t('How alike two blocks change the stream: 100 % is the same up to rotation and scale.'),
      ),
      ...(eclmf.length === 0
        ? [el('p', { class: 'muted' }, t('This model has no pair of layers to compare.'))]
        : [this.#eclmf.element, eclmfTwin.element]),
    );
    this.#showEtmf(fidelity, layerNames);
    this.#showEclmf(fidelity);
  }

  #layerChoice(fidelity: Fidelity, layerNames: readonly string[]): HTMLElement {
    return dropdown(
      'etmf-layer',
      t('Highlight'),
      [
        { value: NONE, label: t('Mean of all layers') },
        ...layerNames.map((label, layer) => ({ value: String(layer), label })),
      ],
      (value) => {
        this.#picked = value;
        this.#showEtmf(fidelity, layerNames);
      },
    );
  }

  #showEclmf({ eclmf }: Fidelity): void {
    const distance = (eclmf[0]?.to ?? 0) - (eclmf[0]?.from ?? 0);
    this.#eclmf.show({
      x: eclmf.map(({ from }) => from + 1),
      xLabel: t('From layer, to the one {0} layers on', distance),
      yLabel: t('Likeness'),
      scale: 'linear',
      xName: (x) => t('Layers {0} to {1}', x, x + distance),
      tickName: (x) => `${x} → ${x + distance}`,
      curves: [{ label: t('Linear CKA'), values: eclmf.map(({ value }) => value), emphasis: 'strong' }],
    });
  }

  #showEtmf({ lags, etmf }: Fidelity, layerNames: readonly string[]): void {
    // A logarithmic axis has no place for 0, where every curve is 1 by definition.
    const first = lags.findIndex((lag) => lag > 0);
    const curves: Curve[] = etmf.map((values) => ({
      label: t('Single layers'),
      values: values.slice(first),
      emphasis: 'faint',
    }));
    curves.push({ label: t('Mean of all layers'), values: meanCurve(etmf).slice(first), emphasis: 'strong' });
    const picked = etmf[Number(this.#picked)];
    if (this.#picked !== NONE && picked) {
      const label = layerNames[Number(this.#picked)] ?? '';
      curves.push({ label, values: picked.slice(first), emphasis: 'picked' });
    }
    this.#etmf.show({
      x: lags.slice(first),
      xLabel: t('Distance in tokens'),
      yLabel: t('Fidelity'),
      scale: 'logarithmic',
      xName: (x) => t('Distance {0}', count(x)),
      curves,
    });
  }
}

function etmfTable({ lags, etmf }: Fidelity, layerNames: readonly string[]): HTMLElement {
  return table(
    'etmf-table',
    t('ETMF by layer and distance'),
    [
      { title: t('Distance'), cell: (i: number) => String(lags[i]) },
      ...layerNames.map((title, layer) => ({
        title,
        cell: (i: number) => number(etmf[layer]?.[i] ?? NaN),
      })),
    ],
    lags.map((_, i) => i),
    more,
  );
}

function eclmfTable({ eclmf }: Fidelity): HTMLElement {
  return table(
    'eclmf-table',
    t('ECLMF by pair of layers'),
    [
      { title: t('Layers'), cell: ({ from, to }) => `${from + 1} → ${to + 1}` },
      { title: t('Value'), cell: ({ value }) => number(value), by: ({ value }) => value },
    ],
    eclmf,
    more,
  );
}
