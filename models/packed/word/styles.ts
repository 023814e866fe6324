import type { Archive } from '../archive.js';
import { localName } from '../xml.js';

/** What a paragraph style says of its paragraphs. */
export interface Style {
  /** English and lower case for the styles that come with Word, whatever the language. */
  readonly name: string;
  /** 1 is the highest. */
  readonly outline?: number;
  readonly list?: { readonly id: string; readonly level: number };
}

interface OwnStyle {
  name: string;
  base?: string;
  outline?: number;
  listId?: string;
  listLevel?: number;
}

/** Styles by id; what one leaves open comes from the one that it is based on. */
export function stylesOf(archive: Archive, part: string): Map<string, Style> {
  const own = new Map<string, OwnStyle>();
  let open: OwnStyle | undefined;
  archive.readAside(part, {
    open: (qualified, attributes) => {
      const name = localName(qualified);
      const value = attributes['w:val'];
      if (name === 'style') own.set(attributes['w:styleId'] ?? '', (open = { name: '' }));
      else if (!open || value === undefined) return;
      else if (name === 'name') open.name = value.toLowerCase();
      else if (name === 'basedOn') open.base = value;
      else if (name === 'outlineLvl') open.outline = Number(value) + 1;
      else if (name === 'numId') open.listId = value;
      else if (name === 'ilvl') open.listLevel = Number(value);
    },
    close: (qualified) => {
      if (localName(qualified) === 'style') open = undefined;
    },
  });
  return new Map([...own.keys()].map((id) => [id, inherited(own, id)]));
}

function inherited(own: ReadonlyMap<string, OwnStyle>, id: string): Style {
  const { name } = own.get(id)!;
  let outline: number | undefined;
  let listId: string | undefined;
  let listLevel: number | undefined;
  const seen = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !seen.has(at) && seen.size < 20;) {
    seen.add(at);
    const style = own.get(at);
    outline ??= style?.outline ?? headingLevel(style?.name);
    listId ??= style?.listId;
    listLevel ??= style?.listLevel;
    at = style?.base;
  }
  return {
    name,
    // Word's ten levels end with "body text".
    ...(outline !== undefined && outline >= 1 && outline <= 9 && { outline }),
    ...(listId !== undefined && { list: { id: listId, level: listLevel ?? (outline ?? 1) - 1 } }),
  };
}

function headingLevel(name: string | undefined): number | undefined {
  const level = /^heading (\d)$/u.exec(name ?? '')?.[1];
  return level === undefined ? undefined : Number(level);
}
