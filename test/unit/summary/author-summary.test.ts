import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../models/reading/document-text.js';
import { layoutOf } from '../../../models/reading/layout.js';
import { ownSummaryOf } from '../../../models/summary/author-summary.js';
import { sentenceWeightsOf } from '../../../models/summary/sentence-weights.js';
import { summaryOf } from '../../../models/summary/summary.js';
import { prose } from '../../support/micro.js';

function own(source: string): string | undefined {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const found = ownSummaryOf(text, layout);
  if (!found) return undefined;
  return layout.sentences
    .slice(found.from, found.to)
    .map(({ start, end }) => source.slice(start, end))
    .join(' ');
}

const ABSTRACT = 'This standard makes pools persistent. It costs nothing to those who do without.';
const cited = Array.from(
  { length: 20 },
  (_, i) => `Earlier work found the opposite in ${i} of 30 cases (Brown et al., 20${10 + (i % 10)}).`,
).join(' ');

describe('the authors’ own summary', () => {
  it.each([
    ['a section of such a title', `# Pools\n\n## Abstract\n\n${ABSTRACT}\n\n## Motivation\n\n${prose(4000)}`],
    ['reStructuredText', `Pools\n=====\n\nAbstract\n--------\n\n${ABSTRACT}\n\nWhy\n---\n\n${prose(4000)}`],
    ['a section at the end', `# Pools\n\n## Why\n\n${prose(4000)}\n\n## Summary\n\n${ABSTRACT}\n`],
  ])('is found in %s', (_, text) => {
    expect(own(text)).toBe(ABSTRACT);
  });

  it('is the opening of a paper that cites and speaks of itself', () => {
    const opening = 'Small pools forget much. In this paper we keep them, and measure what that costs.';
    const text = `${opening}\n\n1. Introduction\n\n${cited} ${prose(3000)}`;
    expect(own(text)).toBe(opening);
  });

  it.each([
    ['a novel', prose(6000)],
    ['a text that cites but does not speak of itself', `${prose(600)} ${cited}`],
    [
      'a chapter’s summary among many',
      Array.from(
        { length: 4 },
        (_, i) => `# Chapter ${i}\n\n${prose(3000, i)}\n\n## Summary\n\n${ABSTRACT}`,
      ).join('\n\n'),
    ],
    ['an empty text', ''],
  ])('is not found in %s', (_, text) => {
    expect(own(text)).toBeUndefined();
  });

  it('is what an overview takes first, and all of it in a short document', () => {
    const source = `# Pools\n\n## Abstract\n\n${ABSTRACT}\n\n## Motivation\n\n${prose(4000)}`;
    const text = new DocumentText();
    text.append(source);
    const { overview } = summaryOf(
      text,
      layoutOf(text),
      () => ({ notes: 0, kept: 0 }),
      sentenceWeightsOf('tiny', true),
      4,
    );
    expect(overview).toHaveLength(4);
    expect(`${overview[0]!.text} ${overview[1]!.text}`).toBe(ABSTRACT);
  });
});
