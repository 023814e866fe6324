/**
 * Processor time and memory of what happens to a large file before the model reads of it:
 *
 *   npx tsx test/bench/fast-pass.ts [--mb 300]
 *
 * Prints JSON with seconds of processor time for a log of so many megabytes: decoding UTF-8 once; the first look, as
 * the extension takes it (decoding, lines, fingerprint); the fast pass (decoding twice, counting, choosing). And the
 * most megabytes that were in use at once, of up to 200 looks a second: of JavaScript's heap, garbage that was not yet
 * collected among them, and of array buffers without those of the log itself.
 */
import { parseArgs } from 'node:util';
import { Fingerprint } from '../../extension/documents/fingerprint.js';
import { Positions } from '../../extension/documents/positions.js';
import { fastPass } from '../../models/staged/fast-pass.js';
import { nextTurn } from '../../models/scheduling/next-turn.js';
import { serverLog } from '../../scripts/workbench/texts.js';
import { decodeText } from '../../models/text/decode-text.js';

/** Bytes that are decoded at a time, as in the extension. */
const PIECE = 64 * 1024;

const { values } = parseArgs({ options: { mb: { type: 'string', default: '300' } } });
const megabytes = Number(values.mb);
const bytes = serverLog(megabytes * 1e6, 0.6, 'The pass key is 48213. Remember it. 48213 is the pass key.');

function* slices(): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
const text = () => decodeText(slices());

const peak = { heap: 0, arrayBuffers: 0, looks: 0 };
const before = process.memoryUsage().arrayBuffers;
/** Heap of the runner itself, with the log made. */
const idle = process.memoryUsage().heapUsed;
const watching = setInterval(() => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  peak.looks++;
  peak.heap = Math.max(peak.heap, heapUsed);
  peak.arrayBuffers = Math.max(peak.arrayBuffers, arrayBuffers - before);
}, 5);

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1e4) / 100;
}

const decoding = await seconds(async () => {
  const pieces = text();
  while (!(await pieces.next()).done);
});
const look = await seconds(async () => {
  const positions = new Positions();
  const fingerprint = new Fingerprint();
  let pieces = 0;
  for await (const piece of text()) {
    positions.append(piece);
    fingerprint.append(piece);
    // As in the extension, where each piece comes from the disk.
    if (++pieces % 16 === 0) await nextTurn();
  }
});
const pass = await seconds(() => fastPass(text, { tokens: 45_000, whole: 600_000 }));
clearInterval(watching);
const mb = (count: number) => Math.round(count / 1e6);
console.log(
  JSON.stringify({
    megabytes,
    seconds: { decoding, look, fastPass: pass },
    peakMegabytes: {
      heap: mb(peak.heap),
      ofThatIdle: mb(idle),
      arrayBuffers: mb(peak.arrayBuffers),
      looks: peak.looks,
    },
  }),
);
