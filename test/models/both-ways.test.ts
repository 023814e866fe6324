/**
 * The same file read in stages the way of the terminal and the way of the extension: the terminal's documents with the
 * memory beside them, and the extension's analyses, which ask the worker's engine over the wire.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as Comlink from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineMethods } from '../../extension/protocol/engine.js';
import type { HostMethods } from '../../extension/protocol/page.js';
import { dispatch, forward, Peer } from '../../extension/protocol/rpc.js';
import type { Engine } from '../../extension/engine/engine.js';
import { Analyses } from '../../extension/readings/analyses.js';
import { OpenTexts } from '../../extension/readings/open-texts.js';
import type { Reading, Readings } from '../../extension/readings/readings.js';
import { RemoteDocument, type EngineRemote } from '../../extension/readings/remote-document.js';
import { Documents } from '../../models/cli/documents.js';
import { startEngine } from '../../models/cli/engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import { textSourceOf } from '../../models/cli/text-source.js';
import { CountingPass } from '../../models/staged/counting-pass.js';
import type { Readable } from '../../models/staged/readable.js';
import { readWithin } from '../../models/staged/read-within.js';
import type { StagedText } from '../../models/staged/staged-text.js';
import { decodeText } from '../../models/text/decode-text.js';
import { WorkerRemote } from '../../webview/page/worker-remote.js';
import { keepErrorCodes } from '../../webview/worker/comlink-errors.js';
import { WorkerConnection, type WorkerRoot } from '../../webview/worker/connection.js';
import { EngineService } from '../../webview/worker/engine-service.js';
import { repositoryFile } from '../support/model-files.js';
import { haystack, serverLog } from '../../scripts/workbench/texts.js';

/** Tokens that the model may read. */
const TOKENS = 2500;
const KEY = '48213';
const FACT = `The pass key is ${KEY}. Remember it. ${KEY} is the pass key.`;

const ports: MessagePort[] = [];
let folder: string;
let file: string;
let text: string;

/** The extension's end of the wire, with page and worker behind it. */
function engineRemote(texts: OpenTexts): EngineRemote {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  keepErrorCodes();
  const root: WorkerRoot = {
    connect: (host) =>
      Comlink.proxy(new WorkerConnection(dispatch<EngineMethods>(new EngineService(host).methods), host)),
  };
  Comlink.expose(root, port1);
  const worker: WorkerRemote<EngineMethods> = new WorkerRemote<EngineMethods>((host) => {
    const lent = {
      ...host,
      pull: (document: string) => page.request('pull', { document }),
      modelFile: (model: string, name: string) => repositoryFile(`models/artifacts/${model}/${name}`),
      binary: (name: string) => Promise.reject(new Error(`${name} is not needed on the CPU.`)),
    };
    return Promise.resolve(Comlink.wrap<WorkerRoot>(port2).connect(Comlink.proxy(lent)));
  });
  const page: Peer<Pick<HostMethods, 'pull'>> = new Peer<Pick<HostMethods, 'pull'>>(
    (message) => queueMicrotask(() => extension.receive(structuredClone(message))),
    dispatch<object>({}, forward<EngineMethods>(worker)),
  );
  const extension: Peer<EngineMethods> = new Peer<EngineMethods>(
    (message) => queueMicrotask(() => page.receive(structuredClone(message))),
    dispatch<Pick<HostMethods, 'pull'>>({ pull: ({ document }) => texts.pull(document) }),
  );
  return {
    request: (method, params, options) => extension.request(method, params, options),
    notify: (method, params) => void extension.request(method, params),
  };
}

interface Way {
  readonly document: Readable;
  /** How often the file was opened. */
  readonly opened: () => number;
}

async function terminal(): Promise<Way & { dispose(): Promise<void> }> {
  const model = await openModel('tiny');
  const { engine } = await startEngine('cpu', model);
  const documents = new Documents({
    engine: () => Promise.resolve(engine),
    tokenizer: model.tokenizer,
    pool: 'on',
    budget: 1,
    speed: TOKENS,
  });
  const source = await textSourceOf({ file });
  let opened = 0;
  const counting = {
    ...source,
    open: () => {
      opened++;
      return source.open();
    },
  };
  const dispose = async () => {
    documents.dispose();
    await engine.dispose();
  };
  return { document: await documents.get(counting), opened: () => opened, dispose };
}

async function extension(): Promise<
  Way & { readonly analyses: Analyses; readonly reading: Reading; parts: StagedText }
