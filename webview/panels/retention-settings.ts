import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { checkbox, dropdown } from '../elements/toolkit.js';
import type { Measure } from './retention-rows.js';
import type { TintScale } from './tint.js';

const MEAN = 'mean';

/** What the reader chooses to see of retention: the layer, whether notes count, and the scale of the tint. */
export class RetentionSettings {
  readonly element = el('div', { class: 'toolbar' });
  readonly #onChange: () => void;
  #layers = 0;
  #measure: Measure = { layer: MEAN, counted: true };
  #scale: TintScale = 'logarithmic';

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#draw();
  }

  get measure(): Measure {
    return this.#measure;
  }

  get scale(): TintScale {
    return this.#scale;
  }

  /** Another document: the number of its layers is not known yet. */
  reset(): void {
    this.#layers = 0;
    this.#measure = { ...this.#measure, layer: MEAN };
    this.#draw();
  }

  /** Offers so many layers. */
  offer(layers: number): void {
    if (layers === this.#layers) return;
    this.#layers = layers;
    this.#draw();
  }

  #draw(): void {
    this.element.replaceChildren(this.#layerChoice(), this.#scaleChoice(), this.#countedChoice());
  }

  #layerChoice(): HTMLElement {
    const layers = Array.from({ length: this.#layers }, (_, layer) => ({
      value: String(layer),
      label: t('Layer {0}', layer + 1),
    }));
    return dropdown(
      'heat-layer',
      t('Layer'),
      [{ value: MEAN, label: t('Mean of all layers') }, ...layers],
      (value) => {
        this.#measure = { ...this.#measure, layer: value === MEAN ? MEAN : Number(value) };
        this.#onChange();
      },
      String(this.#measure.layer),
    );
  }

  #countedChoice(): HTMLElement {
    return checkbox(
      'heat-counted',
      t('Count the state pool'),
      (counted) => {
        this.#measure = { ...this.#measure, counted };
        this.#onChange();
      },
      this.#measure.counted,
    );
  }

  #scaleChoice(): HTMLElement {
    return dropdown(
      'heat-scale',
      t('Tint'),
      [
        { value: 'logarithmic', label: t('by powers of ten') },
        { value: 'highest', label: t('up to the highest value') },
        { value: 'whole', label: t('0 to 100 %') },
      ],
      (value) => {
        this.#scale = value as TintScale;
        this.#onChange();
      },
      this.#scale,
    );
  }
}
