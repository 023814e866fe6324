import { expect, it } from 'vitest';
import { lensTitle, notesBySection } from '../../../extension/editor/lens-text.js';

it('a sentence above a heading is one line, cut between words', () => {
  expect(lensTitle('The bishop\n  wept. ')).toBe('The bishop wept.');
  const long = lensTitle('warden '.repeat(40));
  expect(long).toMatch(/^(warden )+warden…$/);
  expect(long.length).toBeLessThanOrEqual(72);
  expect(lensTitle('x'.repeat(500))).toBe(`${'x'.repeat(71)}…`);
});

it('words with notes are counted once, in the section that they stand in', () => {
  const at = (wordStart: number) => ({ wordStart });
  const sections = [{ start: 10 }, { start: 100 }, { start: 200 }];
  expect(notesBySection(sections, [at(5), at(10), at(10), at(99), at(100), at(900)])).toEqual([2, 1, 1]);
  expect(notesBySection([], [at(5)])).toEqual([]);
});
