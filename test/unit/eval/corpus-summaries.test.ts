import { describe, expect, it } from 'vitest';
import { isHeldOut } from '../../eval/corpus-summaries.js';

describe('documents held out from the training of sentence heads', () => {
  // First bytes of their digests, by Python's hashlib: 18, 17, 25, 26, 38, 254.
  it.each([
    ['peps-2:0', true],
    ['peps-23:0', true],
    ['peps-358:0', true],
    ['peps-36:0', false],
    ['peps-0:0', false],
    ['peps-1:0', false],
  ])('%s: %s', (id, expected) => {
    expect(isHeldOut(id)).toBe(expected);
  });
});
