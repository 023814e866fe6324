import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Passage, ReadProgress } from '../../../models/document/types.js';
import type { Engine } from '../../../models/memmamba/engine.js';
import { runBatch } from '../../../models/cli/batch.js';
import { parseCommandLine } from '../../../models/cli/command-line.js';
import { perform, type Workplace } from '../../../models/cli/commands.js';
import { Documents, type DocumentSettings } from '../../../models/cli/documents.js';
import { InputError, UsageError } from '../../../models/cli/errors.js';
import { openModel } from '../../../models/cli/model-folder.js';
import type { Placed } from '../../../models/cli/places.js';
import { describe as inWords } from '../../../models/cli/print.js';
import { textSourceOf } from '../../../models/cli/text-source.js';
import { characterTokenizer as tokenizer, microEngine, pieces, prose } from '../../support/micro.js';
import { packedFixture } from '../../support/packed.js';
import { writePdf } from '../../support/pdf-writer.js';
import { microWorkplace } from '../../support/workplace.js';

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'memmamba-runner-'));
  engine = await microEngine(64);
});
afterAll(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, content);
  return at;
}

describe('the command line', () => {
  it('is understood', () => {
    const line =
      'passages book.txt --query whale --top 3 --method bm25 --json --engine cpu --pool off --model ./m';
    expect(parseCommandLine(line.split(' '))).toEqual({
      kind: 'one',
      json: true,
      settings: { model: './m', engine: 'cpu', pool: 'off', budget: 'all', format: 'auto' },
      request: { command: 'passages', source: { file: 'book.txt' }, query: 'whale', top: 3, method: 'bm25' },
    });
    expect(parseCommandLine(['perplexity', 'f', '--lengths', '1000,2000'])).toMatchObject({
      request: { lengths: [1000, 2000] },
      settings: { model: 'tiny', engine: 'auto', pool: 'on', budget: 'all', format: 'auto' },
    });
    expect(parseCommandLine(['--help'])).toEqual({ kind: 'help' });
    expect(parseCommandLine(['check'])).toMatchObject({ request: { command: 'check' } });
    expect(parseCommandLine(['--batch', '--budget', '2.5'])).toMatchObject({
      kind: 'batch',
      settings: { budget: 2.5 },
    });
  });

  it.each([
    [[], /No command/],
    [['sing', 'f'], /Unknown command "sing"/],
    [['summarize'], /needs a file/],
    [['summarize', 'a', 'b'], /One file at a time/],
    [['summarize', 'a', '--question', 'Q'], /--question does not belong/],
    [['summarize', 'a', '--sentences', '0'], /--sentences takes whole numbers/],
    [['summarize', 'a', '--sentences', 'many'], /not "many"/],
    [['ask', 'a'], /needs --question/],
    [['ask', 'a', '--question', ' '], /needs --question/],
    [['passages', 'a', '--query', 'q', '--method', 'magic'], /notes, bm25, fused/],
    [['perplexity', 'a'], /needs --lengths/],
    [['perplexity', 'a', '--lengths', '10,x'], /not "x"/],
    [['check', '--engine', 'gpu'], /--engine is one of/],
    [['check', '--pool', 'maybe'], /--pool is one of/],
    [['check', '--colour'], /colour/],
    [['check', '--budget', '0'], /--budget is a number of seconds or all/],
    [['check', '--budget', 'soon'], /not "soon"/],
    [['--batch', 'summarize'], /standard input/],
  ])('%j is refused', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

describe('text sources', () => {
  const read = async (source: { file: string } | { text: string }) => {
    let text = '';
    for await (const piece of (await textSourceOf(source)).open()) text += piece;
    return text;
  };

  it('give the text without its byte order mark, line endings as they are', async () => {
    const name = await file('bom.txt', Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a, 0x62]));
    expect(await read({ file: name })).toBe('a\r\nb');
    expect(await read({ text: 'as it is\n' })).toBe('as it is\n');
  });

  it.each([
    ['empty.txt', '', /empty\.txt: empty/],
    ['blank.txt', ' \n\n ', /blank\.txt: empty/],
    ['binary.bin', Uint8Array.from([1, 2, 0, 3]), /binary\.bin: a NUL byte at 2/],
    [
      'latin1.txt',
      Uint8Array.from('Tür für Grüße. '.repeat(9), (c) => c.charCodeAt(0)),
      /latin1\.txt: not valid UTF-8 at byte 1/,
    ],
  ])('refuse %s', async (name, content, message) => {
    const at = await file(name, content);
    await expect(read({ file: at })).rejects.toThrow(InputError);
    await expect(read({ file: at })).rejects.toThrow(message);
  });

  it('refuse what is not there, and folders', async () => {
    await expect(read({ file: path.join(folder, 'missing.txt') })).rejects.toThrow(
      /missing\.txt: no such file/,
    );
    await expect(read({ file: folder })).rejects.toThrow(/this is a folder/);
  });

  it('notice a file that changes while it is read', async () => {
    const name = await file('changing.txt', 'x'.repeat(200_000));
    const reading = async () => {
      for await (const piece of (await textSourceOf({ file: name })).open()) {
        if (piece.length > 0) await writeFile(name, 'y'.repeat(200_001));
      }
    };
    await expect(reading()).rejects.toThrow(/changing\.txt: changed while it was read/);
  });

  it('are known by content: a changed file is another document', async () => {
    const name = await file('known.txt', 'one');
    const { key } = await textSourceOf({ file: name });
    expect((await textSourceOf({ file: name })).key).toBe(key);
    await file('known.txt', 'longer');
    expect((await textSourceOf({ file: name })).key).not.toBe(key);
  });
});

describe('requests', () => {
  /** A workplace that counts the tokens that are read. */
  function workplace(budget: number | 'all' = 'all'): Workplace & { readonly tokensRead: () => number } {
    let tokens = 0;
    const counting = new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'forward' && (args[2] as { trace?: boolean } | undefined)?.trace)
            tokens += (args[1] as Uint32Array).length;
          return (value as (...rest: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    const start = () => Promise.resolve(counting);
    // A speed that is given: how fast the machine is at the moment must not matter.
    const documents = new Documents({ engine: start, tokenizer, pool: 'on', budget, speed: 50_000 });
    const chosen = async () => ({ engine: await start(), reason: 'A test asked for it.' });
    const stdin = Readable.from([]);
    return { engine: start, chosen, tokenizer, documents, pool: 'on', stdin, tokensRead: () => tokens };
  }
  const batch = async (lines: readonly string[], at: Workplace) => {
    const out: Record<string, unknown>[] = [];
    await runBatch(Readable.from(lines.map((line) => `${line}\n`)), at, (line) => {
      out.push(JSON.parse(line) as Record<string, unknown>);
      return Promise.resolve();
    });
    return out;
  };

  it('within a budget are answered in stages, in places of the file', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `the mill turned ${10_000 + i} times and stood still`,
    );
    lines[20_000] = 'zanzibar quokkas hum fugues';
    const text = lines.join('\n');
    const name = await file('long.txt', text);
    const at = workplace(0.2);
    const [summary, passages] = await batch(
      [
        JSON.stringify({ id: 1, command: 'summarize', file: name, sentences: 40 }),
        JSON.stringify({ id: 2, command: 'passages', file: name, query: 'quokkas', method: 'bm25', top: 1 }),
      ],
      at,
    );
    expect(summary).toMatchObject({ coverage: { complete: true, scannedBytes: text.length } });
    const { bytes } = (summary as unknown as { coverage: { bytes: number } }).coverage;
    expect(bytes).toBeLessThan(text.length / 2);
    expect(at.tokensRead()).toBeLessThan(text.length / 2);
    const [found] = (passages as unknown as { passages: Passage[] }).passages;
    expect(found?.text).toContain('zanzibar quokkas hum fugues');
    expect(text.slice(found!.start, found!.end)).toBe(found!.text);
    expect(found!.line).toBe(text.slice(0, found!.start).split('\n').length);
  });

  it('of a batch are answered in order, a document read once, errors each to its request', async () => {
    const text = prose(500);
    const name = await file('book.txt', text);
    const at = workplace();
    const answers = await batch(
      [
        JSON.stringify({ id: 1, command: 'summarize', file: name, sentences: 2 }),
        'not json',
        '',
        JSON.stringify({
          id: 'b',
          command: 'passages',
          file: name,
          query: 'the mill',
          top: 2,
          method: 'bm25',
        }),
        JSON.stringify({ id: 3, command: 'summarize', file: path.join(folder, 'nowhere.txt') }),
        JSON.stringify({ id: 4, command: 'ask', text, question: 'Who built it?' }),
        JSON.stringify({ id: 5, command: 'passages', text, query: 'river' }),
        JSON.stringify({ id: 6, command: 'perplexity', text, lengths: [50, 100] }),
        JSON.stringify({ id: 7, command: 'summarize', text, file: name }),
        JSON.stringify({ id: 8, command: 'summarize', text, sentence: 2 }),
        JSON.stringify({ id: 9, command: 'summarize' }),
        JSON.stringify({ id: 10, command: 'summarize', text: '' }),
        JSON.stringify([1]),
      ],
      at,
    );
    expect(answers.map(({ id }) => id)).toEqual([1, null, 'b', 3, 4, 5, 6, 7, 8, 9, 10, null]);
    const by = (id: unknown) => answers.find((answer) => answer.id === id)!;
    expect(Object.keys(by(1))).toEqual([
      'id',
      'coverage',
      'format',
      'engine',
      'model',
      'overview',
      'sections',
      'keyTerms',
      'timing',
    ]);
    expect((by(1).overview as unknown[]).length).toBe(2);
    expect(answers[1]!.error).toMatch(/Not a line of JSON/);
    // The two best touch and are one place.
    expect((by('b').passages as unknown[]).length).toBe(1);
    expect(by(3).error).toMatch(/nowhere\.txt: no such file/);
    expect(Object.keys(by(4)).sort()).toEqual(
      ['answer', 'evidence', 'id', 'lookedUp', 'passages', 'probability', 'read', 'verified'].sort(),
    );
    expect(by(6).lengths).toHaveLength(2);
    expect(by(7).error).toMatch(/not both/);
    expect(by(8).error).toMatch(/Unknown field "sentence"/);
    expect(by(9).error).toMatch(/needs a file/);
    expect(by(10).error).toMatch(/empty/);
    // Once for the file, once for the same text given as text.
    expect(at.tokensRead()).toBe(1000);
    at.documents.dispose();
  });

  it('have the JSON that is documented, and words for people', async () => {
    const at = workplace();
    const source = { text: prose(200) };
    const retention = await perform({ command: 'retention', source }, at);
    if (retention.command !== 'retention') throw new Error('another command');
    expect(retention.result.tokens).toHaveLength(200);
    for (const token of retention.result.tokens) {
      expect(Object.keys(token)).toEqual(['start', 'end', 'retention', 'layers', 'pool']);
      for (const stay of token.pool) expect(Object.keys(stay)).toEqual(['layer', 'enteredAt', 'leftAt']);
    }
    expect(inWords(retention).split('\n')).toHaveLength(201);
    const perplexity = await perform({ command: 'perplexity', source, lengths: [50, 1000] }, at);
    expect(inWords(perplexity)).toMatch(/too short/);
    expect(inWords(await perform({ command: 'summarize', source }, at))).toMatch(
      /^Read whole: 200 tokens, 200 bytes/,
    );
    expect(inWords(await perform({ command: 'ask', source, question: 'Who?' }, at))).toMatch(
      /none|verified|stands/,
    );
    expect(inWords(await perform({ command: 'passages', source, query: 'zzz', method: 'bm25' }, at))).toBe(
      'Nothing found.',
    );
    at.documents.dispose();
  });
});

