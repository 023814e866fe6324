import { describe, expect, it } from 'vitest';
import { labelOf, type LabelledSection } from '../../eval/labelled-sections.js';
import { OverviewCounter } from '../../eval/overview-measures.js';

const document =
  'Ann built a boat. However, it sank. “Who did it?” cried Ann. “I did.” The boat was raised again in May by Ann, who had built it. The raised boat was built again by Ann in May.';
const chosen = (text: string) => {
  const start = document.indexOf(text);
  return { text, start, end: start + text.length };
};

describe('measures of overviews', () => {
  it('counts each flaw, and none where what it points to is there', () => {
    const counter = new OverviewCounter();
    counter.add(document, ['Ann built a boat.', 'However, it sank.', '“I did.”'].map(chosen));
    const { sentences, bareDialogue, unresolved, question, tenths } = counter.measures;
    expect({ sentences, bareDialogue, unresolved, question }).toEqual({
      sentences: 3,
      bareDialogue: 1 / 3,
      unresolved: 0,
      question: 0,
    });
    expect(tenths.map((share) => Math.round(3 * share))).toEqual([1, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('counts an opening whose sentence before is missing, a question and a repeat', () => {
    const counter = new OverviewCounter();
    counter.add(
      document,
      [
        'However, it sank.',
        '“Who did it?” cried Ann.',
        'The boat was raised again in May by Ann, who had built it.',
        'The raised boat was built again by Ann in May.',
      ].map(chosen),
    );
    expect(counter.measures).toMatchObject({
      bareDialogue: 0,
      unresolved: 0.25,
      question: 0.25,
      repeated: 0.25,
      longestWords: 13,
    });
  });

  it('gives a chosen sentence the label that it overlaps most, by half of it', () => {
    const section: LabelledSection = {
      id: 'S',
      domain: 'books',
      text: document,
      best: 1,
      labels: [
        { start: 0, end: 17, label: 'best' },
        { start: 18, end: 35, label: 'bad' },
      ],
    };
    expect(labelOf(section, { start: 0, end: 20 })).toBe('best');
    expect(labelOf(section, { start: 8, end: 35 })).toBe('bad');
    expect(labelOf(section, { start: 10, end: 17 })).toBeUndefined();
  });
});
