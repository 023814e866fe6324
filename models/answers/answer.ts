import type { Passage } from '../reading/passage.js';

export interface Answer {
  /** The model's words, or `none` where it says that the text does not hold the answer. */
  readonly answer: string;
  /** True only if the answer stands whole in the text at the first piece of evidence, and nine of ten such are right. */
  readonly verified: boolean;
  /** What the memory said, where the answer was looked up in the text instead. */
  readonly remembered?: string;
  /** The whole text was searched for this question, also what the model had not read before. */
  readonly lookedUp?: boolean;
  readonly evidence: readonly Passage[];
  /** That the answer is right, calibrated on training questions; of a model with a reader. */
  readonly probability?: number;
  /** What the reader read for it. */
  readonly read?: { readonly passages: number; readonly tokens: number };
  /** The passages that fit the question best, best first; with every answer that was more than recalled. */
  readonly passages?: readonly Passage[];
}
