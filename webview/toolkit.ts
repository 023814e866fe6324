/**
 * The one module that knows `@vscode/webview-ui-toolkit`. The toolkit is deprecated: whoever replaces it
 * replaces what is exported here, and nothing else.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDataGrid,
  vsCodeDataGridCell,
  vsCodeDataGridRow,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';
import { el } from './dom.js';

/** Defines the custom elements; to be called once, before any is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDataGrid(),
    vsCodeDataGridCell(),
    vsCodeDataGridRow(),
    vsCodeDropdown(),
    vsCodeLink(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
  );
}

export function button(id: string, label: string, onClick: () => void): HTMLElement & { disabled: boolean } {
  const element = el('vscode-button', { id, appearance: 'secondary' }, label) as HTMLElement & {
    disabled: boolean;
  };
  element.addEventListener('click', onClick);
  return element;
}

export function checkbox(id: string, label: string, onChange: (checked: boolean) => void): HTMLElement {
  const element = el('vscode-checkbox', { id }, label) as HTMLElement & { checked: boolean };
  element.addEventListener('change', () => onChange(element.checked));
  return element;
}

/** A list of choices with its label; `onChange` gets the value chosen. */
export function dropdown(
  id: string,
  label: string,
  choices: readonly { readonly value: string; readonly label: string }[],
  onChange: (value: string) => void,
): HTMLElement {
  const list = el(
    'vscode-dropdown',
    { id, 'aria-label': label },
    ...choices.map((choice) => el('vscode-option', { value: choice.value }, choice.label)),
  ) as HTMLElement & { value: string };
  list.addEventListener('change', () => onChange(list.value));
  return el('label', { class: 'field' }, el('span', {}, label), list);
}

export function progressRing(label: string): HTMLElement {
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
  /** Width in the syntax of `grid-template-columns`. */
  readonly width: string;
  readonly cell: (row: Row) => Node | string;
}

/** Rows shown at a time: a grid of thousands would take seconds to lay out. */
const PAGE_ROWS = 100;

/** A table with arrow-key navigation. Long ones grow by a button. */
export function table<Row>(
  id: string,
  label: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  moreLabel: (left: number) => string,
): HTMLElement {
  const grid = el('vscode-data-grid', {
    id,
    'aria-label': label,
    'generate-header': 'none',
    'grid-template-columns': columns.map(({ width }) => width).join(' '),
  });
  grid.append(
    gridRow(
      { 'row-type': 'header' },
      columns.map(({ title }) => title),
      'columnheader',
    ),
  );
  const container = el('div', { class: 'table' }, grid);
  let shown = 0;
  const more = button(`${id}-more`, '', () => grow());
  const grow = () => {
    const next = rows.slice(shown, shown + PAGE_ROWS);
    grid.append(
      ...next.map((row) =>
        gridRow(
          {},
          columns.map(({ cell }) => cell(row)),
        ),
      ),
    );
    shown += next.length;
    if (shown < rows.length) {
      more.textContent = moreLabel(rows.length - shown);
      container.append(more);
    } else {
      more.remove();
    }
  };
  grow();
  return container;
}

function gridRow(
  attributes: Record<string, string>,
  cells: readonly (Node | string)[],
  cellType = 'default',
): HTMLElement {
  return el(
    'vscode-data-grid-row',
    attributes,
    ...cells.map((cell, i) =>
      el('vscode-data-grid-cell', { 'grid-column': i + 1, 'cell-type': cellType }, cell),
    ),
  );
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
  panels.addEventListener('change', (event) => {
    if (event.target === panels) onChange(panels.activeid.replace(/^tab-/, ''));
  });
  return {
    element: panels,
    activate: (id) => {
      panels.activeid = `tab-${id}`;
    },
  };
}