describe('documents', () => {
  const source = (name: string, text: string) => ({
    key: name,
    name,
    totalBytes: text.length,
    open: () => pieces(text),
  });
  /** Documents, and how many tokens of each were read. */
  function counted(settings: Partial<DocumentSettings>) {
    const read: Record<string, number> = {};
    const onProgress = (name: string, { tokens }: ReadProgress) => (read[name] = tokens);
    const documents = new Documents({
      engine: () => Promise.resolve(engine),
      tokenizer,
      pool: 'on',
      budget: 'all',
      onProgress,
      ...settings,
    });
    return { documents, read };
  }

  it('that were not used for longest are forgotten where memory is short', async () => {
    const { documents } = counted({ capacity: 1 });
    const first = await documents.get(source('first', prose(100)));
    expect(await documents.get(source('first', prose(100)))).toBe(first);
    const second = await documents.get(source('second', prose(100, 2)));
    // However large it is, the last one stays.
    expect(await documents.get(source('second', prose(100, 2)))).toBe(second);
    expect(await documents.get(source('first', prose(100)))).not.toBe(first);
    documents.dispose();
  });

  it('stay as long as there is room', async () => {
    const { documents } = counted({});
    const first = await documents.get(source('first', prose(100)));
    await documents.get(source('second', prose(100, 2)));
    expect(await documents.get(source('first', prose(100)))).toBe(first);
    documents.dispose();
  });

  it('are read whole where a known speed leaves time for it, else in stages', async () => {
    const text = prose(4000);
    const quick = counted({ budget: 1, speed: 8000 });
    const { coverage } = await quick.documents.get(source('quick', text)).then((d) => d.summarize());
    expect(coverage).toEqual({ tokens: 4000, bytes: 4000, complete: true });
    expect(quick.read).toEqual({ quick: 4000 });
    const slow = counted({ budget: 1, speed: 1000 });
    const long = prose(40_000);
    const staged = await slow.documents.get(source('slow', long)).then((d) => d.summarize());
    expect(staged.coverage).toMatchObject({ complete: true, scannedBytes: 40_000 });
    expect(slow.read.slow).toBeLessThan(4000);
    quick.documents.dispose();
    slow.documents.dispose();
  });

  it('that could not be read are read again when they are asked for again', async () => {
    const { documents } = counted({});
    const broken = { ...source('broken', ''), open: () => failing() };
    await expect(documents.get(broken)).rejects.toThrow('The disk is gone.');
    const text = prose(100);
    const { coverage } = await documents.get({ ...source('broken', text) }).then((d) => d.summarize());
    expect(coverage).toMatchObject({ tokens: 100, complete: true });
    documents.dispose();
  });
});

