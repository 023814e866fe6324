import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { requireText } from '../result.js';
import { TextBuilder } from '../text-builder.js';
import { PackedError, type PackedDocument, type PackedOptions, type Unread } from '../types.js';
import { assemble, type PdfPage } from './assemble.js';
import { loadPdf, type CharacterMaps } from './library.js';
import { piecesOf } from './lines.js';
import { outlineOf } from './outline.js';
import { runsOf } from './runs.js';

export interface PdfOptions extends PackedOptions {
  /** Needed for fonts of Chinese, Japanese and Korean that name a map instead of bringing one. */
  readonly characterMaps: CharacterMaps;
}

/**
 * A PDF: the text of its pages in reading order, headings from its outline, or from the type where it has none.
 *
 * @throws {PackedError} `encrypted` where a password is needed to open it, `broken`, or `no-text` of scanned pages
 */
export async function readPdf(bytes: Uint8Array, options: PdfOptions): Promise<PackedDocument> {
  const { signal } = options;
  signal?.throwIfAborted();
  const task = await loadPdf(bytes, options.characterMaps);
  const stop = () => void task.destroy().catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await read(await opened(task.promise, signal), options);
  } finally {
    signal?.removeEventListener('abort', stop);
    await task.destroy().catch(() => undefined);
  }
}

async function opened(promise: Promise<PDFDocumentProxy>, signal?: AbortSignal): Promise<PDFDocumentProxy> {
  try {
    return await promise;
  } catch (error) {
    signal?.throwIfAborted();
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw isLocked
      ? new PackedError('encrypted', 'It asks for a password.', { cause: error })
      : new PackedError('broken', 'It is a damaged PDF, and no page of it could be read.', { cause: error });
  }
}

async function read(pdf: PDFDocumentProxy, options: PdfOptions): Promise<PackedDocument> {
  const { signal, onProgress } = options;
  const labels = await pdf.getPageLabels().catch(() => null);
  const pages: PdfPage[] = [];
  const unread: Unread[] = [];
  let hasPictures = false;
  for (let number = 1; number <= pdf.numPages; number++) {
    signal?.throwIfAborted();
    const label = labelOf(labels?.[number - 1], number);
    const page = await pageOf(pdf, number, label, hasPictures);
    signal?.throwIfAborted();
    pages.push(page);
    hasPictures ||= page.reason === 'no-text';
    if (page.reason) unread.push({ kind: 'page', label, reason: page.reason });
    onProgress?.(number, pdf.numPages);
  }
  const text = new TextBuilder();
  assemble(pages, await outlineOf(pdf, signal), text);
  const title = await titleOf(pdf);
  signal?.throwIfAborted();
  if (text.blocks === 0 && hasPictures) {
    throw new PackedError(
      'no-text',
      `Its pages (${pdf.numPages}) are pictures, without text: a scan. Run text recognition (OCR) on it first.`,
    );
  }
  return requireText({
    format: 'pdf',
    ...(title !== '' && { title }),
    ...text.finish(),
    parts: { kind: 'page', total: pdf.numPages, read: pdf.numPages - unread.length },
    unread,
  });
}

/** What is printed on the page where the file says so, else its place. */
function labelOf(label: string | undefined, number: number): string {
  const printed = label?.trim() ?? '';
  return printed === '' ? String(number) : printed;
}

interface ReadPage extends PdfPage {
  readonly reason?: 'no-text' | 'broken';
}

async function pageOf(
  pdf: PDFDocumentProxy,
  number: number,
  label: string,
  isScan: boolean,
): Promise<ReadPage> {
  const none = { pieces: [], turned: [], label };
  try {
    const page = await pdf.getPage(number);
    try {
      const [usual = [], ...others] = await runsOf(page);
      if (usual.length === 0) {
        return isScan || (await hasDrawings(page)) ? { ...none, reason: 'no-text' } : none;
      }
      return { pieces: piecesOf(usual), turned: others.flatMap(piecesOf), label };
    } finally {
      page.cleanup();
    }
  } catch {
    return { ...none, reason: 'broken' };
  }
}

/** Numbers of pdf.js's operators that paint a picture, and of the one that draws a shape. */
const PICTURES = [82, 83, 84, 85, 86, 87, 88, 89, 90];
const SHAPE = 91;
/** Letters may be drawn as shapes; a frame or a rule is one too. */
const MANY_SHAPES = 20;

/** True of a page with a picture or a drawing; a blank one has lost nothing. */
async function hasDrawings(page: PDFPageProxy): Promise<boolean> {
  const { fnArray } = await page.getOperatorList();
  const shapes = fnArray.filter((operator) => operator === SHAPE).length;
  return shapes >= MANY_SHAPES || fnArray.some((operator) => PICTURES.includes(operator));
}

async function titleOf(pdf: PDFDocumentProxy): Promise<string> {
  try {
    const { info }: { info: object } = await pdf.getMetadata();
    return 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : '';
  } catch {
    return '';
  }
}
