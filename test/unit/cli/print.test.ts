import { describe, expect, it } from 'vitest';
import type { Answer, Passage, Summary } from '../../../models/document/types.js';
import type { TerminalCheck } from '../../../models/cli/check.js';
import type { Placed } from '../../../models/cli/places.js';
import { describe as inWords } from '../../../models/cli/print.js';

const passage = (text: string, more: Partial<Placed> = {}): Passage => ({
  start: 0,
  end: text.length,
  line: 12,
  text,
  score: 0.314159,
  ...more,
});

describe('a summary in words', () => {
  const summary: Summary = {
    coverage: { tokens: 100, bytes: 400, complete: true },
    format: 'log',
    engine: 'cpu',
    model: 'tiny',
    overview: [passage('Disk  full\non node 3', { count: 7 })],
    sections: [
      {
        start: 0,
        end: 10,
        title: ' Night \n shift ',
        lines: { first: 1, last: 4 },
        sentences: [passage('Quiet.', { place: { kind: 'page', label: 'iv' } })],
      },
      ...(['opening', 'untimed', 'part'] as const).map((unnamed) => ({
        start: 10,
        end: 20,
        title: '',
        unnamed,
        lines: { first: 5, last: 9 },
        sentences: [],
      })),
    ],
    keyTerms: [{ term: 'disk', count: 3, start: 0, end: 4, line: 1 }],
    timing: { readMs: 1250, analyseMs: 3, tokensPerSecond: 80.4 },
  };
  const lines = (result: Summary) => inWords({ command: 'summarize', result }).split('\n');

  it('says what was read, and names every section', () => {
    expect(lines(summary)).toEqual([
      'Read whole: 100 tokens, 400 bytes (tiny on cpu, 1.3 s, 80 tokens/s), as log',
      '',
      'Overview',
      '      12  Disk full on node 3  (7 lines like this)',
      '',
      'Night shift',
      '      12  Quiet.  [page iv]',
      '',
      '(before the first heading)',
      '',
      '(before the first time stamp)',
      '',
      'Lines 5–9',
      '',
      'Key terms: disk (3)',
    ]);
  });

  it('counts lines from below where not all was read', () => {
    const part = lines({ ...summary, coverage: { ...summary.coverage, complete: false } });
    expect(part[0]).toMatch(/^Read in part: /);
    expect(part[3]).toMatch(/\(at least 7 lines like this\)$/);
    const staged = lines({ ...summary, coverage: { ...summary.coverage, scannedBytes: 16_000 } });
    expect(staged[0]).toMatch(/^Read in stages, 2\.5 % by the model: /);
    expect(staged[3]).toMatch(/\(at least 7 lines like this\)$/);
  });

  it('warns of what the model was not trained on', () => {
    expect(lines({ ...summary, caution: 'language' })[1]).toMatch(/^The text is not English/);
    expect(lines({ ...summary, caution: 'code' })[1]).toMatch(/^The text is mostly source code/);
  });

  it('begins with what of the file was not read', () => {
    const file = { format: 'pdf', unread: 'Read 1 of 2 pages; without text: 2' } as const;
    const words = inWords({ command: 'summarize', result: { ...summary, file } });
    expect(words).toMatch(/^Read 1 of 2 pages; without text: 2\.\nRead whole/);
  });
});

describe('an answer in words', () => {
  const evidence = [passage('The key is 48213.', { place: { kind: 'chapter', label: 'The  mill' } })];
  const inAnswer = (answer: Partial<Answer>) =>
    inWords({ command: 'ask', result: { answer: '48213', verified: false, evidence, ...answer } });

  it('says whether it stands in the text', () => {
    expect(inAnswer({ verified: true })).toBe(
      '48213  (stands in the text at the evidence)\n\n“The mill”, line 12  (0.31)\n  The key is 48213.',
    );
    expect(inAnswer({})).toMatch(/^48213 {2}\(NOT verified: not found at the evidence\)\n\n/);
    expect(inAnswer({ remembered: '48219', verified: true })).toMatch(
      /^48213 {2}\(the place was looked up for this question; the memory said: 48219\)\n\n“The mill”/,
    );
  });

  it('says how far was looked where there is none', () => {
    expect(inAnswer({ answer: 'none' })).toMatch(/^The text does not say \(none\)\./);
    expect(inAnswer({ answer: 'none', lookedUp: true })).toMatch(/all of it was searched/);
  });
});

describe('figures in words', () => {
  it('leave the end of a stay open that lasts', () => {
    const token = { start: 0, end: 3, retention: 0.5 };
    const pool = [
      { layer: 2, enteredAt: 10, leftAt: 40 },
      { layer: 5, enteredAt: 10, leftAt: null },
    ];
    const tokens = [
      { ...token, pool },
      { ...token, pool: [] },
    ];
    const [, kept, forgotten] = inWords({ command: 'retention', result: { tokens } }).split('\n');
    expect(kept).toBe('       0       3   0.500000  2 10–40, 5 10–');
    expect(forgotten).toBe('       0       3   0.500000');
  });

  it('are perplexities and bits a byte', () => {
    const result = { lengths: [{ length: 1000, windows: 3, nll: Math.log(20), bitsPerByte: 1.25 }] };
    expect(inWords({ command: 'perplexity', result }).split('\n')[1]).toBe(
      '    1000        3      2.9957       20.00     1.2500',
    );
  });
});

describe('a check in words', () => {
  const report: TerminalCheck = {
    node: 'v20.10.0',
    platform: 'linux x64',
    processor: 'A processor',
    adapter: {
      description: 'A GPU',
      software: true,
      features: ['f16', 'subgroups'],
      limits: { maxBufferSize: 4 },
    },
    selfTest: [
      { kernel: 'scan', passed: true, detail: 'error 1e-7' },
      { kernel: 'pool', passed: false, detail: 'error 3' },
    ],
    engine: null,
    engineError: 'no model',
  };

  it('shows adapter, limits, kernels and why there is no engine', () => {
    expect(inWords({ command: 'check', result: report }).split('\n')).toEqual([
      'Node v20.10.0 on linux x64, A processor',
      'WebGPU: A GPU (software)',
      '  maxBufferSize: 4',
      '  features: f16, subgroups',
      '  passed  scan: error 1e-7',
      '  FAILED  pool: error 3',
      'Engine: none, no model',
    ]);
  });
});
