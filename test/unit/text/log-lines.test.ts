import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templatesOf } from '../../../models/text/log-templates.js';
import { templatesOfLines, severityOf, withoutNumbers } from '../../../models/text/log-lines.js';

describe('lines of a log', () => {
  it('differ in what numbers say no more', () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) =>
        `01:${i % 60}:00 [web-${i % 7}] served request ${(i * 7919).toString(16).padStart(8, '0')} in ${i} ms`,
    );
    expect(new Set(lines.map(withoutNumbers)).size).toBe(1);
  });

  it('sound more or less bad', () => {
    expect(['INFO up', 'WARN slow', 'ERROR x', 'a panic'].map(severityOf)).toEqual([0, 1, 2, 3]);
    const tests = ['PASS: a fatal error is told', 'XFAIL: x', 'FAIL: x', 'ok 1 - fails', 'not ok 2 - opens'];
    expect(tests.map(severityOf)).toEqual([0, 0, 2, 0, 2]);
  });

  it('of a web server tell the status of its answers', () => {
    const answered = (status: number) =>
      `10.0.0.7 - - [23/Sep/2026:03:20:52 +0000] "GET /cart HTTP/1.1" ${status} 512`;
    expect([200, 304, 404, 503].map((status) => severityOf(answered(status)))).toEqual([0, 0, 1, 2]);
    const forms = [200, 201, 404, 500, 503].map((status) => withoutNumbers(answered(status)));
    expect(new Set(forms).size).toBe(3);
  });
});

describe('templates of lines', () => {
  const counts = (lines: readonly string[]) =>
    templatesOfLines(lines).map(({ first, count }) => [first, count]);

  it('of nothing are none', () => {
    expect(counts([])).toEqual([]);
  });

  it('of one line is itself', () => {
    const [form] = templatesOfLines(['all is well']);
    expect(form).toEqual({ first: 0, count: 1, salience: 0 });
  });

  it('are not made of lines that have only their length in common', () => {
    const lines = ['the sluice stuck', 'a pump failed', 'no one came', 'rain all night'];
    expect(counts(lines)).toEqual(lines.map((_, i) => [i, 1]));
  });

  it('are not one for few lines that differ in a word: these say different things', () => {
    const lines = ['INFO pump started', 'INFO pump stopped'];
    expect(counts(lines)).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('rank a word that stands once above fields that vary for themselves', () => {
    const lines = Array.from(
      { length: 400 },
      (_, i) =>
        `user ${['ann', 'bob', 'cy', 'di', 'ed'][i % 5]} read ${['a', 'b', 'c', 'd', 'e', 'f', 'g'][i % 7]}`,
    );
    lines[250] = 'user ann lost everything';
    const forms = templatesOfLines(lines);
    const best = forms.reduce((a, b) => (b.salience > a.salience ? b : a));
    expect(best.first).toBe(250);
    expect(forms.reduce((sum, { count }) => sum + count, 0)).toBe(400);
    for (const { salience } of forms) expect(salience).toBeLessThanOrEqual(1);
  });

  it('hold every line once, and equal lines together', () => {
    const word = fc.constantFrom('open', 'shut', 'door', 'gate', '7', 'x9', '');
    const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const templates = templatesOf(lines);
        expect(templates.length).toBe(lines.length);
        for (const [i, template] of templates.entries()) {
          expect(template).toBeLessThanOrEqual(i);
          expect(templates[template]).toBe(template);
          expect(template).toBe(templates[lines.indexOf(lines[i]!)]);
        }
      }),
    );
  });
});
