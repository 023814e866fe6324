import type { Passage } from '../document/index.js';
import { anchorAt } from '../packed/anchors.js';
import type { Anchor, AnchorKind } from '../packed/types.js';
import type { Outcome } from './outcome.js';

/** Where something stands in a file with pages or chapters. */
export interface Place {
  readonly kind: AnchorKind;
  readonly label: string;
}

/** A passage of such a file. */
export type Placed = Passage & { readonly place?: Place };

/** Gives every passage of a result its page, chapter, slide or sheet. */
export function withPlaces(outcome: Outcome, anchors: readonly Anchor[]): Outcome {
  if (anchors.length === 0) return outcome;
  const placed = (passage: Passage): Placed => {
    const anchor = anchorAt(anchors, passage.start);
    return anchor ? { ...passage, place: { kind: anchor.kind, label: anchor.label } } : passage;
  };
  switch (outcome.command) {
    case 'summarize': {
      const { overview, sections } = outcome.result;
      return {
        command: 'summarize',
        result: {
          ...outcome.result,
          overview: overview.map(placed),
          sections: sections.map((section) => ({ ...section, sentences: section.sentences.map(placed) })),
        },
      };
    }
    case 'ask':
      return {
        command: 'ask',
        result: {
          ...outcome.result,
          evidence: outcome.result.evidence.map(placed),
          ...(outcome.result.passages && { passages: outcome.result.passages.map(placed) }),
        },
      };
    case 'passages':
      return { command: 'passages', result: { passages: outcome.result.passages.map(placed) } };
    case 'retention':
    case 'perplexity':
    case 'check':
      return outcome;
  }
}
