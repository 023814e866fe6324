import { ModelFileError } from './errors.js';
import { isRecord } from './files.js';

/** A model's calibration, beside its weights. */
export const CALIBRATION_FILE = 'calibration.json';

/** What the probability of an answer is made of, in this order; `answers/reader/features.ts` says how each is counted. */
export const FEATURES = ['share', 'lead', 'margin', 'search', 'rank', 'recalled', 'length', 'count'] as const;
export type FeatureName = (typeof FEATURES)[number];
export type Features = Readonly<Record<FeatureName, number>>;

/**
 * Weights and points of a model that are fitted on training questions after it was trained, all in one file:
 * `npm run eval -- calibrate`. Definitions: `docs/definitions.md`.
 */
export interface Calibration {
  /** Weights of the vectors' normed score and of the reader's margin beside BM25's normed score, which has 1. */
  readonly passages: { readonly vectors: number; readonly reader: number };
  /** Weight of a passage's search score beside the reader's log probability, where the answer is chosen. */
  readonly answer: { readonly search: number };
  /** The probability is σ(bias + Σ weight · feature). */
  readonly probability: { readonly bias: number; readonly weights: Features };
  /** From this probability on nine of ten answers are right; above 1 where there is no such point. */
  readonly verified: number;
  /** From this probability on an answer is shown. */
  readonly likely: number;
}

const NO_WEIGHTS = Object.fromEntries(FEATURES.map((name) => [name, 0])) as Record<FeatureName, number>;

/** Of a model that was not calibrated: both scores count alike, and nothing is verified. */
export const UNCALIBRATED: Calibration = {
  passages: { vectors: 1, reader: 0 },
  answer: { search: 0 },
  probability: { bias: 0, weights: { ...NO_WEIGHTS, share: 1 } },
  verified: 2,
  likely: 0.25,
};

/**
 * Checks a parsed calibration file and returns it typed.
 *
 * @throws {ModelFileError} naming the first value that is missing or no number
 */
export function parseCalibration(value: unknown): Calibration {
  const number = (...path: readonly string[]): number => {
    let found = value;
    for (const key of path) found = isRecord(found) ? found[key] : undefined;
    if (typeof found === 'number' && Number.isFinite(found)) return found;
    throw new ModelFileError(CALIBRATION_FILE, `"${path.join('.')}" must be a number.`);
  };
  return {
    passages: { vectors: number('passages', 'vectors'), reader: number('passages', 'reader') },
    answer: { search: number('answer', 'search') },
    probability: {
      bias: number('probability', 'bias'),
      weights: Object.fromEntries(
        FEATURES.map((name) => [name, number('probability', 'weights', name)]),
      ) as unknown as Features,
    },
    verified: number('verified'),
    likely: number('likely'),
  };
}
