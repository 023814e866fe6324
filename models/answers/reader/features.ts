import type { Calibration, Features } from '../../memmamba/calibration.js';
import type { PointedAnswer } from '../pointed.js';
import { sameWords } from '../same-words.js';
import { logSumExp, type PassageSpans, type PointedSpan } from './spans.js';

/** A text that was read, and how well the search liked it. */
export interface ReadText {
  readonly text: string;
  /** Normed score of the search: mean 0 and deviation 1 over the document's passages. */
  readonly score: number;
  readonly spans: PassageSpans;
}

/** Smallest share and largest lead that count. */
const LEAST = Math.log(1e-6);
const MOST_LEAD = 6;
const MOST_MARGIN = 12;

/**
 * The answers that the texts of one question give, best first.
 *
 * @param none logit of “not here”
 * @param recalled what the memory said, or an empty string
 */
export function answersOf(
  texts: readonly ReadText[],
  none: number,
  recalled: string,
  calibration: Calibration,
): PointedAnswer[] {
  const total = logSumExp([none, ...texts.map(({ spans }) => spans.total)]);
  const found = new Map<string, Gathered>();
  for (const [text, { text: passage, score, spans }] of texts.entries()) {
    for (const span of spans.spans) {
      const said = passage.slice(span.start, span.end);
      const share = span.score - total;
      const value = share + calibration.answer.search * score;
      const before = found.get(sameWords(said));
      // The same place may have been read twice: equal words count once, where they stand best.
      const best = before && before.value >= value ? before.best : { text, span, said };
      found.set(sameWords(said), {
        best,
        value: Math.max(before?.value ?? -Infinity, value),
        share: Math.max(before?.share ?? -Infinity, share),
        texts: new Set([...(before?.texts ?? []), text]),
      });
    }
  }
  const ranked = [...found.values()].sort((a, b) => b.value - a.value);
  return ranked.map((gathered, i): PointedAnswer => {
    const rival = ranked[i === 0 ? 1 : 0];
    const features = featuresOf(gathered, rival, { texts, none, recalled });
    const { text, span, said } = gathered.best;
    const { start, end, isWhole } = span;
    return { text, start, end, said, isWhole, features, probability: probabilityOf(features, calibration) };
  });
}

/** An answer with all places of its words. */
interface Gathered {
  readonly best: { readonly text: number; readonly span: PointedSpan; readonly said: string };
  /** By which it is ranked. */
  readonly value: number;
  /** Log of its share of the softmax over all texts. */
  readonly share: number;
  readonly texts: ReadonlySet<number>;
}

function featuresOf(
  { best, value, share, texts: places }: Gathered,
  rival: Gathered | undefined,
  {
    texts,
    none,
    recalled,
  }: { readonly texts: readonly ReadText[]; readonly none: number; readonly recalled: string },
): Features {
  const { score } = texts[best.text]!;
  return {
    share: Math.max(LEAST, share),
    lead: Math.min(MOST_LEAD, Math.max(-MOST_LEAD, value - (rival?.value ?? -Infinity))),
    margin: Math.min(MOST_MARGIN, Math.max(-MOST_MARGIN, best.span.score - none)),
    search: Math.min(MOST_MARGIN, score),
    rank: Math.log(1 + texts.filter((other) => other.score > score).length),
    recalled: recalled !== '' && sameWords(recalled) === sameWords(best.said) ? 1 : 0,
    length: Math.log(best.said.length),
    count: Math.log(places.size),
  };
}

/** σ(bias + Σ weight · feature), in (0, 1). */
export function probabilityOf(features: Features, { probability }: Pick<Calibration, 'probability'>): number {
  const { bias, weights } = probability;
  const names = Object.keys(weights) as (keyof Features)[];
  return 1 / (1 + Math.exp(-names.reduce((sum, name) => sum + weights[name] * features[name], bias)));
}
