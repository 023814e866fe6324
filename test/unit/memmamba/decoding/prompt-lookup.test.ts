import { describe, expect, it } from 'vitest';
import { PromptLookup } from '../../../../models/memmamba/decoding/prompt-lookup.js';
import { characterTokenizer, prose } from '../../../support/micro.js';

const [END] = characterTokenizer.encode('\n').ids;
const idsOf = (text: string) => [...characterTokenizer.encode(text).ids];

/** Drafts from a text of one token a character, as text. */
function lookup(text: string) {
  const ids = characterTokenizer.encode(text).ids;
  const read = { length: ids.length, ids: (from: number, to: number) => ids.subarray(from, to) };
  const drafts = new PromptLookup(read, (id) => id === END);
  return (said: string, ...places: number[]) =>
    characterTokenizer.decode([...drafts.draft(idsOf(said), places)]);
}

describe('a draft from the text', () => {
  const KEY = 'The key is 48213-KX of 9. It had 4711 once.';
  const text = `${prose(400)}\n${KEY}\n${prose(400, 3)}`;
  const at = text.indexOf('48213');

  it('is what follows the last tokens said, at the nearest place', () => {
    expect(lookup(text)('4', at + 2)).toBe('8213-KX');
    expect(lookup(text)('4', text.indexOf('4711'))).toBe('711 onc');
  });

  it('follows the longest match before the nearest', () => {
    expect(lookup(text)('had 4', at)).toBe('711 onc');
  });

  it('is taken at the best place that has one', () => {
    expect(lookup(text)('4', 100, text.indexOf('4711'), at)).toBe('711 onc');
  });

  it('is none where nothing matches, nothing was said, or the model looked nowhere', () => {
    expect(lookup(text)('#', at)).toBe('');
    expect(lookup(text)('', at)).toBe('');
    expect(lookup(text)('4')).toBe('');
    expect(lookup(text)('4', text.length - 1)).toBe('');
  });

  it('ends before the end of the line and of the text', () => {
    expect(lookup(text)('once', at)).toBe('.');
    expect(lookup('Key: 48.\nNext 4')('48.', 6)).toBe('');
    expect(lookup('The key is 48213')('48', 12)).toBe('213');
    expect(lookup('4')('4', 0)).toBe('');
  });

  it('grows where drafts are right, and starts anew where one is wrong', () => {
    const long = `${prose(60)}\nKey: 0123456789abcdefghijklmnopqrstuvwxyz`;
    const draft = lookup(long);
    const start = long.indexOf('0123');
    expect(draft('0', start)).toBe('1234567');
    expect(draft('012345678', start)).toBe('9abcdefghijklm');
    expect(draft('0123456789abX', start)).toBe('');
    expect(draft('0123456789abXc', start)).toBe('defghij');
  });

  it('asks for a longer match after each that was wrong at once', () => {
    const draft = lookup(text);
    expect(draft('4', at)).toBe('8213-KX');
    // '9' is in the text, but alone no match any more.
    expect(draft('49', at)).toBe('');
    expect(draft('49KX', at)).toBe(' of 9. ');
    expect(draft('49KX-is 4', at)).toBe('8213-KX');
  });
});
