import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { passagesResponse } from '../../../extension/chat/response.js';
import { noAnswer } from '../../../extension/formatting/no-answer.js';
import { placeWords, whereWords } from '../../../extension/formatting/place.js';
import { kindWords, refusalWords } from '../../../extension/formatting/refusals.js';
import { inEnglish as t } from '../../../extension/formatting/translate.js';
import { unreadWords } from '../../../extension/formatting/unread-words.js';
import { keptTexts } from '../../../extension/packed/kept-texts.js';
import { marksWithin, outlineOf } from '../../../extension/packed/outline.js';
import { PackedTexts, type FileNow } from '../../../extension/packed/texts.js';
import { percentRead, shareRead, wasReadWhole } from '../../../extension/progress/reading-progress.js';
import { dispatch, Peer } from '../../../extension/protocol/rpc.js';
import type { HostMethods, UnpackMethods } from '../../../extension/protocol/page.js';
import { summaryMarkdown } from '../../../extension/summary/markdown.js';
import { passagesText } from '../../../extension/tools/result-text.js';
import { REFUSED_KINDS } from '../../../models/packed/kind.js';
import { ZIP_KINDS } from '../../../models/packed/unpack/unpack.js';
import { unpackFile } from '../../../webview/unpack/unpack-file.js';
import { characterMaps, packedFixture } from '../../support/packed.js';
import { column, writePdf } from '../../support/pdf-writer.js';

const KEY = 'memmamba-text:/report.docx';
const PIECE = 5_000;
const pageOf = (line: string) => column(60, 700, [line]);

/** The extension's texts with the page's side of the wire, whose parsers run here instead of in a worker. */
function wired(room?: number) {
  const asked: string[] = [];
  const aborted: string[] = [];
  const shelf = new Map<string, string>();
  const kept = keptTexts({
    read: (name) => Promise.resolve(shelf.get(name)),
    write: (name, text) => {
      shelf.set(name, text);
      return Promise.resolve();
    },
  });
  const texts: PackedTexts = new PackedTexts(() => host, kept, t, room);
  let asking = texts;
  const host: Peer<UnpackMethods> = new Peer<UnpackMethods>(
    (message) => queueMicrotask(() => page.receive(structuredClone(message))),
    (_, params) => asking.pull((params as { document: string }).document),
  );
  const page: Peer<HostMethods> = new Peer<HostMethods>(
    (message) => queueMicrotask(() => host.receive(structuredClone(message))),
    dispatch<UnpackMethods>({
      unpack: async ({ document, bytes: length }, { signal, progress }) => {
        asked.push(document);
        signal.addEventListener('abort', () => aborted.push(document));
        const bytes = new Uint8Array(length);
        for (let at = 0; ;) {
          const piece = await page.request('pullBytes', { document });
          if (piece.done) break;
          bytes.set(piece.bytes, at);
          at += piece.bytes.length;
        }
        signal.throwIfAborted();
        return unpackFile(bytes, {
          characterMap: characterMaps,
          text: (text) => {
            progress({ text });
            return Promise.resolve();
          },
          progress: (done, total) => {
            progress({ done, total });
            return Promise.resolve();
          },
        });
      },
    }),
  );
  /** The texts in another session. */
  const later = () => (asking = new PackedTexts(() => host, kept, t));
  return { texts, asked, aborted, shelf, later };
}

function file(bytes: Uint8Array, version = '1'): FileNow {
  return {
    name: 'report.docx',
    size: bytes.length,
    version,
    // eslint-disable-next-line @typescript-eslint/require-await -- files do wait
    async *bytes() {
      for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    },
  };
}

