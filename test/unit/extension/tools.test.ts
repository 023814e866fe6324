import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerText, passagesText, summaryText } from '../../../extension/tools/result-text.js';
import type { Passage } from '../../../models/document/types.js';

const passage = (line: number, text: string): Passage => ({
  start: 0,
  end: text.length,
  line,
  text,
  score: 1,
});
const whole = { tokens: 10, bytes: 50, complete: true };
const staged = { ...whole, scannedBytes: 1000 };

describe('what a language model is told', () => {
  it('has the lines, and the share that was read', () => {
    expect(passagesText({ name: 'a.log' }, staged, [passage(7, 'two\nlines')])).toBe(
      'Passages of a.log, best first. The model read 5.0 % of it, chosen by a fast pass over every byte.\n\n- line 7: two lines',
    );
    expect(passagesText({ name: 'a.log' }, { ...whole, complete: false }, [])).toBe(
      'No passage of a.log matches. Only its first 50 bytes were read.',
    );
    const summary = summaryText(
      { name: 'a.md' },
      {
        coverage: whole,
        engine: 'cpu',
        model: 'tiny',
        overview: [passage(1, 'First.')],
        sections: [
          { title: 'One', start: 0, end: 9, lines: { first: 1, last: 3 }, sentences: [passage(3, 'Third.')] },
          {
            title: '',
            unnamed: 'part',
            start: 9,
            end: 20,
            lines: { first: 4, last: 1234 },
            sentences: [passage(5, 'Fifth.')],
          },
        ],
        keyTerms: [{ term: 'mill', count: 4, start: 0, end: 4, line: 1 }],
        format: 'text',
        timing: { readMs: 1, analyseMs: 1, tokensPerSecond: 1 },
      },
    );
    expect(summary).toMatch(/All of it was read/);
    expect(summary).toMatch(/- line 1: First\.\n\n## One\n- line 3: Third\./);
    expect(summary).toMatch(/## Lines 4–1234\n- line 5: Fifth\./);
    expect(summary).toMatch(/mill \(4\)/);
  });

  it('never takes an unverified answer for a fact', () => {
    const evidence = [passage(2, 'The key is 42.')];
    expect(answerText({ name: 'a' }, whole, { answer: '42', verified: true, evidence })).toMatch(
      /^42\nIt stands verbatim/,
    );
    expect(answerText({ name: 'a' }, whole, { answer: '43', verified: false, evidence })).toMatch(
      /NOT verified/,
    );
    expect(answerText({ name: 'a' }, whole, { answer: 'none', verified: false, evidence: [] })).toMatch(
      /does not say/,
    );
    const looked = { answer: 'none', verified: false, lookedUp: true, evidence: [] };
    expect(answerText({ name: 'a' }, whole, looked)).toMatch(
      /does not seem to say.*searched for this question/,
    );
    const found = { answer: '42', verified: true, remembered: 'none', lookedUp: true, evidence };
    expect(answerText({ name: 'a' }, whole, found)).toMatch(
      /verbatim.*place was looked up for this question/,
    );
  });
});

describe('the manifest', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const { contributes } = JSON.parse(read('package.json')) as {
    contributes: {
      languageModelTools: { name: string }[];
      commands: { command: string }[];
    };
  };

  it('contributes the tools and the commands that are registered', () => {
    const tools = [...read('extension/tools/tools.ts').matchAll(/(memmamba_\w+): tool/g)].map(
      ([, name]) => name,
    );
    expect(contributes.languageModelTools.map(({ name }) => name).sort()).toEqual(tools.sort());
    const registered = [...read('extension/commands/run.ts').matchAll(/'(memmamba\.\w+)': \w+/g)];
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual(
      registered.map(([, name]) => name).sort(),
    );
  });
});
