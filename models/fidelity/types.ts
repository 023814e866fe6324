import type { Span } from '../text/span.js';

/** A stay of a token's note in one layer's pool; token positions are turned into document offsets. */
export interface PoolStay {
  readonly layer: number;
  /** Token position (exclusive end of the chunk) at which the note entered. */
  readonly enteredAt: number;
  /** Token position at which it was replaced, or null if it is there at the end of what was read. */
  readonly leftAt: number | null;
}

export interface TokenRetention extends Span {
  /** Retention averaged over the layers, the pool not counted. */
  readonly retention: number;
  /** (nLayer) retention by layer. */
  readonly layers: readonly number[];
  readonly pool: readonly PoolStay[];
}

export interface PoolEntry extends Span {
  readonly layer: number;
  /** Token position and UTF-16 offsets of the token. */
  readonly token: number;
  readonly line: number;
  readonly text: string;
  /** The word that the token is in, or what it is itself where it is none; it may be the whole of `text`. */
  readonly word: string;
  /** Offset of the word. */
  readonly wordStart: number;
  /** σ(s). */
  readonly score: number;
  readonly enteredAt: number;
  readonly leftAt: number | null;
  /** Token position of the note that took its place, where known. */
  readonly replacedBy: number | null;
}

export interface Fidelity {
  /** Distances k in tokens. */
  readonly lags: readonly number[];
  /** (nLayer)(lags) expected token memory fidelity. */
  readonly etmf: readonly (readonly number[])[];
  /** Linear CKA between the updates of layer l and l + p: one entry a pair. */
  readonly eclmf: readonly { readonly from: number; readonly to: number; readonly value: number }[];
  readonly tokens: number;
}

/** Of the notes that had `lag` tokens time, the share that was still in its pool so many tokens later. */
export interface NoteSurvival {
  readonly lags: readonly number[];
  /** (lags) in [0, 1]. */
  readonly share: readonly number[];
  /** (lags) notes that the share is of. */
  readonly notes: readonly number[];
}

export interface LengthPerplexity {
  readonly length: number;
  readonly windows: number;
  /** Mean negative log-likelihood in nats a token; null where the text is too short for one window. */
  readonly nll: number | null;
  readonly bitsPerByte: number | null;
}
