import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blocksOf } from '../../../../models/text/formats/parse-document.js';
import type { BlockKind } from '../../../../models/text/block.js';
import { cautionOf } from '../../../../models/summary/caution.js';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { formatOf, type Format } from '../../../../models/text/formats/detect-format.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import { ownSummaryOf } from '../../../../models/summary/author-summary.js';
import { linesOf } from '../../../../models/text/lines.js';
import { prose } from '../../../support/micro.js';

const fixture = (name: string) => readFileSync(`test/fixtures/formats/${name}`, 'utf8');

function documentOf(source: string) {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  return {
    text,
    layout,
    titles: layout.sections.map(({ title }) => title),
    sentences: layout.sentences.map(({ start, end }) => source.slice(start, end)),
  };
}
const ofKind = (source: string, kind: BlockKind) =>
  blocksOf(source).flatMap((block) => (block.kind === kind ? [source.slice(block.start, block.end)] : []));

interface Expected {
  readonly format: Format;
  readonly titles: readonly string[];
  readonly sentences: readonly string[];
  /** How some of the blocks begin. */
  readonly code?: readonly string[];
  readonly boilerplate?: readonly string[];
}

const CASES: readonly (readonly [string, Expected])[] = [
  [
    'manual.rst',
    {
      format: 'text',
      titles: ['Pool manual', 'Installing', 'Usage'],
      sentences: [
        'Run the installer.',
        'It needs no rights, e.g. none of those of an administrator.',
        'The pool is empty at first.',
        'Use it like this::',
        'It was added in :pep:`234`.',
        'See `the manual`_ for more.',
        'Puts a note into the pool.',
        '1.2 The score may be left out.',
        'A full pool forgets.',
        'What it forgets does not come back.',
      ],
      code: [
        '.. contents::',
        '.. code-block:: python',
        'pool.push(note)',
        '.. _target:',
        '.. function:: pool.push(note)\n              pool.push(note, score)',
      ],
      boilerplate: ['.. note::', '.. versionchanged::', '.. warning::'],
    },
  ],
  [
    'paper.tex',
    {
      format: 'latex',
      titles: ['Abstract', 'Introduction', 'Related work', 'Conclusion'],
      sentences: [
        'We keep the notes that matter in a bounded pool.',
        'The pool costs nothing\nat inference, cf.\\ Section~\\ref{sec:pool}, and halves the error.',
        'Recurrent models forget what they read long ago~\\cite{gu2023mamba}.',
        'In contrast,\na pool retains 50 notes, i.e.\\ at most 3,200 numbers.',
        'It is read by attention, see Fig.~\\ref{fig:pool}.',
        'The score of a note is learned with the model.',
        'Old notes leave when better ones come.',
        'Smith et al.\\ showed a similar effect.',
        'Their method needs more memory.',
        'Pools are useful.',
        'They will stay.',
      ],
      code: ['\\begin{equation}', '\\begin{figure}'],
      boilerplate: [
        '\\documentclass',
        '\\maketitle',
        '\\end{abstract}',
        '\\tableofcontents',
        '\\begin{itemize}',
        '\\end{itemize}',
        '\\end{document}',
      ],
    },
  ],
  [
    'page.html',
    {
      format: 'html',
      titles: ['Pool guide', 'Replacing notes'],
      sentences: [
        'The pool keeps <b>fifty notes</b>.',
        'It is read at every step&nbsp;of the model.',
        'A second paragraph says more.',
        'It runs over two lines.',
        'The weakest note goes first.',
        'Ties go to the earlier token.',
      ],
      code: ['<code>pool.push'],
      boilerplate: ['<title>', '<a href', 'Copyright 2024'],
    },
  ],
  [
    'module.py',
    {
      format: 'code',
      titles: ['', 'Pool', '__init__', 'push', 'merge'],
      sentences: [
        '"""Keeps notes of a document.',
        'The pool has a fixed size.',
        'When it is full, the weakest note leaves.',
        '"""A bounded set of notes, best first."""',
        '# Sizes below one make no sense, so refuse them early.',
        '"""Adds a note.',
        'Returns the one that had to leave, or None."""',
        '# The best of the union is the union of the best, so pools can be merged.',
      ],
      code: ['import heapq', 'if size < 1:', 'heapq.heappush', 'pool = Pool'],
    },
  ],
  [
    'package.go',
    {
      format: 'code',
      titles: ['', 'Pool', 'Push'],
      sentences: [
        '// Package pool keeps notes of a document.',
        '// Pool is a bounded set of notes.',
        'The weakest leaves first.',
        '// Push adds a note and drops the weakest where there is no room.',
      ],
    },
  ],
  [
    'captions.vtt',
    {
      format: 'captions',
      titles: ['0:00:01', '0:10:01'],
      sentences: [
        'Good morning everybody, let us begin with the budget.',
        'The budget is fine.',
        'We spent less than planned.',
        'Then we move on to the release on Friday.',
      ],
    },
  ],
  [
    'captions.srt',
    {
      format: 'captions',
      titles: [''],
      sentences: [
        'Good morning everybody, let us begin with the budget.',
        'The budget is fine.',
        'We spent less than planned.',
        'Then we move on to the release on Friday.',
      ],
    },
  ],
  [
    'workshop.txt',
    {
      format: 'turns',
      titles: ['0:00:03', '0:01:10', '0:12:41'],
      sentences: [
        'So welcome everybody to the workshop on state machines today.',
        'Thank you for having me here.',
        'I will talk about pools.',
        'Do pools cost anything at inference time?',
      ],
    },
  ],
  [
    'mission.txt',
    {
      format: 'turns',
      titles: [''],
      sentences: [
        'There went posigrades, capsule has separated.',
        'Roger, cap sep is green, turnaround started, manual handle out.',
        'Manual handle is out; the sky is very, very black.',
        "I haven't seen a booster anyplace.",
        'OK, rate command is coming on.',
        'Roger, rate command is coming on.',
        "You're trying manual pitch.",
      ],
    },
  ],
  [
    'records.jsonl',
    {
      format: 'records',
      titles: [''],
      sentences: [
        'The pool keeps fifty notes of the document.',
        'It never grows.',
        'When it is full, the weakest note leaves the pool at once.',
        'Nobody has measured what that costs on small machines yet.',
      ],
    },
  ],
  [
    'chinese.txt',
    {
      format: 'text',
      titles: ['第一章 状态池', '第二章 检索', '一、注意事项'],
      sentences: [
        '状态池最多保存五十条笔记。',
        '当它满了的时候，最弱的笔记就会离开。',
        '这样，模型的内存不会随着文档变长而增加。',
        '她回答说，“我们测量过了。”',
        '检索从文档的最终状态出发。',
        '问题会读取所有的笔记，并返回最相关的段落；每个段落都有准确的位置。',
        '模型主要用英文训练，对中文的理解较弱。',
      ],
    },
  ],
];

