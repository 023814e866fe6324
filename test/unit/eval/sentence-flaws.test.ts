import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flawsOf, type SentenceFlaws } from '../../eval/sentence-flaws.js';

type Flag = 'bareDialogue' | 'question' | 'unresolved';
interface Labelled extends Record<Flag, boolean> {
  readonly before: string;
  readonly sentence: string;
}

const labelled = readFileSync('test/fixtures/summaries/labelled-sentences.jsonl', 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Labelled);
const counted = labelled.map(({ sentence, before }) => flawsOf(sentence, before));

/** Sentences on which the counter says otherwise than the hand. */
function wrong(flag: Flag): string[] {
  return labelled.flatMap((each, i) => (counted[i]![flag] === each[flag] ? [] : [each.sentence]));
}

describe('counters of flaws, against labels by hand', () => {
  it('has sentences of each kind', () => {
    expect(labelled.length).toBeGreaterThanOrEqual(100);
    for (const flag of ['bareDialogue', 'question', 'unresolved'] as const)
      expect(labelled.filter((each) => each[flag]).length).toBeGreaterThan(5);
  });

  it.each(['bareDialogue', 'question', 'unresolved'] as const)('agrees on %s in 97 of 100', (flag) => {
    expect(wrong(flag).length, wrong(flag).join('\n---\n')).toBeLessThanOrEqual(0.03 * labelled.length);
  });
});

describe('flaws of a sentence', () => {
  const none: SentenceFlaws = { bareDialogue: false, question: false, unresolved: false, words: 0 };
  it.each<[sentence: string, before: string, expected: Partial<SentenceFlaws>]>([
    ['I slept.', 'He said: “I went home. ', { bareDialogue: true, words: 2 }],
    ['I slept.', '“I went home. And then?”\n\n', { words: 2 }],
    ['“I slept,” said Ann.', '', { words: 4 }],
    ["The boys' boat sank.", "'Well.' ", { words: 4 }],
    ['See https://a.example/?q=1 for more.', '', { words: 4 }],
    ['This proposal adds a flag.', '', { words: 5 }],
    ['This adds a flag.', '', { unresolved: true, words: 4 }],
    ['… the flag is added.', '', { words: 4 }],
    ['Ann Lee: But we agreed.', '', { unresolved: true, words: 5 }],
    ['It is clear that the flag helps.', '', { words: 7 }],
    ['No party may assign the contract.', '', { words: 6 }],
  ])('%s', (sentence, before, expected) => {
    expect(flawsOf(sentence, before)).toEqual({ ...none, ...expected });
  });
});
