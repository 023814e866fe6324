/**
 * Names of pdf.js's own errors. With a damaged file it now and then leaves one of them in a promise that nobody waits
 * for, beside the error that it reports.
 */
const NAMES = new Set([
  'FormatError',
  'InvalidPDFException',
  'MissingDataException',
  'ParserEOFException',
  'UnknownErrorException',
  'XRefEntryException',
  'XRefParseException',
  'JpegError',
  'Jbig2Error',
  'JpxError',
]);

/** True of an error that pdf.js left behind, and that says nothing beyond what it reported. */
export function isUnhandledRejection(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && NAMES.has(String(error.name));
}