describe.each(CASES)('%s', (name, expected) => {
  const source = fixture(name);

  it('is known by its lines', () => {
    expect(formatOf(linesOf(source))).toBe(expected.format);
  });

  it('has its own sections', () => {
    expect(documentOf(source).titles).toEqual(expected.titles);
  });

  it('has whole sentences and nothing else in them', () => {
    expect(documentOf(source).sentences).toEqual(expected.sentences);
  });

  it('keeps code and boilerplate apart', () => {
    const { code = [], boilerplate = [] } = expected;
    const begins = (found: readonly string[], wanted: readonly string[]) => {
      for (const [i, text] of wanted.entries())
        expect(found[i]?.startsWith(text), `${found[i]} | ${text}`).toBe(true);
    };
    begins(ofKind(source, 'code'), code);
    begins(ofKind(source, 'boilerplate'), boilerplate);
  });

  it('is the same with CR LF', () => {
    const { titles, sentences } = documentOf(source.replaceAll('\n', '\r\n'));
    expect(titles).toEqual(expected.titles);
    expect(sentences.map((text) => text.replaceAll('\r\n', '\n'))).toEqual(expected.sentences);
  });
});

describe('logs', () => {
  it.each(['syslog.log', 'access.log', 'klog.log', 'levels.log'])('%s is cut into its entries', (name) => {
    const source = fixture(name);
    expect(formatOf(linesOf(source))).toBe('log');
    expect(documentOf(source).sentences).toEqual(source.trimEnd().split('\n'));
  });

  it('without stamps are known by what they repeat', () => {
    const names = [
      'libgdbm6',
      'perl',
      'libexpat1',
      'python3-minimal',
      'media-types',
      'libreadline8',
      'zlib1g',
    ];
    const entries = Array.from({ length: 60 }, (_, i) => [
      `Selecting previously unselected package ${names[i % 7]}-${'abcdefghijk'[i % 11]}.`,
      `Preparing to unpack .../${names[(i * 3) % 7]}_${i}_amd64.deb ...`,
    ]).flat();
    entries.splice(20, 0, 'dpkg: error processing archive\n  cannot copy extracted data');
    const source = entries.join('\n');
    expect(formatOf(linesOf(source))).toBe('log');
    expect(documentOf(source).sentences).toEqual(entries);
  });

  it('of a system are no talk, for all that stands before colons', () => {
    const said = [
      'Started session of user root.',
      'link up',
      'Accepted publickey for carol',
      'Failed password',
    ];
    const source = Array.from(
      { length: 40 },
      (_, i) => `Jul 02 18:00:${String(i).padStart(2, '0')} node${i % 3} systemd[${i}]: ${said[i % 4]}`,
    ).join('\n');
    expect(formatOf(linesOf(source))).toBe('log');
  });

  it('of tests are no talk either', () => {
    const source = Array.from(
      { length: 50 },
      (_, i) => `PASS: suite/${'abcde'[i % 5]}.exp: step ${i} goes well`,
    );
    expect(formatOf(linesOf(source.join('\n')))).toBe('log');
    const tap = ['ok 1 - opens', 'not ok 2 - closes', 'ok 3 - opens again # SKIP', 'ok 4 - ends'];
    expect(documentOf(tap.join('\n')).sentences).toEqual(tap);
  });

  it('in JSON lines are logs, others are records', () => {
    const entry = (i: number) =>
      JSON.stringify({ ts: `2026-08-20T04:00:3${i}Z`, level: 'info', msg: 'cache miss' });
    expect(formatOf(linesOf([1, 2, 3, 4].map(entry).join('\n')))).toBe('log');
  });
});

