/**
 * The one module that knows `@vscode/webview-ui-toolkit`. The toolkit is deprecated: whoever replaces it
 * replaces what is exported here, and nothing else.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { el } from './dom.js';

/** Defines the custom elements; to be called once, before any is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeLink(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

export function button(id: string, label: string, onClick: () => void): HTMLElement & { disabled: boolean } {
  const element = el('vscode-button', { id, appearance: 'secondary' }, label) as HTMLElement & {
    disabled: boolean;
  };
  element.addEventListener('click', onClick);
  return element;
}

export function checkbox(
  id: string,
  label: string,
  onChange: (checked: boolean) => void,
  checked = false,
): HTMLElement {
  const element = el('vscode-checkbox', { id, checked }, label) as HTMLElement & { checked: boolean };
  element.addEventListener('change', () => onChange(element.checked));
  return element;
}

/** A list of choices with its label; `onChange` gets the value chosen. */
export function dropdown(
  id: string,
  label: string,
  choices: readonly { readonly value: string; readonly label: string }[],
  onChange: (value: string) => void,
  chosen = choices[0]?.value,
): HTMLElement {
  const list = el(
    'vscode-dropdown',
    { id, 'aria-label': label },
    ...choices.map(({ value, label }) => el('vscode-option', { value, selected: value === chosen }, label)),
  ) as HTMLElement & { value: string };
  list.addEventListener('change', () => onChange(list.value));
  return el('label', { class: 'field' }, el('span', {}, label), list);
}

/** A line of text to type; `onEnter` gets it when Enter is pressed. */
export function textField(
  id: string,
  label: string,
  value: string,
  onEnter: (value: string) => void,
): HTMLElement & { value: string; disabled: boolean } {
  const field = el('vscode-text-field', { id, value }, label) as HTMLElement & {
    value: string;
    disabled: boolean;
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') onEnter(field.value);
  });
  return field;
}

/** A slider over whole numbers from 0; `set` moves it and gives it words for screen readers. */
export function slider(
  id: string,
  label: string,
  onInput: (value: number) => void,
): {
  readonly element: HTMLElement;
  range(max: number): void;
  set(value: number, words: string): void;
} {
  const input = el('input', { id, type: 'range', min: 0, max: 1, step: 1 });
  const output = el('output', { for: id, class: 'muted' });
  input.addEventListener('input', () => onInput(input.valueAsNumber));
  return {
    element: el('label', { class: 'field slider' }, el('span', {}, label), input, output),
    range: (max) => {
      input.max = String(max);
    },
    set: (value, words) => {
      input.value = String(value);
      input.setAttribute('aria-valuetext', words);
      output.textContent = words;
    },
  };
}

/** Turns while something is computed; says so in words to readers who want nothing to move. */
export function progressRing(label: string): HTMLElement {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    return el('p', { class: 'muted', role: 'status' }, `${label}…`);
  }
  return el('vscode-progress-ring', { role: 'progressbar', 'aria-label': label });
}

/** A link that does something in the page instead of leading away. */
export function actionLink(text: string, label: string, onClick: () => void): HTMLElement {
  const element = el('vscode-link', { href: '#', 'aria-label': label }, text);
  element.addEventListener('click', (event) => {
    event.preventDefault();
    onClick();
  });
  return element;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Node | string;
  /** What rows are sorted by when the reader sorts by this column; without it they cannot. */
  readonly by?: (row: Row) => number | string;
}

/** Rows shown at a time: a table of thousands would take seconds to lay out. */
const PAGE_ROWS = 100;

/**
 * A table whose columns sort where they can. Long ones grow by a button. Up and down arrows go from a row's link
 * to that of the next row. A plain table and none of the toolkit's grids: screen readers know how to walk it.
 */
export function table<Row>(
  id: string,
  label: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  moreLabel: (left: number) => string,
): HTMLElement {
  const body = el('tbody');
  const headers = columns.map(({ title }) => el('th', { scope: 'col' }, title));
  const container = el(
    'div',
    // Wide tables scroll sideways, which the keyboard must be able to do too.
    { class: 'table', role: 'region', tabindex: 0, 'aria-label': label },
    el('table', { id, 'aria-label': label }, el('thead', {}, el('tr', {}, ...headers)), body),
  );
  let sorted: readonly Row[] = rows;
  let shown = 0;
  const more = button(`${id}-more`, '', () => grow());
  const grow = () => {
    const next = sorted.slice(shown, shown + PAGE_ROWS);
    body.append(...next.map((row) => el('tr', {}, ...columns.map(({ cell }) => el('td', {}, cell(row))))));
    shown += next.length;
    if (shown < sorted.length) {
      more.textContent = moreLabel(sorted.length - shown);
      container.append(more);
    } else {
      more.remove();
    }
  };
  columns.forEach(({ title, by }, column) => {
    if (!by) return;
    const header = headers[column];
    const arrow = el('span', { 'aria-hidden': 'true' }, '↕');
    const control = el('button', { type: 'button', class: 'sort' }, title, ' ', arrow);
    control.addEventListener('click', () => {
      const rising = header?.getAttribute('aria-sort') !== 'ascending';
      for (const other of headers) {
        other.removeAttribute('aria-sort');
        const mark = other.querySelector('.sort > span');
        if (mark) mark.textContent = '↕';
      }
      header?.setAttribute('aria-sort', rising ? 'ascending' : 'descending');
      arrow.textContent = rising ? '↑' : '↓';
      sorted = [...rows].sort((a, b) => {
        const [x, y] = [by(a), by(b)];
        const order = x < y ? -1 : x > y ? 1 : 0;
        return rising ? order : -order;
      });
      body.replaceChildren();
      shown = 0;
      grow();
    });
    header?.replaceChildren(control);
  });
  body.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const cell = event.target instanceof Element ? event.target.closest('td') : null;
    const row = cell?.parentElement;
    if (step === 0 || !cell || !row) return;
    const next = body.children[[...body.children].indexOf(row) + step];
    const target = next?.children[[...row.children].indexOf(cell)]?.querySelector<HTMLElement>('[href]');
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
  grow();
  return container;
}

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: HTMLElement;
}

/** Tabs with their panels. `activate` brings one to the front; `onChange` tells when the reader does. */
export function tabs(
  label: string,
  list: readonly Tab[],
  onChange: (id: string) => void,
): { readonly element: HTMLElement; activate(id: string): void } {
  const panels = el(
    'vscode-panels',
    { 'aria-label': label },
    ...list.map(({ id, title }) => el('vscode-panel-tab', { id: `tab-${id}` }, title)),
    ...list.map(({ id, content }) => el('vscode-panel-view', { id: `view-${id}` }, content)),
  ) as HTMLElement & { activeid: string };
  const reach = () =>
    panels.querySelector(`#${panels.activeid}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  panels.addEventListener('change', (event) => {
    if (event.target !== panels) return;
    reach();
    onChange(panels.activeid.replace(/^tab-/, ''));
  });
  return {
    element: panels,
    activate: (id) => {
      panels.activeid = `tab-${id}`;
      reach();
    },
  };
}
