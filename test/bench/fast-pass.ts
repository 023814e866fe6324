/**
 * Processor time and memory of what happens to a large file before the model reads of it:
 *
 *   npx tsx test/bench/fast-pass.ts [--mb 300] [--tokens 45000]
 *
 * Writes a log of so many megabytes to a temporary file and opens it as the extension does. Prints JSON with seconds of
 * processor time: decoding UTF-8 once, for comparison; the first pass (decoding, lines, fingerprint, counting); the
 * second pass (decoding, choosing, taking along what is chosen).
 *
 * Prints also the most megabytes that were in use at once while the two passes ran. They are of the process's resident
 * memory, which was `before` when they began. Of up to 200 looks a second they are also of JavaScript's heap, garbage
 * that was not yet collected among them, and of array buffers.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fingerprint } from '../../extension/documents/fingerprint.js';
import { openLocalFile } from '../../extension/documents/node/local-file.js';
import { Positions } from '../../extension/documents/positions.js';
import { eachPiece } from '../../models/scheduling/each-piece.js';
import { CountingPass } from '../../models/staged/counting-pass.js';
import { fastPass } from '../../models/staged/fast-pass.js';
import { decodeText } from '../../models/text/decode-text.js';
import { serverLog } from '../../scripts/workbench/texts.js';

/** Bytes that are decoded at a time, as in the extension. */
const PIECE = 64 * 1024;
const LINE = 'The pass key is 48213. Remember it. 48213 is the pass key.';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '300' },
    tokens: { type: 'string', default: '45000' },
    /** Writes the log to this file, and does nothing else. */
    write: { type: 'string' },
  },
});
const megabytes = Number(values.mb);

if (values.write === undefined) await measure();
else writeFileSync(values.write, serverLog(megabytes * 1e6, 0.6, LINE));

async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'memmamba-fast-pass-'));
  const file = path.join(folder, 'log');
  try {
    // In another process, so that the log is not in the memory of this one.
    const script = fileURLToPath(import.meta.url);
    const made = spawnSync(process.execPath, [
      ...process.execArgv,
      script,
      '--mb',
      values.mb,
      '--write',
      file,
    ]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
    console.log(JSON.stringify(await measured(file)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measured(file: string) {
  let opened = 0;
  const text = () => {
    opened++;
    return decodeText(openLocalFile({ scheme: 'file', fsPath: file }, PIECE)!);
  };
  const decoding = await seconds(() => eachPiece(text(), () => undefined));
  opened = 0;
  const before = process.memoryUsage();
  const peak = { resident: 0, heap: 0, arrayBuffers: 0, looks: 0 };
  const watching = setInterval(() => {
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    peak.looks++;
    peak.resident = Math.max(peak.resident, rss);
    peak.heap = Math.max(peak.heap, heapUsed);
    peak.arrayBuffers = Math.max(peak.arrayBuffers, arrayBuffers);
  }, 5);
  const positions = new Positions();
  const fingerprint = new Fingerprint();
  const counted = new CountingPass();
  const first = await seconds(async () => {
    await eachPiece(text(), (piece) => {
      positions.append(piece);
      fingerprint.append(piece);
      counted.push(piece);
    });
    counted.end();
  });
  const tokens = Number(values.tokens);
  let chosen = 0;
  const second = await seconds(async () => {
    const { texts } = await fastPass(text, { tokens, counted });
    chosen = texts.reduce((sum, part) => sum + part.length, 0);
  });
  clearInterval(watching);
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  return {
    megabytes: statSync(file).size / 1e6,
    opened,
    tokens: { document: counted.tokens, asked: tokens },
    chosenUnits: chosen,
    seconds: { decoding, first, second },
    peakMegabytes: {
      resident: mb(peak.resident),
      before: mb(before.rss),
      heap: mb(peak.heap),
      arrayBuffers: mb(peak.arrayBuffers),
      looks: peak.looks,
    },
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1e4) / 100;
}