describe('the format of a text', () => {
  it.each([
    ['a novel', prose(5000)],
    [
      'a list of settings',
      Array.from({ length: 20 }, (_, i) => `Type: value${i}\nName: item${i}`).join('\n'),
    ],
    ['a list in YAML', 'name: web\nimage: nginx:1.25\nport: 80\n'.repeat(30)],
    ['a table', Array.from({ length: 60 }, (_, i) => `| ${i} | ${prose(10)} | ${i * i} |`).join('\n')],
    ['Markdown with code', `# Use\n\n${'```js\nconst a = 1;\nuse(a);\n```\n\nThen go on.\n\n'.repeat(8)}`],
    ['a short text', 'Hello there.'],
    ['nothing', ''],
  ])('of %s is text', (_, text) => {
    expect(formatOf(linesOf(text))).toBe('text');
  });
});

describe('caution', () => {
  const caution = (source: string) => {
    const { layout } = documentOf(source);
    return cautionOf(layout);
  };
  const english =
    'The pool keeps fifty notes of the document, and it never grows. When it is full, the weakest of them leaves at once, so that there is room for the next one.';
  const german =
    'Der Vorrat behält fünfzig Notizen des Dokuments und wächst nie. Wenn er voll ist, geht die schwächste sofort, damit Platz für die nächste ist. Niemand hat bisher gemessen, was das auf kleinen Rechnern kostet.';

  it.each([
    ['English', english, undefined],
    ['German', german, 'language'],
    ['Chinese', fixture('chinese.txt'), 'language'],
    ['code', `${fixture('module.py')}\n${'    pool.push(note)\n'.repeat(60)}`, 'code'],
    ['a log', fixture('syslog.log'), undefined],
    ['a few words', 'Bonjour.', undefined],
  ])('of %s', (_, source, expected) => {
    expect(caution(source)).toBe(expected);
  });
});

describe('an abstract in LaTeX', () => {
  it('is the authors’ own summary', () => {
    const { text, layout, sentences } = documentOf(fixture('paper.tex') + prose(8000));
    const own = ownSummaryOf(text, layout)!;
    expect(sentences.slice(own.from, own.to)[0]).toBe('We keep the notes that matter in a bounded pool.');
    expect(own.to - own.from).toBe(2);
  });
});
