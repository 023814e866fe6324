import { gzipSync, strToU8 } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorAt } from '../../models/packed/anchors.js';
import { structureOf } from '../../models/packed/structure.js';
import { documentIn, packedFixture } from '../support/packed.js';
import { column, writePdf } from '../support/pdf-writer.js';
import { PanelPage } from './panel-page.js';

const MANY_PAGES = 3_000;

let panels: PanelPage;

beforeAll(async () => {
  panels = await PanelPage.open();
});
afterAll(() => panels.close());

const pageOf = (line: string) => column(60, 700, [line]);

async function textIn(bytes: Uint8Array) {
  const file = await panels.unpack(bytes);
  if (file.kind === 'refused') throw new Error(`refused: ${file.reason}`);
  return file;
}

describe("the page's worker", () => {
  const pdf = writePdf({
    pages: ['The north gate is open by day.', 'The code of the south gate is 48213.'].map(pageOf),
    outline: [{ title: 'The south gate', page: 1 }],
    romanPages: 1,
  });
  const fixtures = ['report.docx', 'report.odt', 'report.epub', 'report.pptx', 'restricted.pdf'] as const;

  it.each([...fixtures.map((name) => [name, packedFixture(name)] as const), ['two pages', pdf] as const])(
    'reads of %s what the terminal reads, with its blocks and anchors',
    async (_, bytes) => {
      const here = await documentIn(bytes);
      const { text, anchors, blocks, parts, format, unread } = await textIn(bytes);
      expect(text).toBe(here.text);
      expect({ anchors, parts, format, unread }).toEqual({
        anchors: here.anchors,
        parts: here.parts,
        format: here.format,
        unread: here.unread,
      });
      expect(blocks).toEqual(structureOf(here));
    },
  );

  it('knows the printed number of the page that a word stands on', async () => {
    const { text, anchors } = await textIn(pdf);
    expect(anchorAt(anchors, text.indexOf('north'))?.label).toBe('i');
    expect(anchorAt(anchors, text.indexOf('48213'))?.label).toBe('1');
  });

  it('is handed the character maps that a PDF names', async () => {
    const text = '東京の港は二年ごとに開く';
    const line = { x: 60, y: 700, text, font: 'japanese' } as const;
    expect((await textIn(writePdf({ pages: [[line]] }))).text).toBe(text);
  });

  it('unpacks gzip of a text, longer than a piece', async () => {
    const log = Array.from({ length: 60_000 }, (_, i) => `line ${i} of the harbour's log\n`).join('');
    const { text, format } = await textIn(gzipSync(strToU8(log)));
    expect(format).toBe('gzip');
    expect(text === log).toBe(true);
  });

  it('keeps what a file gives, and names what it does not', async () => {
    const log = gzipSync(strToU8('the log of the harbour\n'.repeat(20_000)));
    const cut = await textIn(log.subarray(0, log.length / 2));
    expect(cut.text).toContain('the log of the harbour');
    expect(cut.unread).toEqual([{ kind: 'file', label: 'gzip', reason: 'broken' }]);
    const scan = writePdf({ pages: [pageOf('Written.'), []], hasPictures: true });
    const { parts, unread } = await textIn(scan);
    expect(parts).toEqual({ kind: 'page', total: 2, read: 1 });
    expect(unread).toEqual([{ kind: 'page', label: '2', reason: 'no-text' }]);
  });

  it.each([
    ['a password of a PDF', packedFixture('locked.pdf'), { reason: 'encrypted' }],
    ['a password of a DOCX', packedFixture('locked.docx'), { reason: 'encrypted' }],
    ['a scan', writePdf({ pages: [[]], hasPictures: true }), { reason: 'no-text' }],
    ['a broken PDF', strToU8('%PDF-1.7\nnothing more'), { reason: 'broken' }],
    ['RTF', strToU8('{\\rtf1 text}'), { reason: 'unsupported', what: 'an RTF document' }],
    ['nothing in gzip', gzipSync(strToU8(' \n')), { reason: 'no-text' }],
    [
      'a program in gzip',
      gzipSync(Uint8Array.from({ length: 4_000 }, (_, i) => i % 7)),
      { reason: 'not-text' },
    ],
    ['more than it may unpack to', gzipSync(new Uint8Array(300 << 20)), { reason: 'too-large' }],
  ])('says of %s why there is no text', async (_, bytes, why) => {
    expect(await panels.unpack(bytes)).toEqual({ kind: 'refused', ...why });
  });

  it('ends at once on cancel, and reads the next file', async () => {
    const long = writePdf({ pages: Array.from({ length: MANY_PAGES }, (_, i) => pageOf(`Page ${i}.`)) });
    const controller = new AbortController();
    let done = 0;
    const unpacking = panels.unpack(long, {
      signal: controller.signal,
      onProgress: (progress) => {
        if (!('done' in progress)) return;
        ({ done } = progress);
        controller.abort();
      },
    });
    await expect(unpacking).rejects.toMatchObject({ code: 'cancelled' });
    expect(done).toBeLessThan(MANY_PAGES);
    expect((await textIn(pdf)).text).toContain('48213');
  });

  it('loads the parsers when there is such a file, and not before', async () => {
    const loaded = () =>
      panels.page.evaluate(() =>
        performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/unpack.js')),
      );
    expect(await loaded()).toBe(true);
    await panels.page.reload();
    expect(await loaded()).toBe(false);
  });
});
