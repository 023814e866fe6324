import { describe, expect, it } from 'vitest';
import { anchorAt } from '../../../models/packed/anchors.js';
import { documentIn, outlineOf } from '../../support/packed.js';
import { column, writePdf, type PdfLine } from '../../support/pdf-writer.js';

const body = (x: number, y: number, count: number, name: string) =>
  column(
    x,
    y,
    Array.from({ length: count }, (_, i) => `the ${name} column goes on with its line number ${i} here`),
  );

describe('PDF', () => {
  it('joins lines to paragraphs and words that were parted at line ends', async () => {
    const { text } = await documentIn(
      writePdf({
        pages: [
          column(60, 700, [
            'The keeper of the harbour wrote a long-term plan for the south gate, and the informa-',
            'tion in it was kept. A state-of-the-',
            'art lamp, and a well-',
            'known ship. The well-known pilot paid DEST-',
            'DIR. He knew the DESTDIR.',
          ]),
        ],
      }),
    );
    expect(text).toBe(
      'The keeper of the harbour wrote a long-term plan for the south gate, and the information in it was kept. A state-of-the-art lamp, and a well-known ship. The well-known pilot paid DESTDIR. He knew the DESTDIR.',
    );
  });

  it('reads two columns one after the other, below the title that stands over both', async () => {
    const page = [
      { x: 120, y: 780, text: 'A Title that Stands over the Two Columns of this Page', size: 16 },
      ...body(40, 740, 30, 'left'),
      ...body(310, 740, 30, 'right'),
    ];
    const { text } = await documentIn(writePdf({ pages: [page] }));
    expect(text.indexOf('A Title')).toBe(0);
    expect(text.lastIndexOf('left')).toBeLessThan(text.indexOf('right'));
    expect(text.lastIndexOf('left')).toBeGreaterThan(0);
  });

  it('does so whatever the order in which lines were written', async () => {
    const left = body(40, 740, 30, 'left');
    const right = body(310, 740, 30, 'right');
    const mixed = left.flatMap((line, i) => [right[i]!, line]);
    const { text } = await documentIn(writePdf({ pages: [mixed] }));
    expect(text.lastIndexOf('left')).toBeLessThan(text.indexOf('right'));
    expect(text.match(/line number/gu)).toHaveLength(60);
  });

  it('reads a table by row, cell by cell', async () => {
    const rows = [
      ['Berth', 'Length', 'Keeper'],
      ['A1', '40 m', 'Hugo'],
      ['B7', '120 m', 'Clara'],
      ['C9', '80 m', 'Anna'],
    ];
    const page = rows.flatMap((cells, i) =>
      cells.map((text, j): PdfLine => ({ x: 60 + 140 * j, y: 600 - 14 * i, text })),
    );
    const document = await documentIn(writePdf({ pages: [page] }));
    expect(outlineOf(document)).toEqual(rows.map((cells) => `row ${cells.join('\t')}`));
  });

  const chapter = (page: number): PdfLine[] => [
    {
      x: 60,
      y: 800,
      text: page % 2 === 0 ? 'The Harbour Book' : `Part ${page > 3 ? 'Two' : 'One'} of the Book`,
    },
    ...column(60, 740, [
      `${'First Second Third Fourth Fifth Sixth Seventh Eighth'.split(' ')[page]!} tales begin with a sentence that is long enough, and it goes on`,
      `over the end of the line for ${page * page + 3} words, to a second one, which ends with a full stop.`,
    ]),
    { x: 290, y: 40, text: String(page + 1) },
  ];

  it('leaves out running headers, footers and page numbers, and keeps pages as anchors', async () => {
    const document = await documentIn(
      writePdf({ pages: Array.from({ length: 8 }, (_, i) => chapter(i)), romanPages: 2 }),
    );
    expect(document.blocks).toHaveLength(8);
    expect(document.text).not.toMatch(/Book|\n\d+\n/u);
    expect(anchorAt(document.anchors, 0)?.label).toBe('i');
    const fifth = document.text.indexOf('Fifth');
    expect(anchorAt(document.anchors, fifth)).toEqual({ kind: 'page', label: '3', number: 5, start: fifth });
  });

  it('keeps a number in a running line that tells pages apart', async () => {
    const numbers = [4711, 5120, 2044, 9001, 3377];
    const { text } = await documentIn(
      writePdf({
        pages: numbers.map((number) => [
          { x: 60, y: 800, text: 'Harbour Office' },
          { x: 400, y: 800, text: `Invoice ${number}` },
          ...column(60, 740, [
            `The fee of ship ${number * 3} is due, and it is to be paid within thirty days of this day.`,
          ]),
        ]),
      }),
    );
    expect(text).not.toContain('Harbour Office');
    for (const number of numbers) expect(text).toContain(`Invoice ${number}`);
  });

  it('joins a paragraph over pages, with the page in its midst and notes behind it', async () => {
    const document = await documentIn(
      writePdf({
        pages: [
          [
            ...column(60, 200, [
              'The first page ends in the middle of a sentence that nobody could call short, for',
            ]),
            { x: 60, y: 60, size: 8, text: '1 A note at the foot of the first page.' },
          ],
          column(60, 780, [
            'it goes on upon the second page, and it ends there. So it is told by all of them.',
          ]),
        ],
      }),
    );
    expect(outlineOf(document)).toEqual([
      'paragraph The first page ends in the middle of a sentence that nobody could call short, for it goes on upon the second page, and it ends there. So it is told by all of them.',
      'note 1 A note at the foot of the first page.',
    ]);
    const pageOf = (words: string) => anchorAt(document.anchors, document.text.indexOf(words))?.number;
    expect(pageOf('nobody')).toBe(1);
    expect(pageOf('it goes on')).toBe(2);
    expect(pageOf('A note')).toBe(1);
  });

  it('takes headings from the outline, with or without their numbers', async () => {
    const document = await documentIn(
      writePdf({
        pages: [
          [
            { x: 60, y: 760, text: '1 Gates', font: 'bold' },
            ...column(60, 730, [
              'Words of the first chapter, which stand here below its title, in one line of text.',
            ]),
          ],
          [
            { x: 60, y: 760, text: 'Keys', font: 'bold' },
            ...column(60, 730, [
              'Words of the second chapter, which stand here below its title, in one line of text.',
            ]),
          ],
        ],
        outline: [
          { title: 'Gates', page: 0 },
          { title: '2 Keys', page: 1 },
        ],
      }),
    );
    expect(outlineOf(document).filter((block) => block.startsWith('heading'))).toEqual([
      'heading1 1 Gates',
      'heading1 Keys',
    ]);
  });

  it('takes headings from the type where there is no outline', async () => {
    const line = 'Words that stand here below a title, in one line of text that is long enough to be one.';
    const document = await documentIn(
      writePdf({
        pages: [
          [
            { x: 60, y: 760, text: 'The Harbour', size: 20 },
            ...column(60, 720, [line, line]),
            { x: 60, y: 660, text: 'Its Gates', size: 14 },
            ...column(60, 630, [line, line]),
          ],
        ],
      }),
    );
    expect(outlineOf(document).filter((block) => block.startsWith('heading'))).toEqual([
      'heading1 The Harbour',
      'heading2 Its Gates',
    ]);
  });

  it('keeps the lines of code', async () => {
    const document = await documentIn(
      writePdf({
        pages: [
          [
            ...column(60, 760, [
              'The program is short, as one sees below, and does what it is told to do by its keeper.',
            ]),
            { x: 60, y: 730, text: 'while (open)', font: 'mono' },
            { x: 84, y: 718, text: 'wait();', font: 'mono' },
          ],
        ],
      }),
    );
    expect(outlineOf(document)[1]).toBe('code while (open)\n    wait();');
  });

  it('reads fonts that name a character map', async () => {
    const { text } = await documentIn(
      writePdf({
        pages: [column(60, 700, ['東京の港とは、', '二年ごとに手紙を交わす。'], { font: 'japanese' })],
      }),
    );
    expect(text).toBe('東京の港とは、二年ごとに手紙を交わす。');
  });

  it('counts scanned pages among others; a blank page lost nothing', async () => {
    const scan = writePdf({
      pages: [column(60, 700, ['Words on the first page of them.']), []],
      hasPictures: true,
    });
    expect(await documentIn(scan)).toMatchObject({
      parts: { kind: 'page', total: 2, read: 1 },
      unread: [{ kind: 'page', label: '2', reason: 'no-text' }],
    });
    const blank = await documentIn(writePdf({ pages: [column(60, 700, ['Words on the first page.']), []] }));
    expect(blank.parts).toEqual({ kind: 'page', total: 2, read: 2 });
  });
});
