import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineIndex } from '../../../models/text/line-index.js';
import { createDocumentMemory, type ReadProgress } from '../../../models/document/index.js';
import { fastPass } from '../../../models/staged/fast-pass.js';
import { SEPARATOR, StagedText, type Part } from '../../../models/staged/staged-text.js';
import { StagedDocument } from '../../../models/staged/staged-document.js';
import { CountingPass } from '../../../models/staged/counting-pass.js';
import { readWithin, type Budget } from '../../../models/staged/read-within.js';
import { LONGEST_STRETCH, StretchCutter } from '../../../models/staged/stretches.js';
import { WordScanner } from '../../../models/staged/word-scanner.js';
import { characterTokenizer, microEngine, readerlessEngine, pieces, prose } from '../../support/micro.js';

const lineOf = (text: string) => {
  const lines = new LineIndex();
  lines.append(text);
  return (offset: number) => lines.lineOf(offset);
};

/** A log of `count` lines from a few templates, with other numbers in every line. */
function log(count: number, seed = 1): string[] {
  let state = seed;
  const next = (n: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % n;
  const templates = [
    () => `INFO http request ${next(1e9).toString(16)} GET /api/items/${next(1e6)} 200 ${next(900)}ms`,
    () => `DEBUG cache hit for key ${next(1e9).toString(16)} ttl=${next(3600)}`,
    () => `WARN db slow query took ${next(9000)} ms: select * from orders where id = ${next(1e7)}`,
    () => `INFO scheduler job ${next(1e9).toString(16)} finished with status ${next(3)}`,
  ];
  return Array.from(
    { length: count },
    (_, i) => `2026-01-02T03:${String(i % 60).padStart(2, '0')} ${templates[next(4)]!()}`,
  );
}

/** What stands in the parts. */
const textsOf = ({ parts }: StagedText, text: string) =>
  parts.map(({ start, end }) => text.slice(start, end));

/** The staged text, cut out of the document. */
const stagedOf = (map: StagedText, text: string) => textsOf(map, text).join(SEPARATOR);

describe('stretches', () => {
  const anyText = fc
    .array(
      fc.oneof(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '7', '漢', '🙂') }),
        fc.constantFrom('x'.repeat(1500), 'word '.repeat(400), '🙂'.repeat(700), '\r\n'),
      ),
    )
    .map((parts) => parts.join(''));

  it('join to the text, are bounded, know their lines, and do not depend on the pieces', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, size) => {
        const cut = (step: number) => {
          const found: { text: string; start: number; line: number; endsLine: boolean }[] = [];
          const cutter = new StretchCutter((piece, from, to, start, line, endsLine) =>
            found.push({ text: piece.slice(from, to), start, line, endsLine }),
          );
          for (let at = 0; at < text.length; at += step) cutter.push(text.slice(at, at + step));
          cutter.end();
          return found;
        };
        const stretches = cut(size);
        const line = lineOf(text);
        expect(stretches.map((stretch) => stretch.text).join('')).toBe(text);
        for (const stretch of stretches) {
          expect(stretch.text.length).toBeGreaterThan(0);
          expect(stretch.text.length).toBeLessThanOrEqual(LONGEST_STRETCH + 2);
          expect(stretch.line).toBe(line(stretch.start));
          expect(stretch.endsLine).toBe(/[\r\n]$/.test(stretch.text));
          expect(stretch.text).not.toMatch(/[\ud800-\udbff]$/);
        }
        expect(cut(text.length + 1)).toEqual(stretches);
      }),
    );
  });
});

describe('words', () => {
  it('take literals by their class, and letters in any case', () => {
    const hashes = (text: string) => {
      const scanner = new WordScanner();
      scanner.scan(text, 0, text.length);
      return [...scanner.hashes.subarray(0, scanner.count)];
    };
    expect(hashes('took 4711 ms at node a1b2')).toEqual(hashes('TOOK 0815 ms at Node f00d'));
    expect(hashes('took 4711 ms')).not.toEqual(hashes('took 47110 ms'));
    expect(hashes('alpha beta')).not.toEqual(hashes('beta alpha'));
    expect(hashes('漢字')).toHaveLength(2);
  });
});

