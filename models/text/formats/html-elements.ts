import type { BlockKind } from '../block.js';

/** What the elements of HTML are to a reader: one list for pages on disk and for chapters of books. */

const set = (names: string) => new Set(names.split(/\s+/u));

/** Elements that stand within a line of text and do not end it. */
export const INLINE_ELEMENTS: ReadonlySet<string> = set(
  `a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr output q ruby rb rp rt s samp
  small span strike strong sub sup time tt u var wbr`,
);
/** Elements that end the paragraph before them. */
export const BLOCK_ELEMENTS: ReadonlySet<string> = set(
  `address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
  h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul`,
);
/** Elements whose contents no browser shows as text. */
export const UNSEEN_ELEMENTS: ReadonlySet<string> = set(
  'head script style template svg object audio video noscript iframe canvas',
);
/** What helps to say a character, and formulas: books leave them out. */
export const ANNOTATIONS: ReadonlySet<string> = set('rt rp math');
/** Elements with which a page is used, not read. */
const CONTROLS = set('button select datalist textarea dialog menu nav footer');

/** The level of a heading's element, or undefined. */
export function headingLevelOf(name: string): number | undefined {
  return /^h[1-6]$/u.test(name) ? Number(name[1]) : undefined;
}

/** Elements that hold what is left out of summaries, or is no text, with all that stands in them. */
export function wholeKindOf(name: string): BlockKind | undefined {
  if (name === 'pre' || name === 'math') return 'code';
  return UNSEEN_ELEMENTS.has(name) || CONTROLS.has(name) ? 'boilerplate' : undefined;
}

/** What a block is by the element that it is the contents of. */
export function kindOfElement(name: string): BlockKind {
  if (headingLevelOf(name) !== undefined) return 'heading';
  return name === 'li' || name === 'dd' || name === 'dt' ? 'item' : 'prose';
}

/** Names of what only asks for consent. */
const CONSENT = /\bcookie|consent|gdpr/iu;
/** Names of lists of places: whole words of a class, an `id` or a role. */
const PLACES = set(
  `navigation contentinfo banner search doc-toc nav navbar nav-bar topnav sidenav breadcrumb breadcrumbs menu menubar
  sidebar sphinxsidebar toc localtoc table-of-contents tableofcontents pagination pager skip-link skiplink site-footer
  page-footer footer navheader navfooter related share social`,
);
/** What holds the page itself, however it is named. */
const PAGE = set('html body main article h1 h2 h3 h4 h5 h6 p pre table');

/**
 * Whether an element is furniture of the page by what its attributes say: notes on cookies, navigation, what is hidden.
 *
 * @param attributes by their names, in small letters
 */
export function isFurniture(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (PAGE.has(name)) return false;
  if (attributes.has('hidden') || /display\s*:\s*none/iu.test(attributes.get('style') ?? '')) return true;
  const names = ['id', 'class', 'role'].map((attribute) => attributes.get(attribute) ?? '');
  return names.some(
    (value) =>
      CONSENT.test(value) ||
      value
        .toLowerCase()
        .split(/\s+/u)
        .some((word) => PLACES.has(word)),
  );
}
