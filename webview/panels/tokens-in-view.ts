import type { Span } from '../../models/text/span.js';
import { formatShare } from '../../extension/protocol/format.js';
import type { TokenRetention } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { table } from '../elements/table.js';
import { actionLink } from '../elements/toolkit.js';
import { HeatMap, heatTokens, type HeatToken } from './heat-map.js';
import { measured, type Measure } from './retention-rows.js';
import type { RetentionSettings } from './retention-settings.js';
import { LEAST, type Tint } from './tint.js';
import { legendItem, more, Twin } from './twin.js';

/** Tokens of a part of the document, and the text that they are in. */
export interface ShownTokens {
  readonly tokens: readonly TokenRetention[];
  readonly text: string;
  /** UTF-16 offset of the text. */
  readonly start: number;
}

/** The tokens in view with what is retained of each: as a heat map with its legend, and as a table. */
export class TokensInView {
  readonly legend = el('div', { class: 'legend', id: 'heat-legend' });
  readonly heatMap: HTMLElement;
  readonly table: HTMLElement;
  readonly #reveal: (token: Span) => void;
  readonly #heatMap: HeatMap;
  readonly #twin = new Twin(t('The tokens in view as a table'));

  constructor(reveal: (token: Span) => void) {
    this.#reveal = reveal;
    this.#heatMap = new HeatMap(reveal);
    this.heatMap = this.#heatMap.element;
    this.table = this.#twin.element;
  }

  /** Marks what is selected in the reader's text. */
  mark(selection: Span | undefined): void {
    this.#heatMap.mark(selection);
  }

  show({ tokens, text, start }: ShownTokens, { measure, scale }: RetentionSettings): void {
    const heat = heatTokens(tokens, text, start, (token) => ({
      value: measured(token, measure),
      noted: isNoted(token, measure),
    }));
    const max = scale === 'highest' ? heat.reduce((highest, { value }) => Math.max(highest, value), 0) : 1;
    this.#heatMap.show(heat, { scale, max });
    this.#drawLegend({ scale, max }, measure);
    this.#twin.show(() => this.#table(heat));
  }

  #drawLegend({ scale, max }: Tint, { counted }: Measure): void {
    const tint =
      scale === 'logarithmic'
        ? t('{0} to 100 % retained, by powers of ten: tint, and height of the bar below.', formatShare(LEAST))
        : t('0 % to {0} retained: tint, and height of the bar below.', formatShare(max));
    const pool = counted
      ? t('A note in a layer’s pool counts as 100 % there.')
      : t('The state alone, the pool not counted.');
    this.legend.replaceChildren(
      legendItem('ramp', `${tint} ${pool}`),
      legendItem('framed', t('Framed: its note is in the pool now.')),
      legendItem('overlined', t('Line above, arrow in the map: selected in the text.')),
    );
  }

  #table(heat: readonly HeatToken[]): HTMLElement {
    const name = (token: HeatToken) => token.text.trim() || '␣';
    return table<HeatToken>(
      'heat-table',
      t('Retention of the tokens in view'),
      [
        {
          title: t('Token'),
          cell: (token) => actionLink(name(token), t('Go to “{0}”', name(token)), () => this.#reveal(token)),
        },
        { title: t('Retained'), cell: ({ value }) => formatShare(value), by: ({ value }) => value },
        {
          title: t('In the pool'),
          cell: ({ noted }) => (noted ? t('yes') : t('no')),
          by: ({ noted }) => Number(noted),
        },
      ],
      heat,
      more,
    );
  }
}

/** Whether a token's note lies in a pool that is shown. */
function isNoted({ pool }: TokenRetention, { layer }: Measure): boolean {
  return pool.some((stay) => stay.leftAt === null && (layer === 'mean' || stay.layer === layer));
}
