import type { Coverage, ReadProgress } from '../../models/document/types.js';
import { formatShare } from '../protocol/format.js';
import type { UnpackedFile } from '../protocol/unpack.js';
import type { Translate } from '../formatting/translate.js';

/** How far a reading has come. */
export interface ReadingState {
  /** Percent of the document's bytes, 0 to 99. */
  readonly percent: number;
  readonly tokens: number;
  readonly tokensPerSecond: number;
  /** Seconds to the end at the speed so far, where it can be told. */
  readonly secondsLeft?: number;
}

/** A document of which a share was read. */
export interface Sized {
  /** UTF-8 bytes of its text. */
  readonly totalBytes: number;
  /** Of a text that was unpacked from a file: what of the file it is. */
  readonly packed?: Pick<UnpackedFile, 'parts' | 'unread'>;
}

/** Whether the model read all of the document, not chosen parts and not only its beginning. */
export function wasReadWhole({ complete, scannedBytes }: Coverage, { packed }: Partial<Sized> = {}): boolean {
  return complete && scannedBytes === undefined && (packed?.unread.length ?? 0) === 0;
}

/** Share of the document in percent, never 100 before everything was read. Pages that gave no text count. */
export function percentRead(coverage: Coverage, { totalBytes, packed }: Sized): number {
  if (wasReadWhole(coverage, { packed })) return 100;
  if (totalBytes <= 0) return 0;
  const { read, total } = packed?.parts ?? { read: 1, total: 1 };
  const share = (read / total) * (wasReadWhole(coverage) ? 1 : coverage.bytes / totalBytes);
  return Math.min(99, Math.floor(100 * share));
}

/** What share of a document the model read, where there is room for a number only. */
export function shortShare(coverage: Coverage, document: Sized, t: Translate): string {
  const { bytes, scannedBytes } = coverage;
  return scannedBytes === undefined
    ? t('{0} %', percentRead(coverage, document))
    : formatShare(bytes / scannedBytes);
}

/** What share of a document was read, in words; after stages by what. */
export function shareRead(coverage: Coverage, document: Sized, t: Translate): string {
  const { bytes, scannedBytes } = coverage;
  if (scannedBytes !== undefined) {
    return t(
      '{0} of the document read by the model, 100 % by the fast pass',
      formatShare(bytes / scannedBytes),
    );
  }
  const { packed, totalBytes } = document;
  // Of a file that breaks off nobody knows how much is missing.
  return packed && !packed.parts && packed.unread.length > 0
    ? t('{0} % of what could be unpacked read', percentRead(coverage, { totalBytes }))
    : t('{0} % of the document read', percentRead(coverage, document));
}

/** Below that the speed is that of warming up, and a time left made from it would frighten. */
const MIN_TOKENS = 2048;

export function readingState(progress: ReadProgress, totalBytes: number): ReadingState {
  const { bytes, tokens, tokensPerSecond } = progress;
  const bytesPerSecond = tokens > 0 ? (tokensPerSecond * bytes) / tokens : 0;
  return {
    percent: percentRead({ bytes, tokens, complete: false }, { totalBytes }),
    tokens,
    tokensPerSecond,
    ...(tokens >= MIN_TOKENS &&
      bytesPerSecond > 0 && { secondsLeft: Math.max(0, totalBytes - bytes) / bytesPerSecond }),
  };
}

/** `12 s`, `1 min 05 s`, `2 h 00 min`. */
export function formatDuration(seconds: number, t: Translate): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t('{0} s', whole);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return t('{0} min {1} s', minutes, String(whole % 60).padStart(2, '0'));
  return t('{0} h {1} min', Math.floor(minutes / 60), String(minutes % 60).padStart(2, '0'));
}

/** Digits in groups of three. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `34 % · 12,000 tokens · 2,100 tokens/s · about 20 s left` in parts, the share first. */
export function progressParts(state: ReadingState, t: Translate): string[] {
  const parts = [
    t('{0} %', state.percent),
    t('{0} tokens', formatCount(state.tokens)),
    t('{0} tokens/s', formatCount(state.tokensPerSecond)),
  ];
  if (state.secondsLeft !== undefined) {
    parts.push(t('about {0} left', formatDuration(state.secondsLeft, t)));
  }
  return parts;
}