> {
  const texts = new OpenTexts();
  const engine = engineRemote(texts);
  const info = await engine.request('start', { engine: 'cpu', model: 'tiny' });
  let opened = 0;
  const open = () => {
    opened++;
    // As the extension reads: in other pieces than the terminal.
    return decodeText(createReadStream(file, { highWaterMark: 5000 }));
  };
  const counted = new CountingPass();
  for await (const piece of open()) counted.push(piece);
  counted.end();
  const source = { key: 'file:///log', name: 'log' };
  const totalBytes = Buffer.byteLength(await readFile(file));
  const budget = { whole: TOKENS, tokens: TOKENS };
  const remote = new RemoteDocument(engine, texts, source);
  const { document, stages } = await readWithin(remote, { totalBytes, counted, open }, budget);
  const reading = {
    source,
    document,
    coverage: document.coverage,
    engine: info,
    stages,
  } as unknown as Reading;
  const kept = { keep: () => Promise.resolve() } as unknown as Readings;
  const analyses = new Analyses(engine as unknown as Engine, kept);
  return { document, opened: () => opened, analyses, reading, parts: stages!.text };
}

describe('a file that is read in stages', () => {
  let inTerminal: Awaited<ReturnType<typeof terminal>>;
  let inExtension: Awaited<ReturnType<typeof extension>>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'memmamba-both-ways-'));
    file = path.join(folder, 'log');
    const log = Buffer.from(serverLog(120_000, 0.6, FACT)).toString('latin1');
    const book = (await haystack(60_000, 0.5, '902184')).replaceAll('\n', '\r\n');
    // With a byte order mark, which counts as no character, and characters of two, three and four bytes.
    text = `${log}\nGrüße 漢字 🙂 zanzibar quokkas hum fugues\n${book}`;
    await writeFile(file, `\uFEFF${text}`);
    inTerminal = await terminal();
    inExtension = await extension();
  });
  afterAll(async () => {
    for (const port of ports) port.close();
    await inTerminal.dispose();
    await rm(folder, { recursive: true });
  });

  it('is opened twice each way', () => {
    expect(inTerminal.document.coverage.scannedBytes).toBe(Buffer.byteLength(text) + 3);
    expect(inTerminal.opened()).toBe(2);
    expect(inExtension.opened()).toBe(2);
  });

  it('has the same share read', () => {
    expect(inExtension.reading.coverage).toEqual(inTerminal.document.coverage);
    expect(inExtension.document.coverage).toEqual(inTerminal.document.coverage);
  });

  it('has the same summary, in places of the file', async () => {
    const { timing: _, ...there } = await inTerminal.document.summarize({ sentences: 12 });
    const { timing: __, ...here } = await inExtension.analyses.summarize(inExtension.reading, {
      sentences: 12,
    });
    expect(here).toEqual(there);
    expect(here.overview.length).toBeGreaterThan(3);
    for (const { start, end, text: words } of here.overview) expect(text.slice(start, end)).toBe(words);
  });

  it.each(['zanzibar quokkas', 'pass key', 'slow query', 'the old house', 'upstream refused', 'Grüße 漢字'])(
    'has the same passages about “%s”, each within a part',
    async (query) => {
      const there = await inTerminal.document.passages({ query, top: 20 });
      const here = await inExtension.analyses.passages(inExtension.reading, { query, top: 20 });
      expect(here).toEqual(there);
      expect(here.length).toBeGreaterThan(3);
      for (const { start, end, text: words, line } of here) {
        expect(text.slice(start, end)).toBe(words);
        expect(line).toBe(text.slice(0, start).split('\n').length);
        expect(inExtension.parts.parts.some((part) => part.start <= start && end <= part.end)).toBe(true);
      }
    },
  );

  it.each(['What is the pass key?', 'What is the vault code of Clara?', 'What do quokkas hum?'])(
    'has the same answer to “%s”, looked up in one pass',
    async (question) => {
      const before = [inTerminal.opened(), inExtension.opened()] as const;
      const there = await inTerminal.document.ask({ question });
      const here = await inExtension.analyses.ask(inExtension.reading, { question });
      expect(here).toEqual(there);
      for (const { start, end, text: words } of here.evidence) expect(text.slice(start, end)).toBe(words);
      const passes = here.lookedUp ? 1 : 0;
      expect([inTerminal.opened(), inExtension.opened()]).toEqual(before.map((count) => count + passes));
    },
  );

  it('has the same retention and pools', async () => {
    // A fifth of the file, with several parts in it.
    const range = { start: Math.round(0.45 * text.length), end: Math.round(0.65 * text.length) };
    const there = await inTerminal.document.retention(range);
    const here = await inExtension.analyses.retention(inExtension.reading, range);
    expect(here).toEqual(there);
    expect(here.length).toBeGreaterThan(100);
    const live = await inTerminal.document.pool({ live: true });
    expect(await inExtension.analyses.livePool(inExtension.reading)).toEqual(live);
    expect(live.length).toBeGreaterThan(50);
    for (const { start, end, text: words } of live)
      if (end > start) expect(text.slice(start, end)).toBe(words);
  });
});
