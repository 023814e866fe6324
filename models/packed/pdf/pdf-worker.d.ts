/** Loaded for what it does: it leaves pdf.js's worker where pdf.js looks for it. */
declare module 'pdfjs-dist/legacy/build/pdf.worker.mjs';