describe('the texts of packed files', () => {
  it('are unpacked once for all who want them, and again when the file is another', async () => {
    const { texts, asked } = wired();
    const report = file(packedFixture('report.docx'));
    const [one, two] = await Promise.all([texts.open(KEY, report), texts.open(KEY, report)]);
    expect(one).toBe(two);
    expect(one.text).toContain('whose code is 48213');
    expect(await texts.open(KEY, report)).toBe(one);
    expect(asked).toHaveLength(1);
    const other = await texts.open(KEY, file(packedFixture('report.odt'), '2'));
    expect(other).toMatchObject({ format: 'odt', version: '2' });
    expect(texts.peek(KEY)).toBe(other);
    expect(asked).toHaveLength(2);
  });

  it('are there in a later session without being unpacked, while the file is the same', async () => {
    const { texts, asked, shelf, later } = wired();
    const report = file(packedFixture('report.docx'));
    const text = await texts.open(KEY, report);
    expect(await later().open(KEY, report)).toEqual(text);
    expect(await later().recall(KEY, '2')).toBeUndefined();
    expect(await later().recall(`${KEY}x`, '1')).toBeUndefined();
    expect(asked).toHaveLength(1);
    for (const name of shelf.keys()) shelf.set(name, '{"kept":1');
    expect(await later().open(KEY, report)).toEqual(text);
    expect(asked).toHaveLength(2);
  });

  it('say how far they are', async () => {
    const { texts } = wired();
    const shares: number[] = [];
    const pages = Array.from({ length: 4 }, (_, i) => pageOf(`Page ${i}.`));
    await texts.open(KEY, file(writePdf({ pages })), { onUnpack: (share) => shares.push(share) });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('go on for those who wait when one cancels, and stop when nobody waits', async () => {
    const { texts, aborted } = wired();
    const report = file(packedFixture('report.docx'));
    const first = new AbortController();
    const gone = texts.open(KEY, report, { signal: first.signal });
    const waiting = texts.open(KEY, report);
    first.abort();
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    expect((await waiting).format).toBe('docx');
    expect(aborted).toEqual([]);
    const second = new AbortController();
    const alone = texts.open(KEY, file(packedFixture('report.epub'), '2'), { signal: second.signal });
    second.abort();
    await expect(alone).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => aborted).toHaveLength(1);
    expect((await texts.open(KEY, file(packedFixture('report.epub'), '2'))).format).toBe('epub');
  });

  it('are an error in clear words where there is none', async () => {
    const { texts } = wired();
    await expect(texts.open(KEY, file(packedFixture('locked.docx')))).rejects.toMatchObject({
      code: 'document',
      message: expect.stringMatching(/report\.docx asks for a password/) as unknown,
    });
    await expect(texts.open(KEY, { ...file(new Uint8Array(), '3'), size: 2 ** 31 })).rejects.toMatchObject({
      message: expect.stringMatching(/larger than 1 GB/) as unknown,
    });
    await expect(texts.pull('memmamba-text:/other')).rejects.toMatchObject({ code: 'internal' });
  });

  it('give up those used longest ago when there is no room', async () => {
    const { texts } = wired(5_000);
    const log = (length: number) => file(gzipSync(strToU8('a line of a log\n'.repeat(length))));
    for (const [i, length] of [200, 100, 50].entries()) {
      await texts.open(`${KEY}${i}`, log(length));
      if (i === 1) await texts.open(`${KEY}0`, log(200));
    }
    const held = () => [0, 1, 2].map((i) => texts.peek(`${KEY}${i}`) !== undefined);
    expect(held()).toEqual([true, false, true]);
    await texts.open(`${KEY}3`, log(1_000));
    expect(held()).toEqual([false, false, false]);
    expect(texts.peek(`${KEY}3`)?.text).toHaveLength(16_000);
  });
});

describe('places', () => {
  const anchors = [
    { kind: 'page', label: 'iv', number: 1, start: 0 },
    { kind: 'page', label: '1', number: 2, start: 40 },
  ] as const;

  it('are the page as it is printed, and the line', () => {
    expect(placeWords(anchors, 39, t)).toBe('Page iv');
    expect(whereWords({ start: 40, line: 7 }, anchors, t)).toBe('Page 1, line 7');
    expect(whereWords({ start: 40, line: 7 }, [], t)).toBe('Line 7');
    expect(whereWords({ start: 40, line: 7 }, undefined, t)).toBe('Line 7');
  });

  it('are said with every passage, in the chat, to agents, and in a summary', () => {
    const passage = { start: 41, end: 50, line: 7, text: 'The gate.', score: 1 };
    const packed = { file: {} as never, format: 'pdf', anchors, unread: [] } as const;
    const source = { name: 'a.pdf', totalBytes: 90, packed };
    const coverage = { tokens: 9, bytes: 90, complete: true };
    expect(passagesResponse([passage], { source, coverage, t }).at(-1)).toMatchObject({
      title: 'Page 1, line 7',
    });
    expect(passagesText(source, coverage, [passage])).toContain('- page 1, line 7: The gate.');
    const summary = {
      coverage,
      engine: 'cpu',
      model: 'tiny',
      overview: [passage],
      sections: [],
      keyTerms: [],
      format: 'text',
      timing: { readMs: 1, analyseMs: 1, tokensPerSecond: 1 },
    } as const;
    const context = { name: 'a.pdf', totalBytes: 90, packed, anchors, link: () => 'a.pdf#L7', t };
    expect(summaryMarkdown(summary, context)).toContain(
      '- [The gate.](a.pdf#L7 "Page 1, line 7") ·\u00a0Page\u00a01\n',
    );
  });

  it('are marks in the text, and its outline names them', async () => {
    const { texts } = wired();
    const outline = [
      { title: 'North', page: 0 },
      { title: 'South', page: 1 },
    ];
    const pages = ['North', 'South'].map((title) => [
      { x: 60, y: 780, text: title, size: 16 },
      ...column(
        60,
        740,
        Array.from({ length: 40 }, (_, i) => `the gate in the ${title} has a line number ${i}`),
      ),
    ]);
    const pdf = await texts.open(KEY, file(writePdf({ pages, outline })));
    const south = pdf.text.indexOf('South');
    expect(marksWithin(pdf, { start: 1, end: pdf.text.length }, t)).toEqual([
      { start: south, words: 'Page 2' },
    ]);
    expect(outlineOf(pdf, t)).toMatchObject([
      { title: 'North', place: 'Page 1', start: 0, end: south },
      { title: 'South', place: 'Page 2', start: south, end: pdf.text.length },
    ]);
    const bare = await texts.open(`${KEY}2`, file(writePdf({ pages: ['One.', 'Two.'].map(pageOf) })));
    expect(outlineOf(bare, t).map(({ title }) => title)).toEqual(['Page 1', 'Page 2']);
    const book = await texts.open(`${KEY}3`, file(packedFixture('report.epub')));
    expect(book.anchors.length).toBeGreaterThan(0);
    for (const { start, words } of marksWithin(book, { start: 0, end: book.text.length }, t)) {
      expect(book.text.startsWith(words, start)).toBe(false);
    }
    const report = await texts.open(`${KEY}4`, file(packedFixture('report.docx')));
    const gates = outlineOf(report, t).find(({ title }) => title === 'Gates');
    expect(gates?.children.map(({ title }) => title)).toEqual(['Keys', 'Berths']);
  });
});

describe('what of a file gave no text', () => {
  const coverage = { tokens: 9, bytes: 90, complete: true };
  const packed = {
    parts: { kind: 'page', total: 10, read: 7 },
    unread: ['2', '3', '9'].map((label) => ({ kind: 'page', label, reason: 'no-text' }) as const),
  } as const;
  const document = { totalBytes: 90, packed };

  it('counts as unread', () => {
    expect(wasReadWhole(coverage, document)).toBe(false);
    expect(percentRead(coverage, document)).toBe(70);
    expect(percentRead({ ...coverage, bytes: 45, complete: false }, document)).toBe(35);
    expect(shareRead(coverage, document, t)).toBe('70 % of the document read');
    const cut = {
      totalBytes: 90,
      packed: { unread: [{ kind: 'file', label: 'gzip', reason: 'broken' }] },
    } as const;
    expect(shareRead(coverage, cut, t)).toBe('100 % of what could be unpacked read');
    expect(percentRead(coverage, cut)).toBe(99);
  });

  it('is named', () => {
    expect(unreadWords(packed, t)).toBe('7 of 10 pages could be read. Without text: 2, 3, 9.');
    expect(unreadWords({ ...packed, unread: [] }, t)).toBeUndefined();
    const none = { name: 'a.pdf', packed };
    expect(noAnswer(none, coverage, { lookedUp: true }, t)).toContain('in the part of a.pdf that was read');
    expect(noAnswer({ name: 'a.pdf' }, coverage, { lookedUp: true }, t)).toContain('all of it was searched');
  });
});

describe('refusals', () => {
  it('have words for every kind that is known, which can be translated', () => {
    const marked = (message: string) => `<${message}>`;
    for (const kind of [...REFUSED_KINDS, ...ZIP_KINDS]) expect(kindWords(kind, marked)).toMatch(/^<.+>$/);
    expect(refusalWords('a.rtf', { reason: 'unsupported', what: 'an RTF document' }, t)).toBe(
      'a.rtf cannot be read: it is an RTF document.',
    );
  });
});
