import uPlot from 'uplot';
import { el } from '../dom.js';
import { t } from '../l10n.js';
import { canvasTheme, onThemeChange } from '../theme.js';

export interface Curve {
  readonly label: string;
  /** One value for every x; NaN where there is none. */
  readonly values: readonly number[];
}

const HEIGHT = 260;
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot declares this enum, but ships no value for it
const LOGARITHMIC = 3 as uPlot.Scale.Distr;
/** The second round of the theme's six colours is dashed. */
const DASH = [6, 4];

/** Curves over a logarithmic x axis, in the theme's colours; drawn anew when size or theme change. */
export class Curves {
  readonly element: HTMLElement;
  #plot: uPlot | undefined;
  #data: { readonly x: readonly number[]; readonly curves: readonly Curve[] } | undefined;

  constructor(id: string, label: string) {
    this.element = el('div', { id, class: 'curves', role: 'img', 'aria-label': label });
    new ResizeObserver(() => {
      if (this.#plot && this.element.clientWidth > 0) {
        this.#plot.setSize({ width: this.element.clientWidth, height: HEIGHT });
      } else this.#draw();
    }).observe(this.element);
    onThemeChange(() => this.#draw());
  }

  show(x: readonly number[], curves: readonly Curve[]): void {
    this.#data = { x, curves };
    this.#draw();
  }

  #draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const width = this.element.clientWidth;
    if (!this.#data || width === 0) return;
    const { x, curves } = this.#data;
    const theme = canvasTheme();
    const axis: uPlot.Axis = {
      stroke: theme.foreground,
      grid: { stroke: theme.grid, width: 1 },
      ticks: { stroke: theme.grid, width: 1 },
    };
    this.#plot = new uPlot(
      {
        width,
        height: HEIGHT,
        scales: { x: { time: false, distr: LOGARITHMIC, log: 2 }, y: { range: [0, 1] } },
        axes: [
          { ...axis, label: t('Distance in tokens'), labelSize: 24 },
          { ...axis, label: t('Fidelity'), labelSize: 24 },
        ],
        series: [
          { label: t('Distance') },
          ...curves.map(({ label }, i) => ({
            label,
            stroke: theme.series[i % theme.series.length] ?? theme.foreground,
            width: 1.5,
            ...(i >= theme.series.length && { dash: DASH }),
            value: (_: uPlot, value: number | null) => (value === null ? '–' : value.toFixed(3)),
          })),
        ],
      },
      [
        [...x],
        ...curves.map(({ values }) => values.map((v) => (Number.isNaN(v) ? null : v))),
      ] as uPlot.AlignedData,
      this.element,
    );
  }
}
