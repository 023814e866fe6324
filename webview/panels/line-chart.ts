import { el, svg } from '../elements/dom.js';
import { t } from '../elements/l10n.js';

/** `strong` and `picked` are labelled and have markers; `faint` is one of many in the background. */
export type Emphasis = 'strong' | 'picked' | 'second' | 'third' | 'faint';

export interface Curve {
  readonly label: string;
  /** One value in [0, 1] for every x; NaN where there is none. */
  readonly values: readonly number[];
  readonly emphasis: Emphasis;
}

export interface ChartData {
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly scale: 'logarithmic' | 'linear';
  /** What an x is called where one is pointed at, for example a pair of layers. */
  readonly xName: (x: number) => string;
  /** Values of x that get a tick; all of them by default. */
  readonly ticks?: readonly number[];
  /** The tick's text; the number itself by default. */
  readonly tickName?: (x: number) => string;
  readonly curves: readonly Curve[];
}

const HEIGHT = 240;
const MARGIN = { top: 10, right: 26, bottom: 42, left: 52 };
const INNER = HEIGHT - MARGIN.top - MARGIN.bottom;
const GRID = [0, 0.25, 0.5, 0.75, 1];
const MIN_TICK_GAP = 46;

/**
 * Curves from 0 to 1 over one axis, drawn in SVG with the theme's colours. Curves differ by marker and dash
 * besides colour. It is a slider to the keyboard: arrow keys walk along x, and the values there are said.
 */
export class LineChart {
  readonly #label: string;
  readonly element: HTMLElement;
  readonly #figure = el('div', { class: 'chart-figure', role: 'slider', tabindex: 0 });
  readonly #legend = el('ul', { class: 'chart-legend' });
  readonly #readout = el('p', { class: 'muted readout', 'aria-hidden': 'true' });
  #data: ChartData | undefined;
  #at = 0;
  #cursor: SVGElement | undefined;

  constructor(id: string, label: string) {
    this.#label = label;
    this.#figure.id = id;
    this.#figure.setAttribute('aria-label', label);
    this.element = el('div', { class: 'chart' }, this.#figure, this.#readout, this.#legend);
    new ResizeObserver(() => this.#draw()).observe(this.element);
    this.#figure.addEventListener('pointermove', (event) => this.#point(event));
    this.#figure.addEventListener('keydown', (event) => this.#key(event));
  }

  show(data: ChartData): void {
    this.#data = data;
    this.#at = Math.min(this.#at, Math.max(0, data.x.length - 1));
    this.#legend.replaceChildren(
      ...uniqueBy(data.curves, ({ label }) => label).map(({ label, emphasis }) =>
        el('li', {}, swatch(emphasis), label),
      ),
    );
    this.#draw();
    this.#say();
  }

  #width = 0;
  #px(i: number): number {
    const data = this.#data!;
    const of = (x: number) => (data.scale === 'logarithmic' ? Math.log2(Math.max(1, x)) : x);
    const first = of(data.x[0] ?? 0);
    const last = of(data.x.at(-1) ?? 1);
    const inner = this.#width - MARGIN.left - MARGIN.right;
    return MARGIN.left + (last > first ? ((of(data.x[i] ?? 0) - first) / (last - first)) * inner : inner / 2);
  }