async function* failing(): AsyncGenerator<string, void, undefined> {
  yield await Promise.resolve('It began ');
  throw new Error('The disk is gone.');
}

describe('model folders', () => {
  it('that are not there are named, with those that are', async () => {
    await expect(openModel('no-such-model')).rejects.toThrow(/no-such-model: no model folder.*tiny/s);
  });
});

describe('the process', () => {
  beforeAll(() => {
    const built = spawnSync('node', ['build.mjs', 'runner', '--if-stale', '--quiet']);
    expect(built.status).toBe(0);
  });
  const run = (...args: string[]) => spawnSync('node', ['dist/runner.mjs', ...args], { encoding: 'utf8' });

  it('explains itself', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('memmamba summarize FILE');
  });

  it('ends with 2 where the command line is wrong', () => {
    const { status, stdout, stderr } = run('summarize');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/needs a file/);
  });

  it('ends with 1 where a file cannot be read, and says which', () => {
    const { status, stdout, stderr } = run('summarize', '/no/such/file.txt', '--engine', 'cpu', '--json');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/\/no\/such\/file\.txt: no such file/);
  });

  it('reads a real file with the shipped model', async () => {
    const text =
      'The pass key is 48213. Remember it. 48213 is the pass key. It rained all day in the old town.';
    const name = await file('real.txt', text);
    const { status, stdout } = run('summarize', name, '--engine', 'cpu', '--sentences', '1', '--json');
    expect(status).toBe(0);
    const summary = JSON.parse(stdout) as { readonly overview: readonly object[] };
    expect(summary).toMatchObject({
      engine: 'cpu',
      model: 'tiny',
      coverage: { bytes: text.length, complete: true },
    });
    expect(summary.overview).toHaveLength(1);
  });
});

