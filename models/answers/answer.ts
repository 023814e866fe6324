import type { Passage } from '../reading/passage.js';

export interface Answer {
  /** The model's words, or `none` where it says that the text does not hold the answer. */
  readonly answer: string;
  /** True only if the answer stands verbatim in the text at the first piece of evidence. */
  readonly verified: boolean;
  /** What the memory said, where the answer was looked up in the text instead. */
  readonly remembered?: string;
  /** The whole text was searched for this question, also what the model had not read before. */
  readonly lookedUp?: boolean;
  readonly evidence: readonly Passage[];
}
