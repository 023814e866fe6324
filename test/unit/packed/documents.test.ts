import { zipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { anchorAt } from '../../../models/packed/anchors.js';
import { documentIn, outlineOf, packedFixture } from '../../support/packed.js';

/** What all formats make of `report.md`. */
const GATES =
  'The harbour has two gates. The north gate is open by day.[1] Ships of more than 40 m use the south gate, whose code is 48213.';
const BODY = [
  'heading2 Keys',
  'item1 1. The master key hangs in the office.',
  'item1 2. Copies are with:',
  'item2 • the pilot',
  'item2 • the harbour master',
  'heading2 Berths',
  'row Berth\tLength\tKeeper',
  'row A1\t40 m\tHugo',
  'row B7\t120 m\tMüller',
];
const NOTE = 'note [1] From 6 in the morning to 8 in the evening.';
const JAPANESE = 'paragraph 東京の港とは、二年ごとに手紙を交わす。';

describe('DOCX', () => {
  it('gives headings, numbered and nested items, rows, notes, quotations and code', async () => {
    const document = await documentIn(packedFixture('report.docx'));
    expect(document.title).toBe('Report of the Harbour Office');
    expect(outlineOf(document)).toEqual([
      'heading1 Report of the Harbour Office',
      'paragraph Clara Voss',
      'heading1 Gates',
      `paragraph ${GATES}`,
      NOTE,
      ...BODY,
      'heading1 Rules',
      'quote No open fire on the quay.',
      'code signal --green\n  wait 5',
      JAPANESE,
    ]);
    const header = document.blocks.filter(({ isHeader }) => isHeader);
    expect(
      header.map(({ cells }) => cells?.map(({ start, end }) => document.text.slice(start, end))),
    ).toEqual([['Berth', 'Length', 'Keeper']]);
  });

  it('leaves out what was deleted, hidden text and field codes, and keeps text boxes once', async () => {
    const paragraph = (inner: string) => `<w:p>${inner}</w:p>`;
    const run = (text: string, properties = '') => `<w:r>${properties}<w:t>${text}</w:t></w:r>`;
    const box = (name: string, text: string) =>
      `<${name}><w:txbxContent>${paragraph(run(text))}</w:txbxContent></${name}>`;
    const document = await documentIn(
      docx(
        paragraph(`${run('kept ')}<w:del>${run('gone')}</w:del><w:ins>${run('added')}</w:ins>`),
        paragraph(`${run('seen')}${run('hidden', '<w:rPr><w:vanish/></w:rPr>')}`),
        paragraph(`<w:r><w:instrText>PAGE \\* MERGEFORMAT</w:instrText></w:r>${run('page 7')}`),
        paragraph(
          `${run('around')}<mc:AlternateContent><mc:Choice>${box('wps:txbx', 'boxed')}</mc:Choice><mc:Fallback>${box('v:textbox', 'boxed')}</mc:Fallback></mc:AlternateContent>`,
        ),
      ),
    );
    expect(document.text).toBe('kept added\n\nseen\n\npage 7\n\nboxed\n\naround');
  });

  it('numbers clauses as Word prints them', async () => {
    const level = (i: number, format: string, text: string) =>
      `<w:lvl w:ilvl="${i}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
    const numbering = `<w:numbering><w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'decimal', '%1.%2')}${level(2, 'lowerRoman', '(%3)')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`;
    const clause = (i: number, text: string) =>
      `<w:p><w:pPr><w:numPr><w:ilvl w:val="${i}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const body = [
      clause(0, 'Term'),
      clause(1, 'a'),
      clause(1, 'b'),
      clause(2, 'c'),
      clause(2, 'd'),
      clause(0, 'Fees'),
      clause(1, 'e'),
    ];
    const document = await documentIn(docx(...body, { 'word/numbering.xml': numbering }));
    expect(document.text.split('\n')).toEqual([
      '1. Term',
      '1.1 a',
      '1.2 b',
      '(i) c',
      '(ii) d',
      '2. Fees',
      '2.1 e',
    ]);
  });

  it('keeps what stands before the damage and says so', async () => {
    const whole = packedFixture('report.docx');
    const document = await documentIn(whole.subarray(0, whole.length - 300));
    expect(document.text).toContain('whose code is 48213');
    expect(document.unread).toContainEqual({ kind: 'file', label: 'directory', reason: 'broken' });
  });
});

/** A Word document of nothing but a body, and other parts by name. */
function docx(...body: (string | Record<string, string>)[]): Uint8Array {
  const inner = body.filter((part) => typeof part === 'string').join('');
  const parts = Object.assign({}, ...body.filter((part) => typeof part !== 'string')) as Record<
    string,
    string
  >;
  return zipped({ 'word/document.xml': `<w:document><w:body>${inner}</w:body></w:document>`, ...parts });
}

const zipped = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

describe('ODT', () => {
  it('gives the same blocks as DOCX', async () => {
    const document = await documentIn(packedFixture('report.odt'));
    expect(outlineOf(document)).toEqual([
      'heading1 Report of the Harbour Office',
      'paragraph Clara Voss',
      'heading1 Gates',
      `paragraph ${GATES}`,
      NOTE,
      ...BODY,
      'heading1 Rules',
      'quote No open fire on the quay.',
      'code signal --green',
      'code   wait 5',
      JAPANESE,
    ]);
  });
});

