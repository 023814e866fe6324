import { resolved, type Archive } from '../archive.js';
import { localName } from '../xml.js';

export interface SpineItem {
  /** Path within the archive. */
  readonly path: string;
  readonly isCover: boolean;
}

/** What an EPUB's package document says. */
export interface BookPackage {
  readonly title: string;
  readonly spine: readonly SpineItem[];
  /** The table of contents: of EPUB 3, or of EPUB 2, or none. */
  readonly nav: string | undefined;
  readonly ncx: string | undefined;
}

interface Item {
  readonly path: string;
  readonly type: string;
  readonly properties: string;
}

/** Reads the package document that the container names, or else the first one that lies in the archive. */
export function packageOf(archive: Archive): BookPackage {
  const path = rootFileOf(archive);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const items = new Map<string, Item>();
  const order: string[] = [];
  let title = '';
  let isTitle = false;
  archive.readAside(path, {
    open: (qualified, { id = '', href = '', idref = '', properties = '', ...rest }) => {
      const name = localName(qualified);
      isTitle = name === 'title' && title === '';
      if (name === 'item') {
        items.set(id, { path: pathOf(folder, href), type: rest['media-type'] ?? '', properties });
      } else if (name === 'itemref') order.push(idref);
    },
    text: (text) => {
      if (isTitle) title += text;
    },
    close: () => {
      isTitle = false;
    },
  });
  const all = [...items.values()];
  const spine = order.map((id) => items.get(id)).filter((item) => item !== undefined);
  return {
    title: title.trim(),
    spine: (spine.length > 0 ? spine : pagesOf(archive)).map(({ path }) => ({
      path,
      isCover: /cover|titlepage/iu.test(path),
    })),
    nav: all.find(({ properties }) => properties.split(' ').includes('nav'))?.path,
    ncx: all.find(({ type }) => type === 'application/x-dtbncx+xml')?.path,
  };
}

/** Where the package is lost: all pages, by name. */
function pagesOf(archive: Archive): { path: string }[] {
  const pages = [...archive.names].filter((name) => /\.x?html?$/iu.test(name));
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return pages.sort(compare).map((path) => ({ path }));
}

function rootFileOf(archive: Archive): string {
  let path: string | undefined;
  archive.readAside('META-INF/container.xml', {
    open: (name, attributes) => {
      if (localName(name) === 'rootfile') path ??= attributes['full-path'];
    },
  });
  if (path !== undefined && archive.has(path)) return path;
  return [...archive.names].find((name) => name.endsWith('.opf')) ?? '';
}

/** The file that a reference leads to, without the place in it. */
export function pathOf(folder: string, reference: string): string {
  const file = reference.split('#', 1)[0]!;
  try {
    return resolved(folder, decodeURIComponent(file));
  } catch {
    return resolved(folder, file);
  }
}
