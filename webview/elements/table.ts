import { el } from './dom.js';
import { button } from './toolkit.js';

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
    const header = headers[column];
    if (!by || !header) return;
    makeSortable(header, title, headers, (isRising) => {
      sorted = sortedBy(rows, by, isRising);
      body.replaceChildren();
      shown = 0;
      grow();
    });
  });
  body.addEventListener('keydown', (event) => walkRows(body, event));
  grow();
  return container;
}

/** Makes a column's header sort by it: rising first, then the other way round. */
function makeSortable(
  header: HTMLElement,
  title: string,
  headers: readonly HTMLElement[],
  onSort: (isRising: boolean) => void,
): void {
  const arrow = el('span', { 'aria-hidden': 'true' }, '↕');
  const control = el('button', { type: 'button', class: 'sort' }, title, ' ', arrow);
  control.addEventListener('click', () => {
    const isRising = header.getAttribute('aria-sort') !== 'ascending';
    for (const other of headers) {
      other.removeAttribute('aria-sort');
      const mark = other.querySelector('.sort > span');
      if (mark) mark.textContent = '↕';
    }
    header.setAttribute('aria-sort', isRising ? 'ascending' : 'descending');
    arrow.textContent = isRising ? '↑' : '↓';
    onSort(isRising);
  });
  header.replaceChildren(control);
}

function sortedBy<Row>(
  rows: readonly Row[],
  by: (row: Row) => number | string,
  isRising: boolean,
): readonly Row[] {
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    const order = x < y ? -1 : x > y ? 1 : 0;
    return isRising ? order : -order;
  });
}

/** Up and down: to the link in the same column of the next row. */
function walkRows(body: HTMLElement, event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const cell = event.target instanceof Element ? event.target.closest('td') : null;
  const row = cell?.parentElement;
  if (step === 0 || !cell || !row) return;
  const next = body.children[[...body.children].indexOf(row) + step];
  const target = next?.children[[...row.children].indexOf(cell)]?.querySelector<HTMLElement>('[href]');
  if (!target) return;
  event.preventDefault();
  target.focus();
}
