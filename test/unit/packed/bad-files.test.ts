import { gzipSync, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { PackedError, type PackedErrorKind } from '../../../models/packed/types.js';
import { readDocx } from '../../../models/packed/word/docx.js';
import { unpack } from '../../../models/packed/unpack/unpack.js';
import { characterMaps, documentIn, expectSound, packedFixture } from '../../support/packed.js';
import { column, writePdf } from '../../support/pdf-writer.js';

const bytesOf = (text: string) => Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));

async function refusal(bytes: Uint8Array): Promise<{ kind: PackedErrorKind; message: string }> {
  try {
    await unpack(bytes, { characterMaps });
  } catch (error) {
    if (error instanceof PackedError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('it was read');
}

const body = (inner: string) => `<w:document><w:body>${inner}</w:body></w:document>`;
const docx = (xml: string) => zipSync({ 'word/document.xml': strToU8(xml) });

describe('files that are not read', () => {
  it.each([
    ['RTF', bytesOf('{\\rtf1\\ansi text}'), /RTF/u],
    ['an old Word file', bytesOf('\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1 rest'), /\.doc/u],
    ['a picture', bytesOf('\u0089PNG\r\n\u001a\n'), /PNG/u],
    ['a zip of other files', zipSync({ 'a.txt': strToU8('text') }), /zip archive/u],
    [
      'an OpenDocument spreadsheet',
      zipSync({
        mimetype: [strToU8('application/vnd.oasis.opendocument.spreadsheet'), { level: 0 }],
        'content.xml': strToU8('<x/>'),
      }),
      /spreadsheet/u,
    ],
    ['a tar in gzip', gzipSync(bytesOf(`${'a'.repeat(257)}ustar`)), /tar/u],
  ])('says that %s is not', async (_, bytes, words) => {
    const { kind, message } = await refusal(bytes);
    expect(kind).toBe('unsupported');
    expect(message).toMatch(words);
  });

  it('tells passwords: of Office files, OpenDocument, PDF, and rights management of e-books', async () => {
    expect((await refusal(packedFixture('locked.docx'))).kind).toBe('encrypted');
    expect((await refusal(packedFixture('locked.pdf'))).kind).toBe('encrypted');
    const odt = zipSync({
      'content.xml': strToU8('x'),
      'META-INF/manifest.xml': strToU8('<manifest:manifest><manifest:encryption-data/></manifest:manifest>'),
    });
    expect((await refusal(odt)).kind).toBe('encrypted');
    const epub = zipSync({
      'META-INF/container.xml': strToU8('<container/>'),
      'META-INF/encryption.xml': strToU8(
        '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>',
      ),
    });
    expect((await refusal(epub)).kind).toBe('encrypted');
  });

  it('opens a PDF that only forbids printing', async () => {
    const { text } = await documentIn(packedFixture('restricted.pdf'));
    expect(text).toContain('the south gate');
  });

  it('says that scanned pages hold no text', async () => {
    const { kind, message } = await refusal(writePdf({ pages: [[], []], hasPictures: true }));
    expect(kind).toBe('no-text');
    expect(message).toMatch(/\(2\).*OCR/u);
  });

  it.each([
    ['a document without words', docx(body('<w:p/>')), 'no-text'],
    ['a PDF of one line', bytesOf('%PDF-1.7\nnothing'), 'broken'],
    ['the start of a zip', bytesOf('PK\u0003\u0004 and no more'), 'broken'],
    ['the start of a gzip', bytesOf('\u001f\u008b\u0008\u0000'), 'broken'],
    ['gzip in gzip in gzip', gzipSync(gzipSync(gzipSync(bytesOf('text')))), 'unsupported'],
  ] as const)('refuses %s', async (_, bytes, kind) => {
    expect((await refusal(bytes)).kind).toBe(kind);
  });
});

describe('gzip', () => {
  it('gives the text of all members, and documents within', async () => {
    const two = new Uint8Array([...gzipSync(bytesOf('one ')), ...gzipSync(bytesOf('two'))]);
    const unpacked = await unpack(two, { characterMaps });
    expect(unpacked.kind === 'text' && new TextDecoder().decode(unpacked.bytes)).toBe('one two');
    const inner = await documentIn(gzipSync(packedFixture('report.odt')));
    expect(inner.format).toBe('odt');
  });

  it('keeps what stands before the damage', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `line ${i * 7919} of the log\n`).join('');
    const whole = gzipSync(bytesOf(text));
    const unpacked = await unpack(whole.subarray(0, whole.length >> 1), { characterMaps });
    if (unpacked.kind !== 'text') throw new Error('no text');
    expect(unpacked.unread).toEqual([{ kind: 'file', label: 'gzip', reason: 'broken' }]);
    expect(unpacked.bytes.length).toBeGreaterThan(text.length / 4);
    expect(text.startsWith(new TextDecoder().decode(unpacked.bytes))).toBe(true);
  });
});

