import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A bookmark of the document. */
export interface OutlineEntry {
  readonly title: string;
  /** 1 is the highest. */
  readonly level: number;
  /** From 0. */
  readonly page: number;
}

type Nodes = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>;

const DEEPEST = 8;
/** More bookmarks than this are no outline that one reads. */
const MOST = 20_000;

/** The bookmarks in order; those that lead nowhere are left out. */
export async function outlineOf(pdf: PDFDocumentProxy, signal?: AbortSignal): Promise<OutlineEntry[]> {
  const entries: OutlineEntry[] = [];
  // pdf.js gives null where there is none, whatever its types say.
  const walk = async (nodes: Nodes | null, level: number): Promise<void> => {
    for (const { title, dest, items } of nodes ?? []) {
      signal?.throwIfAborted();
      if (entries.length >= MOST) return;
      const page = await pageOf(pdf, dest);
      if (page !== undefined) entries.push({ title: title.replace(/\s+/gu, ' ').trim(), level, page });
      if (level < DEEPEST) await walk(items as Nodes, level + 1);
    }
  };
  try {
    await walk(await pdf.getOutline(), 1);
  } catch {
    signal?.throwIfAborted();
    // A damaged outline: what came before counts.
  }
  return entries;
}

async function pageOf(
  pdf: PDFDocumentProxy,
  dest: string | readonly unknown[] | null,
): Promise<number | undefined> {
  try {
    const place: readonly unknown[] | null = typeof dest === 'string' ? await pdf.getDestination(dest) : dest;
    const target = place?.[0];
    if (typeof target === 'number') return target;
    if (typeof target !== 'object' || target === null) return undefined;
    return await pdf.getPageIndex(target as Parameters<PDFDocumentProxy['getPageIndex']>[0]);
  } catch {
    return undefined;
  }
}
