import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Engine, SegmentTrace, StateSnapshot } from '../../models/memmamba/engine.js';

/** What a model gave out over a whole document, as one trace, and the state that it left. */
export interface RecordedReading {
  readonly tokens: number;
  readonly pieces: readonly string[];
  readonly trace: SegmentTrace;
  readonly state: StateSnapshot;
}

type Numbers = Float32Array | Int32Array;

/** Joins the traces of consecutive segments; rows are layers, and grow in length. */
export function joinedTrace(
  traces: readonly SegmentTrace[],
  { nLayer, poolSize, archiveLayers }: Engine['config'],
): SegmentTrace {
  const ends = traces.map(({ chunkEnds }) => chunkEnds.length * poolSize);
  const rows = <A extends Numbers>(
    make: (length: number) => A,
    count: number,
    of: (trace: SegmentTrace, i: number) => A,
    widths: readonly number[],
  ): A => {
    const width = widths.reduce((sum, each) => sum + each, 0);
    const all = make(count * width);
    let at = 0;
    traces.forEach((trace, i) => {
      const part = of(trace, i);
      for (let row = 0; row < count; row++) {
        all.set(part.subarray(row * widths[i]!, (row + 1) * widths[i]!), row * width + at);
      }
      at += widths[i]!;
    });
    return all;
  };
  const f32 = (length: number) => new Float32Array(length);
  const i32 = (length: number) => new Int32Array(length);
  const lengths = traces.map(({ scores }) => scores.length / nLayer);
  const deltaSums = new Float32Array(traces[0]!.deltaSums.length);
  for (const trace of traces) trace.deltaSums.forEach((sum, i) => (deltaSums[i]! += sum));
  const layers = archiveLayers.length;
  return {
    scores: rows(f32, nLayer, ({ scores }) => scores, lengths),
    chunkEnds: rows(
      i32,
      1,
      ({ chunkEnds }) => chunkEnds,
      traces.map(({ chunkEnds }) => chunkEnds.length),
    ),
    poolPositions: rows(i32, nLayer, ({ poolPositions }) => poolPositions, ends),
    archiveNotes: rows(
      f32,
      layers,
      ({ archiveNotes }) => archiveNotes,
      traces.map(({ archiveNotes }) => archiveNotes.length / layers),
    ),
    deltaSums,
  };
}

/** Writes arrays behind a line of JSON that says where each belongs. */
export async function saveRecording(file: string, reading: RecordedReading): Promise<void> {
  const arrays: Numbers[] = [];
  const json = JSON.stringify(reading, (_, value: unknown) => {
    if (!(value instanceof Float32Array || value instanceof Int32Array)) return value;
    arrays.push(value);
    return { kind: value.constructor.name, length: value.length };
  });
  await writeFile(`${file}.json`, json);
  const out = createWriteStream(file);
  for (const { buffer, byteOffset, byteLength } of arrays) {
    if (!out.write(new Uint8Array(buffer, byteOffset, byteLength))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

export async function loadRecording(file: string): Promise<RecordedReading> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(file)) chunks.push(chunk as Uint8Array);
  const { buffer } = new Uint8Array(Buffer.concat(chunks));
  let at = 0;
  return JSON.parse(await readFile(`${file}.json`, 'utf8'), (_, value: unknown) => {
    const { kind, length } = (value ?? {}) as { kind?: string; length?: number };
    if (kind !== 'Float32Array' && kind !== 'Int32Array') return value;
    const from = at;
    at += 4 * length!;
    // Each with a buffer of its own: a copy of one must not copy all.
    const own = buffer.slice(from, at);
    return kind === 'Float32Array' ? new Float32Array(own) : new Int32Array(own);
  }) as RecordedReading;
}
