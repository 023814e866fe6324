import { expect, it } from 'vitest';
import { retentionSample } from '../../../webview/worker/retention-sample.js';

/** A token every four code units, which retains what its place in the text is. */
const memory = (length: number) => ({
  length,
  retention: ({ start, end }: { start: number; end: number }) =>
    Promise.resolve(
      Array.from({ length: Math.ceil((end - start) / 4) }, (_, i) => {
        const at = start + 4 * i;
        return { start: at, end: at + 4, retention: at / length, layers: [at / length], pool: [] };
      }),
    ),
});

it('a sample of retention is spread over the whole text, in rising order, and bounded', async () => {
  const sample = await retentionSample(memory(1_000_000), new AbortController().signal);
  expect(sample).toEqual([...sample].sort((a, b) => a - b));
  expect(sample.length).toBeGreaterThan(900);
  expect(sample.length).toBeLessThan(1_200);
  for (const quarter of [0.25, 0.5, 0.75]) {
    const below = sample.filter((value) => value < quarter).length / sample.length;
    expect(Math.abs(below - quarter)).toBeLessThan(0.02);
  }
});

it('of a short text all of it is looked at', async () => {
  const sample = await retentionSample(memory(640), new AbortController().signal);
  expect(sample.length).toBeGreaterThanOrEqual(160);
  expect(sample[0]).toBe(0);
});

it('a sample is called off', async () => {
  const controller = new AbortController();
  const asked = retentionSample(memory(1_000_000), controller.signal);
  controller.abort();
  await expect(asked).rejects.toThrow();
});
