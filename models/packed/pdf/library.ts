import type * as PdfJs from 'pdfjs-dist/legacy/build/pdf.mjs';

/** Gives one of pdf.js's packed character maps, such as `UniJIS-UTF16-H.bcmap`. */
export type CharacterMaps = (name: string) => Promise<Uint8Array>;

type Library = typeof PdfJs;

let library: Promise<Library> | undefined;

/**
 * pdf.js, loaded when the first PDF is opened. Its worker is loaded beside it: pdf.js finds it there and runs it on the
 * same thread, instead of fetching a script.
 */
function loaded(): Promise<Library> {
  library ??= load();
  return library;
}

async function load(): Promise<Library> {
  // pdf.js makes a matrix for drawing while it loads. Node has none, and text needs none.
  if (!Reflect.has(globalThis, 'DOMMatrix')) Reflect.set(globalThis, 'DOMMatrix', Object);
  await import('pdfjs-dist/legacy/build/pdf.worker.mjs');
  return import('pdfjs-dist/legacy/build/pdf.mjs');
}

/** Opens a PDF for its text alone: no fonts are made, nothing is fetched, nothing of the file is run. */
export async function loadPdf(bytes: Uint8Array, maps: CharacterMaps): Promise<PdfJs.PDFDocumentLoadingTask> {
  const { getDocument, VerbosityLevel } = await loaded();
  class Maps {
    fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      return kind === 'cMapUrl'
        ? maps(filename)
        : Promise.reject(new Error(`${filename} is not needed for text.`));
    }
  }
  return getDocument({
    // pdf.js keeps what it is given.
    data: bytes.slice(),
    verbosity: VerbosityLevel.ERRORS,
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    useWorkerFetch: false,
    useWasm: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    maxImageSize: 2 ** 22,
    cMapUrl: 'maps/',
    cMapPacked: true,
    BinaryDataFactory: Maps,
  });
}