describe('staged text', () => {
  /** A text and parts of it: whole lines. */
  const staged = fc
    .tuple(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '🙂') }), { minLength: 4, maxLength: 30 }),
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.constantFrom('\n', '\r\n', '\r'),
    )
    .map(([lines, chosen, end]) => {
      const parts: Part[] = [];
      let text = '';
      for (const [i, line] of lines.entries()) {
        const start = text.length;
        text += line + end;
        const last = parts.at(-1);
        if (!chosen[i]) continue;
        if (last?.end === start) parts[parts.length - 1] = { ...last, end: text.length, endLine: i + 2 };
        else parts.push({ start, end: text.length, line: i + 1, endLine: i + 2 });
      }
      return { text, parts };
    });

  it('holds the parts, and knows where in the document everything is', () => {
    fc.assert(
      fc.property(staged, ({ text, parts }) => {
        const map = new StagedText(parts);
        const read = [...map.pieces(textsOf(map, text))].join('');
        expect(read).toBe(stagedOf(map, text));
        expect(map.starts).toEqual(
          parts.map(
            (_, i) =>
              stagedOf(new StagedText(parts.slice(0, i + 1)), text).length - textsOf(map, text)[i]!.length,
          ),
        );
        expect(read.length).toBe(map.units + map.separators);
        const stagedLine = lineOf(read);
        const line = lineOf(text);
        for (const part of parts) {
          for (let at = part.start; at < part.end; at++) {
            const [range] = map.fromDocument(at, at + 1);
            expect(read[range!.start]).toBe(text[at]);
            const back = map.toDocument(range!.start, range!.end);
            expect([back.start, back.end]).toEqual([at, at + 1]);
            expect(map.lineOf(range!.start, stagedLine(range!.start))).toBe(line(at));
          }
        }
      }),
    );
  });

  it('cuts what reaches over two parts down to the one that holds most of it', () => {
    const map = new StagedText([
      { start: 10, end: 20, line: 2, endLine: 3 },
      { start: 100, end: 150, line: 9, endLine: 12 },
    ]);
    const from = 10 + SEPARATOR.length;
    expect(map.toDocument(8, from + 20)).toEqual({ start: 100, end: 120, from, to: from + 20 });
    expect(map.toDocument(2, from + 3)).toEqual({ start: 12, end: 20, from: 2, to: 10 });
  });
});