describe('files that are unpacked', () => {
  const workplace = () => microWorkplace(engine);

  it('give passages with their place, in words too', async () => {
    const bytes = packedFixture('report.epub');
    const at = await file('report.anything', bytes);
    const request = {
      command: 'passages',
      source: { file: at },
      query: 'open fire',
      method: 'bm25',
    } as const;
    const outcome = await perform(request, workplace());
    expect(outcome.result.file).toEqual({
      format: 'epub',
      title: 'Report of the Harbour Office',
      parts: { kind: 'chapter', total: 3, read: 3 },
    });
    expect(inWords(outcome)).toMatch(/^“\w+”, line \d+/u);
  });

  it('make sections of headings, and say what was not read', async () => {
    const whole = packedFixture('report.docx');
    const at = await file('cut.docx', whole.subarray(0, whole.length - 300));
    const outcome = await perform({ command: 'summarize', source: { file: at } }, workplace());
    if (outcome.command !== 'summarize') throw new Error('not a summary');
    expect(outcome.result.sections.map(({ title }) => title)).toContain('Keys');
    expect(inWords(outcome)).toMatch(/^Read 1 of 1 chapters; damaged: directory\./u);
  });

  it('give every command its places', async () => {
    const slides = await file('report.pptx', packedFixture('report.pptx'));
    const at = workplace();
    const request = { source: { file: slides } } as const;
    const summary = await perform({ ...request, command: 'summarize', sentences: 2 }, at);
    if (summary.command !== 'summarize') throw new Error('not a summary');
    for (const { place } of summary.result.overview as Placed[]) expect(place?.kind).toBe('slide');
    expect(inWords(summary)).toMatch(/ {2}\[slide \d+\]/u);
    const query = { ...request, command: 'passages', query: 'fire', method: 'bm25' } as const;
    expect(inWords(await perform(query, at))).toMatch(/^slide \d+, line \d+/u);
    const answer = await perform({ ...request, command: 'ask', question: 'Where is the fire?' }, at);
    if (answer.command !== 'ask') throw new Error('not an answer');
    for (const { place } of answer.result.evidence as Placed[]) expect(place?.kind).toBe('slide');
    const retention = await perform({ ...request, command: 'retention' }, at);
    expect(retention.result.file?.format).toBe('pptx');
  });

  it('may bring fonts that only name their characters', async () => {
    const text = '灯台は港の入口にある。';
    const page = [{ x: 60, y: 700, text, font: 'japanese' }] as const;
    const at = await file('japanese.pdf', writePdf({ pages: [page] }));
    expect((await textSourceOf({ file: at })).packed?.text).toBe(text);
  });

  it('say that a damaged gzip file was read from its beginning', async () => {
    const whole = gzipSync(prose(200_000), { level: 0 });
    const at = await file('cut.txt.gz', whole.subarray(0, 120_000));
    const cut = await textSourceOf({ file: at });
    expect(cut.unread).toMatch(/its beginning was read/u);
    let text = '';
    for await (const piece of cut.open()) text += piece;
    expect(prose(200_000).startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(50_000);
    const source = { file: await file('short.gz', gzipSync(prose(300)).subarray(0, 150)) };
    const outcome = await perform({ command: 'perplexity', source, lengths: [10] }, workplace());
    expect(outcome.result.file).toMatchObject({ format: 'gzip' });
    expect(inWords(outcome)).toMatch(/^The gzip file is damaged or too large/u);
  });

  it('stop being unpacked where the work is cancelled', async () => {
    const at = await file('report.docx', packedFixture('report.docx'));
    const signal = AbortSignal.abort(new Error('Enough.'));
    await expect(textSourceOf({ file: at }, { signal })).rejects.toThrow('Enough.');
  });

  it('are read from gzip as if they lay open', async () => {
    const at = await file('log.gz', gzipSync('The whale was seen at noon. The captain wrote it down.'));
    let text = '';
    for await (const piece of (await textSourceOf({ file: at })).open()) text += piece;
    expect(text).toBe('The whale was seen at noon. The captain wrote it down.');
  });

  it('are refused by name where no text can be had', async () => {
    const locked = await file('locked.docx', packedFixture('locked.docx'));
    await expect(textSourceOf({ file: locked })).rejects.toThrow(/locked\.docx: It asks for a password/u);
    const rtf = await file('a.txt', '{\\rtf1 text}');
    await expect(textSourceOf({ file: rtf })).rejects.toThrow(/RTF document/u);
  });
});