describe('EPUB', () => {
  it('follows the spine, names chapters by the table of contents, and tells notes', async () => {
    const document = await documentIn(packedFixture('report.epub'));
    expect(document.parts).toEqual({ kind: 'chapter', total: 3, read: 3 });
    expect(outlineOf(document)).toEqual([
      'heading1 Report of the Harbour Office',
      'paragraph Clara Voss',
      'heading1 Gates',
      `paragraph ${GATES.replace('[1]', '1')}`,
      ...BODY,
      'note1 1. From 6 in the morning to 8 in the evening.',
      'heading1 Rules',
      'quote No open fire on the quay.',
      'code signal --green\n  wait 5',
      JAPANESE,
    ]);
    const chapterOf = (words: string) => anchorAt(document.anchors, document.text.indexOf(words))?.label;
    expect(chapterOf('The harbour')).toBe('Gates');
    expect(chapterOf('Müller')).toBe('Berths');
    expect(chapterOf('No open fire')).toBe('Rules');
  });

  const container = '<container><rootfiles><rootfile full-path="a/b.opf"/></rootfiles></container>';
  const book = (files: Record<string, string>, spine: readonly string[]) =>
    zipped({
      'META-INF/container.xml': container,
      'a/b.opf': `<package><metadata><dc:title>T</dc:title></metadata><manifest>${spine
        .map(
          (name) =>
            `<item id="${name}" href="${encodeURIComponent(name)}" media-type="application/xhtml+xml"/>`,
        )
        .join(
          '',
        )}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest><spine>${spine
        .map((name) => `<itemref idref="${name}"/>`)
        .join('')}</spine></package>`,
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`a/${name}`, text])),
    });

  it('reads EPUB 2 with its own contents, and makes headings of paragraphs that these name', async () => {
    const ncx =
      '<ncx><navMap><navPoint><navLabel><text>The Start</text></navLabel><content src="1%20x.html"/></navPoint><navPoint><navLabel><text>The End</text></navLabel><content src="2.html#e"/></navPoint><navPoint><navLabel><text>After</text></navLabel><content src="2.html#f"/></navPoint></navMap></ncx>';
    const document = await documentIn(
      book(
        {
          'toc.ncx': ncx,
          '1 x.html':
            '<html><head><title>no</title></head><body><p class="h">The Start</p><p>One&nbsp;day&hellip;</body></html>',
          '2.html':
            '<body><p>Before.</p><div id="e"><p>The End</p><p>So<br/>it was.</p></div><p id="f">Later.</p></body>',
        },
        ['1 x.html', '2.html'],
      ),
    );
    expect(outlineOf(document)).toEqual([
      'heading1 The Start',
      'paragraph One\u00a0day…',
      'paragraph Before.',
      'heading1 The End',
      'paragraph So\nit was.',
      'paragraph Later.',
    ]);
    expect(document.anchors.map(({ label }) => label)).toEqual(['The Start', 'The End', 'After']);
  });

  it('counts chapters that are missing, or pictures alone', async () => {
    const document = await documentIn(
      book({ '1.html': '<p>Words.</p>', '2.html': '<p><img src="scan.png"/></p>' }, [
        '1.html',
        '2.html',
        '3.html',
      ]),
    );
    expect(document.parts).toEqual({ kind: 'chapter', total: 3, read: 1 });
    expect(document.unread).toEqual([
      { kind: 'chapter', label: '2.html', reason: 'no-text' },
      { kind: 'chapter', label: '3.html', reason: 'broken' },
    ]);
  });
});

describe('PPTX', () => {
  it('reads slide by slide', async () => {
    const document = await documentIn(packedFixture('report.pptx'));
    expect(document.parts).toEqual({ kind: 'slide', total: 4, read: 4 });
    const blocks = outlineOf(document);
    expect(blocks[0]).toBe('heading1 Report of the Harbour Office');
    expect(blocks).toContain('row A1\t40 m\tHugo');
    expect(blocks).toContain('item2 • the pilot');
    expect(anchorAt(document.anchors, document.text.indexOf('No open fire'))).toMatchObject({
      kind: 'slide',
      label: '3',
    });
  });
});

describe('XLSX', () => {
  it('reads rows with strings, numbers, dates and truth values, and leaves hidden sheets out', async () => {
    const sheet = (rows: string) => `<worksheet><sheetData>${rows}</sheetData></worksheet>`;
    const document = await documentIn(
      zipped({
        'xl/workbook.xml':
          '<workbook><sheets><sheet name="Ships &amp; keys" r:id="r1"/><sheet name="Old" state="hidden" r:id="r2"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml" Type="x/worksheet"/><Relationship Id="r2" Target="worksheets/sheet2.xml" Type="x/worksheet"/></Relationships>',
        'xl/sharedStrings.xml':
          '<sst><si><t>Name</t></si><si><r><t>Cla</t></r><r><t>ra</t></r><rPh><t>no</t></rPh></si></sst>',
        'xl/styles.xml':
          '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        'xl/worksheets/sheet1.xml': sheet(
          '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Paid</t></is></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>0.30000000000000004</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" s="1"><v>45352</v></c><c r="E2" s="2"><v>45352.604166666664</v></c></row>',
        ),
        'xl/worksheets/sheet2.xml': sheet('<row><c><v>1</v></c></row>'),
      }),
    );
    expect(outlineOf(document)).toEqual([
      'heading1 Ships & keys',
      'row Name\t\tPaid',
      'row Clara\t0.3\tTRUE\t2024-03-01\t2024-03-01 14:30',
    ]);
    expect(document.anchors).toEqual([{ kind: 'sheet', label: 'Ships & keys', number: 1, start: 0 }]);
  });
});
