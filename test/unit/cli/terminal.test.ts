import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../../models/document/types.js';
import { EXIT, runTerminal } from '../../../models/cli/terminal.js';
import { repositoryPath } from '../../support/model-files.js';

const TEXT = 'The pass key is 48213. Remember it. 48213 is the pass key. It rained all day in the old town.';

let folder: string;
let book: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'memmamba-terminal-'));
  book = path.join(folder, 'book.txt');
  await writeFile(book, TEXT);
});
afterAll(() => rm(folder, { recursive: true }));

/** Keeps what is written. */
class Sink extends Writable {
  text = '';

  constructor(readonly isTTY = false) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

async function run(
  args: readonly string[],
  { stdin = '', isTTY = false, signal = new AbortController().signal } = {},
): Promise<{ code: number; out: string; err: string }> {
  const stdout = new Sink();
  const stderr = new Sink(isTTY);
  const code = await runTerminal(
    args,
    { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr },
    signal,
  );
  return { code, out: stdout.text, err: stderr.text };
}

describe('the terminal', () => {
  it('explains itself, and says what is wrong with a command line', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: EXIT.done, err: '' });
    expect(help.out).toMatch(/^Reads documents of any length[\s\S]*[^\n]\n$/);
    expect(await run(['sing'])).toEqual({
      code: EXIT.usage,
      out: '',
      err:
        'memmamba: Unknown command "sing"; there are summarize, ask, passages, retention, perplexity, check.\n' +
        'Try --help.\n',
    });
  });

  it('says which file, model or engine cannot be used', async () => {
    const missing = path.join(folder, 'missing.txt');
    expect(await run(['summarize', missing, '--engine', 'cpu'])).toEqual({
      code: EXIT.failed,
      out: '',
      err: `memmamba: ${missing}: no such file.\n`,
    });
    const model = await run(['summarize', book, '--model', folder]);
    expect(model).toMatchObject({ code: EXIT.failed, out: '' });
    expect(model.err).toMatch(/no model folder/);
  });

  it('reads a file, and with a model folder named by its path', async () => {
    const tiny = repositoryPath('models/artifacts/tiny');
    const { code, out } = await run(['summarize', book, '--engine', 'cpu', '--model', tiny, '--json']);
    expect(code).toBe(EXIT.done);
    const summary = JSON.parse(out) as Summary;
    expect(summary).toMatchObject({ engine: 'cpu', model: 'tiny', coverage: { complete: true } });
    for (const { start, end, text } of summary.overview) expect(TEXT.slice(start, end)).toBe(text);
  });

  it('reads standard input', async () => {
    const piped = await run(['passages', '-', '--query', 'rained', '--method', 'bm25', '--engine', 'cpu'], {
      stdin: TEXT,
    });
    expect(piped).toMatchObject({ code: EXIT.done, err: '' });
    expect(piped.out).toContain('It rained all day in the old town.');
    const empty = await run(['summarize', '-', '--engine', 'cpu'], { stdin: ' \n' });
    expect(empty).toMatchObject({ code: EXIT.failed, out: '' });
    expect(empty.err).toMatch(/standard input: empty/);
  });

  it('does not read standard input in stages, which takes two looks', async () => {
    const { code, err } = await run(['summarize', '-', '--engine', 'cpu', '--budget', '5'], { stdin: TEXT });
    expect(code).toBe(EXIT.failed);
    expect(err).toMatch(/standard input: reading in stages reads twice; write it to a file first/);
  });

  it('shows how far it has read where somebody watches, and not beside JSON', async () => {
    const watched = await run(['summarize', book, '--engine', 'cpu'], { isTTY: true });
    expect(watched.code).toBe(EXIT.done);
    // The last thing that it does is to take the line away.
    expect(watched.err.endsWith('\r\x1b[K')).toBe(true);
    expect(watched.out).toMatch(/^Read whole: /);
    const piped = await run(['passages', '-', '--query', 'key', '--engine', 'cpu'], {
      stdin: TEXT,
      isTTY: true,
    });
    expect(piped.err).toMatch(new RegExp(`Reading standard input: ${TEXT.length} bytes, \\d+ tokens/s`));
    expect((await run(['summarize', book, '--engine', 'cpu', '--json'], { isTTY: true })).err).toBe('');
  });

  it('answers a batch, and goes on after an error', async () => {
    const requests = [
      { id: 1, command: 'perplexity', file: book, lengths: '8,16' },
      { id: 2, command: 'perplexity', file: 7, lengths: [8] },
      { id: 3, command: 'passages', file: book, query: 'key', top: 'one' },
      { id: 4, command: 'passages', file: book, query: 'key', method: 'magic' },
      { id: 5, command: 'summarize', file: '-' },
      { id: 6, command: 'retention', file: book },
    ];
    const stdin = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
    const { code, out } = await run(['--batch', '--engine', 'cpu', '--pool', 'off'], { stdin });
    expect(code).toBe(EXIT.done);
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(answers[0]!.lengths).toHaveLength(2);
    expect(answers[1]!.error).toMatch(/"file" is a path and "text" a string/);
    expect(answers[2]!.error).toMatch(/"top" takes whole numbers from 1 up, not "one"/);
    expect(answers[3]!.error).toMatch(/"method" is one of notes, bm25, fused, not "magic"/);
    expect(answers[4]!.error).toMatch(/standard input holds the requests/);
    const tokens = answers[5]!.tokens as { start: number; end: number; retention: number }[];
    expect(tokens.map(({ start, end }) => TEXT.slice(start, end)).join('')).toBe(TEXT);
    for (const { retention } of tokens) expect(retention).toBeLessThanOrEqual(1);
  });

  it('stops where it is interrupted', async () => {
    const interrupt = new AbortController();
    interrupt.abort(new Error('Interrupted.'));
    const { signal } = interrupt;
    expect(await run(['summarize', book, '--engine', 'cpu'], { signal })).toEqual({
      code: EXIT.interrupted,
      out: '',
      err: '',
    });
    const lines = `${JSON.stringify({ id: 1, command: 'summarize', text: TEXT })}\n`.repeat(2);
    const batch = await run(['--batch', '--engine', 'cpu'], { stdin: lines, signal });
    expect(batch.code).toBe(EXIT.interrupted);
    expect(batch.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a packed file of more than 2 GB before it reads it', async () => {
    // A sparse file: it takes no room.
    const large = path.join(folder, 'large.docx');
    await writeFile(large, Uint8Array.from([0x50, 0x4b, 0x03, 0x04]));
    await truncate(large, 2 ** 31);
    const { code, err } = await run(['summarize', large, '--engine', 'cpu']);
    expect(code).toBe(EXIT.failed);
    expect(err).toBe(`memmamba: ${large}: larger than 2 GB, and packed; unpack it first.\n`);
  });

  it('checks a machine without a driver for WebGPU, and says what to install', async () => {
    const { VK_ICD_FILENAMES } = process.env;
    process.env.VK_ICD_FILENAMES = '/nonexistent/driver.json';
    try {
      const { code, out } = await run(['check', '--engine', 'cpu']);
      expect(code).toBe(EXIT.done);
      expect(out).toMatch(/^Node v\d+.* on \w+ \w+, /);
      expect(out).toMatch(/\nWebGPU: none, .*apt-get install/);
      expect(out).toMatch(/\nEngine: cpu \(.+\) with tiny\. .+\n$/);
      const gpu = await run(['check', '--engine', 'webgpu', '--json']);
      expect(gpu.code).toBe(EXIT.done);
      expect(JSON.parse(gpu.out)).toMatchObject({
        adapter: null,
        selfTest: [],
        engine: null,
        engineError: expect.stringMatching(/WebGPU/) as string,
      });
    } finally {
      if (VK_ICD_FILENAMES === undefined) delete process.env.VK_ICD_FILENAMES;
      else process.env.VK_ICD_FILENAMES = VK_ICD_FILENAMES;
    }
  });
});
