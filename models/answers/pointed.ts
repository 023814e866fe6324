import type { Features } from '../memmamba/calibration.js';

/** A text to read, with its normed search score. */
export interface GivenText {
  readonly text: string;
  readonly score: number;
}

/** An answer that the reader points at, in one text or in several. */
export interface PointedAnswer {
  /** Number of the text where it stands best, and where in it. */
  readonly text: number;
  readonly start: number;
  readonly end: number;
  readonly said: string;
  readonly isWhole: boolean;
  /** Calibrated: `docs/definitions.md`, “Answers”. */
  readonly probability: number;
  readonly features: Features;
}

/** What was read for a question, and what it came to. */
export interface Pointed {
  /** Best first. */
  readonly answers: readonly PointedAnswer[];
  /** Of each text that was read, its best start logit less that of “not here”. */
  readonly margins: readonly number[];
  /** Texts and tokens that were read. */
  readonly texts: number;
  readonly tokens: number;
  /** The points of the model's calibration: from them on an answer is verified, or likely. */
  readonly verified: number;
  readonly likely: number;
}

export interface PointOptions {
  /** What the memory said, or an empty string. */
  readonly recalled: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what is known so far, after each batch but the last. */
  readonly onRead?: ((pointed: Pointed) => void) | undefined;
}
