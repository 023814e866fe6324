import type { Archive } from '../archive.js';
import { localName } from '../xml.js';
import { pathOf, type BookPackage } from './package.js';

/** An entry of the table of contents. */
export interface ContentsEntry {
  readonly title: string;
  /** 1 is the highest. */
  readonly depth: number;
  /** Path within the archive, and the element's id or an empty string. */
  readonly path: string;
  readonly id: string;
}

/** The table of contents in order: of EPUB 3 where there is one, else of EPUB 2. */
export function contentsOf(archive: Archive, { nav, ncx }: BookPackage): ContentsEntry[] {
  const entries = nav === undefined ? [] : navEntries(archive, nav);
  return entries.length > 0 || ncx === undefined ? entries : ncxEntries(archive, ncx);
}

function navEntries(archive: Archive, path: string): ContentsEntry[] {
  const entries: ContentsEntry[] = [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  let navs = 0;
  let toc = 0;
  let depth = 0;
  let link: { href: string; pieces: string[] } | undefined;
  const handler = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'nav') {
        navs++;
        if (toc === 0 && /(?:^|\s)toc(?:\s|$)/u.test(attributes['epub:type'] ?? '')) toc = navs;
      }
      if (toc === 0) return;
      if (name === 'ol' || name === 'ul') depth++;
      else if (name === 'a') link = { href: attributes.href ?? '', pieces: [] };
    },
    text: (text: string) => void link?.pieces.push(text),
    close: (name: string) => {
      if (name === 'nav' && navs-- === toc) toc = 0;
      if (toc === 0) return;
      if (name === 'ol' || name === 'ul') depth--;
      else if (name === 'a' && link) {
        entries.push(entryOf(folder, link.href, link.pieces.join(''), depth));
        link = undefined;
      }
    },
  };
  archive.readAside(path, handler, true);
  return entries;
}

function ncxEntries(archive: Archive, path: string): ContentsEntry[] {
  const entries: ContentsEntry[] = [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  let depth = 0;
  let title = '';
  let isText = false;
  archive.readAside(path, {
    open: (qualified, { src = '' }) => {
      const name = localName(qualified);
      if (name === 'navPoint') {
        depth++;
        title = '';
      } else if (name === 'text') isText = true;
      else if (name === 'content' && depth > 0) entries.push(entryOf(folder, src, title, depth));
    },
    text: (text) => {
      if (isText) title += text;
    },
    close: (qualified) => {
      const name = localName(qualified);
      if (name === 'navPoint') depth--;
      else if (name === 'text') isText = false;
    },
  });
  return entries;
}

function entryOf(folder: string, href: string, title: string, depth: number): ContentsEntry {
  return {
    title: title.replace(/\s+/gu, ' ').trim(),
    depth,
    path: pathOf(folder, href),
    id: href.includes('#') ? href.slice(href.indexOf('#') + 1) : '',
  };
}