describe('the fast pass', () => {
  const word = fc.string({
    unit: fc.integer({ min: 0x61, max: 0x7a }).map((code) => String.fromCharCode(code)),
    minLength: 5,
    maxLength: 9,
  });

  it('chooses a line that is like no other, wherever it is and whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 4, maxLength: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        async (said, depth, seed) => {
          const lines = log(2000, seed);
          const strange = `${said.join(' ')}.`;
          lines.splice(Math.round(depth * lines.length), 0, strange);
          const text = `${lines.join('\n')}\n`;
          const pass = await fastPass(() => pieces(text, 5000), { tokens: 2000 });
          expect(pass.isWhole).toBe(false);
          expect(pass.units).toBe(text.length);
          expect(pass.chosenTokens).toBeLessThan(2600);
          expect(pass.texts.join(SEPARATOR)).toContain(strange);
          const line = lineOf(text);
          for (const [i, part] of pass.parts.entries()) {
            expect(part.start).toBeGreaterThan(pass.parts[i - 1]?.end ?? -1);
            expect([part.line, part.endLine]).toEqual([line(part.start), line(part.end)]);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('finds an unusual number in prose', async () => {
    const lines = prose(200_000).split('\n\n');
    lines.splice(130, 0, 'the old mill stood by a river and its wheel turned 902184 times');
    const text = lines.join('\n\n');
    const { texts } = await fastPass(() => pieces(text, 5000), { tokens: 3000 });
    expect(texts.join(SEPARATOR)).toContain('902184');
  });

  it('has two of a template, its beginning and its end at least', async () => {
    const lines = log(3000);
    const text = lines.join('\n');
    const { parts } = await fastPass(() => pieces(text, 5000), { tokens: 1500 });
    expect(parts[0]!.start).toBe(0);
    expect(parts.at(-1)!.end).toBe(text.length);
  });

  it('takes the whole of a short text, and nothing of none', async () => {
    const text = prose(3000);
    const short = await fastPass(() => pieces(text), { tokens: 5000 });
    expect(short).toMatchObject({ isWhole: true, units: 3000 });
    expect(short.parts).toMatchObject([{ start: 0, end: 3000, line: 1 }]);
    expect((await fastPass(() => pieces(''), { tokens: 10 })).parts).toEqual([]);
  });

  it('takes one line of any length in stretches', async () => {
    const text = `${'the warden spoke to the bishop of it '.repeat(30_000)} zanzibar quixotic 90210 ${'the warden spoke '.repeat(9000)}`;
    const { parts, texts } = await fastPass(() => pieces(text, 60_000), { tokens: 4000 });
    expect(texts.join(SEPARATOR)).toContain('zanzibar quixotic 90210');
    expect(parts.every(({ line, endLine }) => line === 1 && endLine === 1)).toBe(true);
  });

  it('takes the text of what it chooses along, whatever the pieces, and who has counted', async () => {
    const lines = log(800).flatMap((line, i) => (i % 50 === 0 ? ['', line] : [line]));
    lines.splice(400, 0, 'x'.repeat(2500), '漢字 🙂 quokkas');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 300, max: 3000 }),
        async (end, size, tokens) => {
          const text = lines.join(end);
          const pass = await fastPass(() => pieces(text, size), { tokens });
          expect(pass.texts).toEqual(textsOf(new StagedText(pass.parts), text));
          const counted = new CountingPass();
          for await (const piece of pieces(text, 777)) counted.push(piece);
          counted.end();
          let opened = 0;
          const open = () => {
            opened++;
            return pieces(text, 999);
          };
          expect(await fastPass(open, { tokens, counted })).toEqual(pass);
          expect(opened).toBe(1);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const text = log(20_000).join('\n');
    const looked: number[] = [];
    const pass = fastPass(() => pieces(text, 50_000), {
      tokens: 100,
      signal: controller.signal,
      onProgress: (units) => {
        looked.push(units);
        controller.abort();
      },
    });
    await expect(pass).rejects.toThrow(/abort/i);
    expect(looked).toHaveLength(1);
  });
});

const FACT = 'The sluice number of the dam is 48213.';

describe('the memory of a staged text', () => {
  it('speaks of the document: offsets, lines, words and shares', async () => {
    const engine = await readerlessEngine(64);
    const lines = Array.from({ length: 40 }, (_, i) => prose(90, i + 1).replaceAll('\n', ' '));
    lines[30] = FACT;
    const text = `${lines.join('\n')}\n`;
    const line = lineOf(text);
    const starts = lines.map((_, i) => lines.slice(0, i).reduce((sum, l) => sum + l.length + 1, 0));
    const part = (from: number, to: number): Part => ({
      start: starts[from]!,
      end: starts[to]!,
      line: from + 1,
      endLine: to + 1,
    });
    const map = new StagedText([part(3, 7), part(20, 24)]);
    const inner = createDocumentMemory({
      engine: () => Promise.resolve(engine),
      tokenizer: characterTokenizer,
    });
    const memory = new StagedDocument(inner, map, text.length, () => pieces(text));
    const coverage = await memory.read(pieces(stagedOf(map, text)));
    expect(coverage).toMatchObject({ complete: true, bytes: map.units, scannedBytes: text.length });

    const isChosen = ({ start, end }: { start: number; end: number }) =>
      map.parts.some((p) => p.start <= start && end <= p.end);
    const passages = [
      ...(await memory.passages({ query: 'the old mill', method: 'bm25' })),
      ...(await memory.summarize()).overview,
    ];
    expect(passages.length).toBeGreaterThan(1);
    for (const passage of passages) {
      expect(isChosen(passage)).toBe(true);
      expect(text.slice(passage.start, passage.end)).toBe(passage.text);
      expect(passage.line).toBe(line(passage.start));
    }
    const notes = (await memory.pool()).filter(({ text: token }) => token !== '\n');
    expect(notes.length).toBeGreaterThan(10);
    for (const note of notes) {
      expect(note.line).toBe(line(note.start));
      if (note.end > note.start) expect(text.slice(note.start, note.end)).toBe(note.text);
    }

    const read = await memory.retention({ start: starts[5]!, end: starts[21]! });
    expect(read.length).toBeGreaterThan(100);
    expect(
      read.every((token) => isChosen(token) && token.end > starts[5]! && token.start < starts[21]!),
    ).toBe(true);
    expect(await memory.retention({ start: 0, end: starts[2]! })).toEqual([]);

    // What the model has not read is looked up when it is asked for.
    const said = await memory.ask({ question: 'What is the sluice number of the dam?' });
    expect(said).toMatchObject({ answer: '48213', verified: true, lookedUp: true });
    const [place] = said.evidence;
    expect(text.slice(place!.start, place!.end)).toBe(FACT);
    expect([place!.text, place!.line]).toEqual([FACT, 31]);
    expect(isChosen(place!)).toBe(false);
    expect((await memory.ask({ question: 'What is the sluice number of the weir?' })).verified).toBe(false);
    memory.dispose();
    await engine.dispose();
  });

  it('finds passages within the parts, also of a log, whose lines are short', async () => {
    const engine = await microEngine(64);
    const lines = Array.from({ length: 300 }, (_, i) => `the mill turned ${100 + i} times and stood still`);
    lines[150] = 'zanzibar quokkas hum fugues';
    const text = lines.join('\n');
    const part = (line: number): Part => {
      const start = lines.slice(0, line).join('\n').length + 1;
      return { start, end: start + lines[line]!.length + 1, line: line + 1, endLine: line + 2 };
    };
    const map = new StagedText([20, 60, 100, 149, 150, 151, 200, 240].map(part));
    const inner = createDocumentMemory({
      engine: () => Promise.resolve(engine),
      tokenizer: characterTokenizer,
    });
    const memory = new StagedDocument(inner, map, text.length, () => pieces(text));
    await memory.read(pieces(stagedOf(map, text)));
    for (const method of ['bm25', 'fused'] as const) {
      const [found] = await memory.passages({ query: 'quokkas', method, top: 1 });
      expect(found!.text.trim()).toBe(lines[150]);
      expect(text.slice(found!.start, found!.end)).toBe(found!.text);
      expect(found!.line).toBe(151);
    }
    const { sections } = await memory.summarize();
    expect(sections).toMatchObject([{ unnamed: 'part', lines: { first: 21, last: 241 } }]);
    memory.dispose();
    await engine.dispose();
  });
});

describe('a reading within a budget', () => {
  /** Reads a log with its own engine; `opened` counts how often the document was opened. */
  async function read(budget: Budget | undefined, isCounted = false) {
    const engine = await microEngine(64);
    const text = log(400).join('\n');
    const memory = createDocumentMemory({
      engine: () => Promise.resolve(engine),
      tokenizer: characterTokenizer,
    });
    let opened = 0;
    const open = () => {
      opened++;
      return pieces(text, 5000);
    };
    const counted = isCounted ? new CountingPass() : undefined;
    counted?.push(text);
    counted?.end();
    const scanned: number[] = [];
    const progress: ReadProgress[] = [];
    const source = { totalBytes: text.length, open, counted };
    const { document, stages } = await readWithin(memory, source, budget, {
      onScan: (share) => scanned.push(share),
      onProgress: (at) => progress.push(at),
    });
    const { coverage } = document;
    document.dispose();
    await engine.dispose();
    return { coverage, stages, opened, text, scanned, last: progress.at(-1)! };
  }

  it('opens a document once that is short, or has no budget', async () => {
    for (const budget of [undefined, { whole: 1e6, tokens: 500 }]) {
      const { coverage, stages, opened, text } = await read(budget);
      expect({ stages, opened }).toEqual({ stages: undefined, opened: 1 });
      expect(coverage).toMatchObject({ complete: true, bytes: text.length });
    }
  });

  it('opens it twice in stages: to count, and to choose; once where it was counted', async () => {
    for (const isCounted of [false, true]) {
      const { coverage, stages, opened, text, last } = await read({ whole: 1000, tokens: 500 }, isCounted);
      expect(opened).toBe(isCounted ? 1 : 2);
      expect(coverage).toMatchObject({
        complete: true,
        bytes: stages!.text.units,
        scannedBytes: text.length,
      });
      expect(last.bytes).toBe(last.totalBytes);
    }
  });

  it('opens it twice where only counting tells that it is short', async () => {
    const { tokens } = await fastPass(() => pieces(log(400).join('\n'), 5000), { tokens: 1 });
    const { coverage, stages, opened, text } = await read({ whole: tokens, tokens: 500 });
    expect({ stages, opened }).toEqual({ stages: undefined, opened: 2 });
    expect(coverage.bytes).toBe(text.length);
  });
});
