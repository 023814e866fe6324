import type { Fidelity, TokenRetention } from '../../models/analysis/types.js';
import { formatShare, type VisibleText } from '../../extension/protocol.js';
import { el } from '../dom.js';
import { t } from '../l10n.js';
import type { Memory } from '../memories.js';
import { actionLink, button, dropdown, progressRing, table } from '../toolkit.js';
import { Curves } from './curves.js';
import { HeatMap, heatTokens } from './heatMap.js';
import type { Panel, PanelState, Reveal } from './panel.js';
import { messageOf } from '../../kernels/message.js';

const MEAN = 'mean';
const more = (left: number) => t('Show more ({0} left)', left.toLocaleString('en-US'));
const number = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(3));

/**
 * How much the model still holds of the text in view (a heat map), how fast it forgets (ETMF), and how alike
 * its layers work (ECLMF). Definitions: docs/definitions.md.
 */
export class FidelityPanel implements Panel {
  readonly element = el('div', { class: 'panel', 'data-panel': 'fidelity' });
  readonly #heading = el('h2');
  readonly #heatState = el('div', { 'aria-live': 'polite' });
  readonly #layerPicker = el('div', { class: 'toolbar' });
  readonly #legend = el('p', { class: 'muted', id: 'heat-legend' });
  readonly #heatTable = el('div');
  readonly #heatMap: HeatMap;
  readonly #curves = new Curves(
    'etmf-curves',
    t('ETMF by distance, one curve a layer; the same numbers are in the table below'),
  );
  readonly #curveBody = el('div');
  #memory: Memory | undefined;
  #visible: VisibleText | undefined;
  #layer = MEAN;

  constructor(private readonly reveal: Reveal) {
    this.#heatMap = new HeatMap((token) => {
      if (this.#memory) this.reveal(this.#memory.document, token);
    });
  }

  show({ memory, visible }: PanelState): void {
    if (!memory) {
      this.#memory = undefined;
      this.element.replaceChildren(
        el('p', { class: 'muted' }, t('Read a document first: run “Show Memory Fidelity” on it.')),
      );
      return;
    }
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#visible = undefined;
      this.#layer = MEAN;
      this.#build(memory);
      this.#loadCurves(memory);
    }
    if (visible && visible !== this.#visible) {
      this.#visible = visible;
      this.#loadHeat(memory, visible);
    } else if (!visible && !this.#visible) {
      this.#heatState.replaceChildren(
        el('p', { class: 'muted' }, t('Bring the document into view to see what is retained of it.')),
      );
    }
  }

  #build(memory: Memory): void {
    this.#heading.textContent = t('Memory fidelity of {0}', memory.name);
    this.#layerPicker.replaceChildren();
    this.#heatState.replaceChildren();
    this.#heatTable.replaceChildren();
    this.#legend.textContent = '';
    this.#heatMap.show([]);
    this.element.replaceChildren(
      this.#heading,
      el('h3', {}, t('Retention of the text in view')),
      el(
        'p',
        { class: 'muted' },
        t('Share of each token that the state still holds at the end of what was read.'),
      ),
      this.#layerPicker,
      this.#heatState,
      this.#heatMap.element,
      this.#legend,
      this.#heatTable,
      this.#curveBody,
    );
  }

  #loadHeat(memory: Memory, visible: VisibleText): void {
    this.#heatState.replaceChildren(progressRing(t('Computing retention')));
    const current = () => this.#memory === memory && this.#visible === visible;
    memory.retention({ start: visible.start, end: visible.end }).then(
      (tokens) => {
        if (!current()) return;
        this.#heatState.replaceChildren();
        this.#drawPicker(tokens, visible);
        this.#drawHeat(tokens, visible);
      },
      (error: unknown) => {
        if (current()) this.#heatState.replaceChildren(failure(error));
      },
    );
  }

  #drawPicker(tokens: readonly TokenRetention[], visible: VisibleText): void {
    const layers = tokens[0]?.layers.length ?? 0;
    const picker = dropdown(
      'heat-layer',
      t('Layer'),
      [
        { value: MEAN, label: t('Mean of all layers') },
        ...Array.from({ length: layers }, (_, layer) => ({
          value: String(layer),
          label: t('Layer {0}', layer + 1),
        })),
      ],
      (value) => {
        this.#layer = value;
        this.#drawHeat(tokens, visible);
      },
    );
    const list = picker.querySelector<HTMLElement & { value: string }>('#heat-layer');
    this.#layerPicker.replaceChildren(picker);
    if (list) list.value = this.#layer;
  }

  #drawHeat(tokens: readonly TokenRetention[], visible: VisibleText): void {
    const memory = this.#memory;
    if (!memory) return;
    const value = (token: TokenRetention) =>
      this.#layer === MEAN ? token.retention : (token.layers[Number(this.#layer)] ?? 0);
    const heat = heatTokens(tokens, visible.text, visible.start, value);
    this.#heatMap.show(heat);
    this.#legend.textContent = t('Tint: from 0 % (none) to {0} (strongest).', formatShare(this.#heatMap.max));
    this.#heatTable.replaceChildren(
      twin(t('Retention as a table'), () =>
        table(
          'heat-table',
          t('Retention of the tokens in view'),
          [
            {
              title: t('Token'),
              width: 'minmax(8em, 1fr)',
              cell: (token) =>
                actionLink(token.text.trim() || '␣', t('Go to “{0}”', token.text.trim()), () =>
                  this.reveal(memory.document, token),
                ),
            },
            { title: t('Retained'), width: '8em', cell: (token) => formatShare(token.value) },
          ],
          heat,
          more,
        ),
      ),
    );
  }

  #loadCurves(memory: Memory): void {
    this.#curveBody.replaceChildren(
      el('h3', {}, t('Fidelity by distance and by layer')),
      progressRing(t('Computing fidelity')),
    );
    memory.fidelity().then(
      (fidelity) => {
        if (this.#memory === memory) this.#drawCurves(fidelity);
      },
      (error: unknown) => {
        if (this.#memory !== memory) return;
        this.#curveBody.replaceChildren(
          failure(error),
          button('fidelity-again', t('Try Again'), () => this.#loadCurves(memory)),
        );
      },
    );
  }

  #drawCurves({ lags, etmf, eclmf, tokens }: Fidelity): void {
    const layers = etmf.map((values, layer) => ({ label: t('Layer {0}', layer + 1), values }));
    // A logarithmic axis has no place for 0, where every curve is 1 by definition.
    const first = lags.findIndex((lag) => lag > 0);
    this.#curveBody.replaceChildren(
      el('h3', {}, t('Fidelity by distance (ETMF)')),
      el(
        'p',
        { class: 'muted' },
        t(
          'What is left of a token’s trace in the state after so many more tokens; mean over {0} tokens.',
          tokens.toLocaleString('en-US'),
        ),
      ),
      this.#curves.element,
      twin(t('ETMF as a table'), () =>
        table(
          'etmf-table',
          t('ETMF by layer and distance'),
          [
            { title: t('Distance'), width: '7em', cell: (i: number) => String(lags[i]) },
            ...layers.map(({ label, values }) => ({
              title: label,
              width: 'minmax(5em, 1fr)',
              cell: (i: number) => number(values[i] ?? NaN),
            })),
          ],
          lags.map((_, i) => i),
          more,
        ),
      ),
      el('h3', {}, t('Likeness of layers (ECLMF)')),
      el(
        'p',
        { class: 'muted' },
        t('How alike two blocks change the stream: 1 is the same up to rotation and scale.'),
      ),
      eclmf.length === 0
        ? el('p', { class: 'muted' }, t('This model has no pair of layers to compare.'))
        : table(
            'eclmf-table',
            t('ECLMF by pair of layers'),
            [
              { title: t('Layers'), width: '8em', cell: ({ from, to }) => `${from + 1} → ${to + 1}` },
              { title: t('Value'), width: '6em', cell: ({ value }) => number(value) },
              {
                title: t('Bar'),
                width: 'minmax(6em, 1fr)',
                cell: ({ value }) => el('meter', { min: 0, max: 1, value, 'aria-hidden': 'true' }),
              },
            ],
            eclmf,
            more,
          ),
    );
    this.#curves.show(
      lags.slice(first),
      layers.map(({ label, values }) => ({ label, values: values.slice(first) })),
    );
  }
}

/** The table twin of a picture, made when it is opened first. */
function twin(title: string, make: () => HTMLElement): HTMLElement {
  const details = el('details', {}, el('summary', {}, title));
  details.addEventListener(
    'toggle',
    () => {
      details.append(make());
    },
    { once: true },
  );
  return details;
}

function failure(error: unknown): HTMLElement {
  return el('p', { class: 'error', role: 'alert' }, messageOf(error));
}
