import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import { DOCUMENT_FORMATS } from '../../../../models/text/formats/document-format.js';

/** Marks of every format, and letters of several scripts. */
const UNITS = Array.from(' \t\n\r\f"\'`#*_-+=~.,:;!?()[]{}<>/\\|&%$@^0aAé。「的\u200b\u0000\u001b😀');

/** What a layout holds: a number for each way in which its work could grow. */
function sizeOf(text: string, format: (typeof DOCUMENT_FORMATS)[number] | 'auto') {
  const document = new DocumentText();
  document.append(text);
  const { blocks, sentences, passages, records, decoded } = layoutOf(document, [], { format });
  const longest = sentences.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  return { pieces: blocks.length + sentences.length + passages.length + records.length, decoded, longest };
}

describe('repeats of marks', () => {
  it('are laid out in any format: no exception, pieces in proportion, places within the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...DOCUMENT_FORMATS, 'auto' as const),
        (units, format) => {
          const unit = units.join('');
          const small = sizeOf(unit.repeat(200), format);
          const large = sizeOf(unit.repeat(800), format);
          // Four times the text holds about four times as much, not sixteen times.
          expect(large.pieces).toBeLessThanOrEqual(6 * small.pieces + 50);
          expect(large.decoded.edits).toBeLessThanOrEqual(6 * small.decoded.edits + 50);
          expect(large.decoded.text.length).toBeLessThanOrEqual(6 * small.decoded.text.length + 200);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('nested deeper than any call stack are read by every format', () => {
    for (const unit of ['[', '{', '> ', '- ', '{"a":', '<div>', '(', '*', '\\begin{x}', '[[a]\n', '- a '])
      for (const format of DOCUMENT_FORMATS) expect(() => sizeOf(unit.repeat(5000), format)).not.toThrow();
  });

  it('without a sentence’s end are cut into pieces that a person can read', () => {
    for (const unit of ['的', 'word ', 'a,b,', '{"a":1},', 'x;']) {
      const { longest } = sizeOf(unit.repeat(3000), 'auto');
      expect(longest).toBeLessThanOrEqual(400);
    }
  });
});
