import { TextDecoding } from '../decoded-text.js';
import { asItStands, parsedWithin, type Inner, type Parsed } from '../parsed.js';
import { namesOf } from '../records.js';
import type { Span } from '../span.js';
import { decodeEscapes, walkJson, type JsonLeaf } from './json.js';
import { parseMarkdown } from './markdown.js';

/** A Jupyter notebook is JSON that names its cells and its version. */
export function isNotebook(text: string): boolean {
  return /^\s*\{/u.test(text) && /"cells"\s*:/u.test(text) && /"nbformat"\s*:/u.test(text);
}

interface Cell {
  kind: string;
  readonly source: JsonLeaf[];
}

/**
 * Notebooks: the text of Markdown cells is Markdown, that of code cells is code; outputs and settings are left out. A
 * cell's kind may stand behind its source, so cells are gathered first.
 */
export function parseNotebook(text: string): Parsed {
  const cells = cellsOf(text);
  const decoding = new TextDecoding(text);
  const parts: { start: number; end: number; kind: string }[] = [];
  let length = 0;
  let reached = 0;
  const cut = (to: number, instead: string) => {
    decoding.replace(reached, to, instead);
    length += instead.length;
  };
  for (const { kind, source } of cells) {
    let start: number | undefined;
    for (const leaf of source) {
      cut(leaf.start, start === undefined && length > 0 ? '\n\n' : '');
      start ??= length;
      length += decodedLength(text, leaf, decoding);
      reached = leaf.end;
    }
    if (start !== undefined) parts.push({ start, end: length, kind });
  }
  cut(text.length, '');
  const decoded = decoding.end();
  return parsedWithin(
    decoded,
    parts.map(({ start, end, kind }): Inner => {
      return { start, end, parse: kind === 'markdown' ? parseMarkdown : kind === 'code' ? asCode : asProse };
    }),
  );
}

const asCode = (text: string): Parsed => {
  const end = text.trimEnd().length;
  return asItStands(
    text,
    end > 0 ? [{ kind: 'code', start: text.length - text.trimStart().length, end }] : [],
  );
};
const asProse = (text: string): Parsed => {
  const end = text.trimEnd().length;
  return asItStands(
    text,
    end > 0 ? [{ kind: 'prose', start: text.length - text.trimStart().length, end }] : [],
  );
};

function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  let reached = -1;
  let open: Cell | undefined;
  /** A cell begins where a key of it comes that it has already. */
  let keys = new Set<string>();
  walkJson(text, {
    leaf: (leaf, _, pathOf) => {
      const names = namesOf(pathOf());
      if (names[0] !== 'cells' || names.length !== 2) return;
      const key = names[1]!;
      if (key !== 'cell_type' && key !== 'source') return;
      const again = keys.has(key) && !(key === 'source' && isSameList(text, reached, leaf));
      if (!open || again) {
        open = { kind: 'raw', source: [] };
        keys = new Set();
        cells.push(open);
      }
      keys.add(key);
      if (key === 'cell_type') open.kind = text.slice(leaf.start, leaf.end);
      else open.source.push(leaf);
      reached = leaf.end;
    },
  });
  return cells;
}

/** Two strings of one list: nothing but marks stands between them. */
function isSameList(text: string, end: number, leaf: Span): boolean {
  return /^"?\s*,\s*"$/u.test(text.slice(end, leaf.start));
}

function decodedLength(text: string, leaf: Span, decoding: TextDecoding): number {
  const said = text.slice(leaf.start, leaf.end);
  const own = new TextDecoding(said);
  decodeEscapes(text, leaf.start, leaf.end, decoding);
  decodeEscapes(said, 0, said.length, own);
  return own.end().text.length;
}