describe('bounds', () => {
  const bounds = { entries: 100, bytes: 2 ** 20, depth: 200 };

  it('stop a bomb of bytes, whatever its header says, and keep what came before', () => {
    const words = '<w:p><w:r><w:t>first words</w:t></w:r></w:p>';
    const bomb = docx(`<w:document><w:body>${words}${' '.repeat(3 * 2 ** 20)}`);
    // The size in the directory is a lie.
    const view = new DataView(bomb.buffer);
    for (let at = 0; at + 4 < bomb.length; at++) {
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 10, true);
    }
    const document = readDocx(bomb, { bounds });
    expect(document.text).toBe('first words');
    expect(document.unread).toEqual([{ kind: 'file', label: 'word/document.xml', reason: 'too-large' }]);
    expect(document.parts.read).toBe(0);
  });

  it('count entries, and elements inside each other', () => {
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x/${i}.xml`, strToU8('<x/>')]));
    const many = zipSync({
      'word/document.xml': strToU8(body('<w:p><w:r><w:t>words</w:t></w:r></w:p>')),
      ...files,
    });
    expect(readDocx(many, { bounds }).unread).toEqual([
      { kind: 'file', label: '51 entries', reason: 'too-large' },
    ]);
    const deep = docx(body(`<w:p><w:r><w:t>words</w:t></w:r></w:p>${'<w:sdt>'.repeat(100_000)}`));
    expect(readDocx(deep, { bounds }).unread).toMatchObject([{ reason: 'broken' }]);
  });

  it('finds a wrong checksum', () => {
    const file = zipSync({
      'word/document.xml': [strToU8(body('<w:p><w:r><w:t>words</w:t></w:r></w:p>')), { level: 0 }],
    });
    const at = new TextDecoder('latin1').decode(file).indexOf('words');
    file[at] = 'W'.charCodeAt(0);
    const document = readDocx(file);
    expect(document.text).toBe('Words');
    expect(document.unread).toMatchObject([{ reason: 'broken' }]);
  });
});

const pdf = writePdf({
  pages: [column(60, 700, ['A page with a few words']), column(60, 700, ['and one more.'])],
  outline: [{ title: 'A page', page: 0 }],
});

/** Reads what may be anything; gives the kind of what comes out, and fails at any error that has none. */
async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const unpacked = await unpack(bytes, { characterMaps });
    if (unpacked.kind === 'document') expectSound(unpacked.document);
    return unpacked.kind;
  } catch (error) {
    if (error instanceof PackedError) return error.kind;
    throw error;
  }
}

/** The same each time, from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seed = Number(process.env.MEMMAMBA_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe.each([
  ['report.docx', packedFixture('report.docx')],
  ['report.odt', packedFixture('report.odt')],
  ['report.epub', packedFixture('report.epub')],
  ['report.pptx', packedFixture('report.pptx')],
  ['report.odt.gz', gzipSync(packedFixture('report.odt'))],
  ['a PDF', pdf],
])('damage to %s', (name, whole) => {
  it(
    `by cutting it off gives a text or a clear error (MEMMAMBA_SEED=${seed})`,
    { timeout: 300_000 },
    async () => {
      const outcomes = new Set<string>();
      // Every place of the smallest; of the others one in a few, another each time.
      const step = whole.length > 20_000 ? 13 : whole.length > 8000 ? 5 : 1;
      for (let length = seed % step; length < whole.length; length += step) {
        outcomes.add(await outcome(whole.subarray(0, length)));
      }
      expect(outcomes).toContain('document');
    },
  );

  it(`by changing bytes does too (MEMMAMBA_SEED=${seed})`, { timeout: 300_000 }, async () => {
    const random = randomOf(seed ^ whole.length);
    for (let round = 0; round < 300; round++) {
      const copy = whole.slice();
      const places: number[] = [];
      for (let i = 1 + Math.floor(random() * 8); i > 0; i--) {
        const at = Math.floor(random() * copy.length);
        copy[at] = Math.floor(random() * 256);
        places.push(at);
      }
      await outcome(copy).catch((error: unknown) => {
        throw new Error(`${name}, seed ${seed}, round ${round}, bytes ${places.join(', ')}`, {
          cause: error,
        });
      });
    }
  });
});

describe('cancel', () => {
  it.each(['report.docx', 'report.epub'])('is heard in %s', async (name) => {
    const signal = AbortSignal.abort();
    await expect(unpack(packedFixture(name), { characterMaps, signal })).rejects.toThrow(/abort/iu);
  });

  it('is heard between the pages of a PDF', async () => {
    const controller = new AbortController();
    const many = writePdf({ pages: Array.from({ length: 50 }, () => column(60, 700, ['words'])) });
    let pages = 0;
    const reading = unpack(many, {
      characterMaps,
      signal: controller.signal,
      onProgress: () => {
        if (++pages === 3) controller.abort();
      },
    });
    await expect(reading).rejects.toThrow(/abort/iu);
    expect(pages).toBe(3);
  });
});

/** Inputs for which a reader that looks back at all before would never end. */
describe('large repeats are read to their end', () => {
  const many = 60_000;

  it.each([
    ['ends without a beginning', '<i></b>'.repeat(many)],
    ['paragraphs', '<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(many)],
    ['runs', `<w:p>${'<w:r><w:t>a </w:t></w:r>'.repeat(many)}</w:p>`],
    ['line breaks', `<w:p>${'<w:r><w:br/></w:r>'.repeat(many)}</w:p>`],
    [
      'cells',
      `<w:tbl><w:tr>${'<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'.repeat(many)}</w:tr></w:tbl>`,
    ],
    ['quotes', `<w:p><w:r><w:t>${'."'.repeat(many * 4)}</w:t></w:r></w:p>`],
  ])('%s', (_, xml) => {
    const document = readDocx(docx(body(`<w:p><w:r><w:t>words</w:t></w:r></w:p>${xml}`)));
    expectSound(document);
    expect(document.text.startsWith('words')).toBe(true);
  });

  it('labels of a drawing', async () => {
    const random = randomOf(7);
    const labels = Array.from({ length: 20_000 }, (_, i) => ({
      x: Math.round(random() * 500 * 100) / 100,
      y: Math.round(random() * 800 * 100) / 100,
      text: `label ${i} of it`,
      size: 2,
    }));
    const document = await documentIn(writePdf({ pages: [labels] }));
    expect(document.text.match(/label/gu)).toHaveLength(20_000);
  });
});