  #draw(): void {
    const data = this.#data;
    this.#width = this.element.clientWidth;
    if (!data || this.#width === 0 || data.x.length === 0) return;
    const root = svg('svg', {
      width: this.#width,
      height: HEIGHT,
      viewBox: `0 0 ${this.#width} ${HEIGHT}`,
      'aria-hidden': 'true',
    });
    root.append(...this.#axes(data));
    const order: Emphasis[] = ['faint', 'third', 'second', 'strong', 'picked'];
    const rank = ({ emphasis }: Curve) => order.indexOf(emphasis);
    for (const curve of [...data.curves].sort((a, b) => rank(a) - rank(b)))
      root.append(...this.#curve(curve));
    this.#cursor = svg('line', { class: 'cursor', y1: MARGIN.top, y2: py(0), visibility: 'hidden' });
    root.append(this.#cursor);
    this.#figure.replaceChildren(root);
  }

  /** Grid, ticks and names of both axes. */
  #axes(data: ChartData): SVGElement[] {
    const right = this.#width - MARGIN.right;
    const shapes = GRID.flatMap((value) => [
      svg('line', { class: 'grid', x1: MARGIN.left, x2: right, y1: py(value), y2: py(value) }),
      text('tick', MARGIN.left - 8, py(value) + 4, `${value * 100} %`, 'end'),
    ]);
    let lastTick = -Infinity;
    data.x.forEach((x, i) => {
      const at = this.#px(i);
      if ((data.ticks && !data.ticks.includes(x)) || at - lastTick < MIN_TICK_GAP) return;
      lastTick = at;
      const name = data.tickName?.(x) ?? x.toLocaleString('en-US');
      shapes.push(
        svg('line', { class: 'grid', x1: at, x2: at, y1: py(0), y2: py(0) + 4 }),
        text('tick', at, py(0) + 17, name, 'middle'),
      );
    });
    const turn = `translate(12 ${MARGIN.top + INNER / 2}) rotate(-90)`;
    shapes.push(
      text('axis', (MARGIN.left + right) / 2, HEIGHT - 6, data.xLabel, 'middle'),
      text('axis', 0, 0, data.yLabel, 'middle', turn),
    );
    return shapes;
  }

  /** A curve with a marker at each of its values, unless it is faint. */
  #curve({ values, emphasis }: Curve): SVGElement[] {
    const points = values.flatMap((value, i) =>
      Number.isNaN(value) ? [] : [{ x: this.#px(i), y: py(value) }],
    );
    const path = points
      .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join('');
    const markers = emphasis === 'faint' ? [] : points.map(({ x, y }) => marker(emphasis, x, y));
    return [svg('path', { class: `curve ${emphasis}`, d: path }), ...markers];
  }

  #point(event: PointerEvent): void {
    const data = this.#data;
    if (!data) return;
    const x = event.clientX - this.#figure.getBoundingClientRect().left;
    let best = 0;
    data.x.forEach((_, i) => {
      if (Math.abs(this.#px(i) - x) < Math.abs(this.#px(best) - x)) best = i;
    });
    this.#select(best);
  }

  #key(event: KeyboardEvent): void {
    const last = (this.#data?.x.length ?? 1) - 1;
    const next = sliderStep(event.key, this.#at, last);
    if (next === undefined) return;
    event.preventDefault();
    this.#select(next);
  }

  #select(at: number): void {
    this.#at = at;
    const x = this.#px(at);
    this.#cursor?.setAttribute('x1', String(x));
    this.#cursor?.setAttribute('x2', String(x));
    this.#cursor?.setAttribute('visibility', 'visible');
    this.#say();
  }

  #say(): void {
    const data = this.#data;
    const x = data?.x[this.#at];
    if (!data || x === undefined) return;
    const values = data.curves
      .filter(({ emphasis }) => emphasis !== 'faint')
      .map(({ label, values }) => `${label} ${percent(values[this.#at] ?? NaN)}`);
    const said = `${data.xName(x)}: ${values.join(' · ')}`;
    this.#readout.textContent = said;
    this.#figure.setAttribute('aria-valuemin', '0');
    this.#figure.setAttribute('aria-valuemax', String(data.x.length - 1));
    this.#figure.setAttribute('aria-valuenow', String(this.#at));
    this.#figure.setAttribute('aria-valuetext', said);
    this.#figure.setAttribute('aria-label', this.#label);
  }
}

/** Where a value in [0, 1] is, in pixels from the top. */
const py = (value: number) => MARGIN.top + (1 - value) * INNER;

/** Where a key takes a slider of whole steps from 0 to `last`; undefined for keys that do not move it. */
export function sliderStep(key: string, at: number, last: number, page = 10): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: last,
  };
  const next = steps[key];
  return next === undefined ? undefined : Math.max(0, Math.min(last, next));
}

const percent = (value: number) =>
  Number.isNaN(value) ? t('not known') : `${(100 * value).toFixed(1)}\u00a0%`;

function text(
  kind: string,
  x: number,
  y: number,
  words: string,
  anchor: string,
  transform?: string,
): SVGElement {
  const element = svg('text', { class: kind, x, y, 'text-anchor': anchor, ...(transform && { transform }) });
  element.textContent = words;
  return element;
}

/** Each emphasis has a shape of its own. */
function marker(emphasis: Emphasis, x: number, y: number): SVGElement {
  const at = (points: readonly (readonly [number, number])[]) =>
    points.map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(' ');
  const kind = `marker ${emphasis}`;
  switch (emphasis) {
    case 'picked':
      return svg('circle', { class: kind, cx: x, cy: y, r: 4 });
    case 'second':
      return svg('polygon', {
        class: kind,
        points: at([
          [0, -5],
          [5, 4],
          [-5, 4],
        ]),
      });
    case 'third':
      return svg('polygon', {
        class: kind,
        points: at([
          [0, -5],
          [5, 0],
          [0, 5],
          [-5, 0],
        ]),
      });
    case 'strong':
    case 'faint':
      return svg('rect', { class: kind, x: x - 3.5, y: y - 3.5, width: 7, height: 7 });
  }
}

function swatch(emphasis: Emphasis): SVGElement {
  const root = svg('svg', { width: 30, height: 12, viewBox: '0 0 30 12', 'aria-hidden': 'true' });
  root.append(svg('path', { class: `curve ${emphasis}`, d: 'M1 6L29 6' }));
  if (emphasis !== 'faint') root.append(marker(emphasis, 15, 6));
  return root;
}

function uniqueBy<T>(list: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(list.map((item) => [key(item), item])).values()];
}
