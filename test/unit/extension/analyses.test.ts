import { afterAll, describe, expect, it } from 'vitest';
import { Analyses } from '../../../extension/readings/analyses.js';
import type { Engine } from '../../../extension/engine/engine.js';
import { OpenTexts } from '../../../extension/readings/open-texts.js';
import { RemoteDocument } from '../../../extension/readings/remote-document.js';
import type { Reading, Readings } from '../../../extension/readings/readings.js';
import { createDocumentMemory } from '../../../models/document/index.js';
import { StagedText } from '../../../models/staged/staged-text.js';
import { StagedDocument } from '../../../models/staged/staged-document.js';
import { characterTokenizer, readerlessEngine, pieces, prose } from '../../support/micro.js';

const FACT = 'The sluice number of the dam is 48213.';
const engine = await readerlessEngine(64);
const text = `${prose(3000)}\n\n${FACT}\n\n${prose(400_000, 3)}`;
const end = text.indexOf('\n') + 1;
const parts = new StagedText([{ start: 0, end, line: 1, endLine: 2 }]);
const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer: characterTokenizer });
await memory.read(pieces(text.slice(0, end)));
afterAll(() => engine.dispose());

/** The engine's end of the wire, without the wire. */
const requests: string[] = [];
const page = {
  request: async (
    method: 'ask' | 'answerFrom' | 'passages' | 'pointAt',
    params: { question: string; text: string; query: string; memoryOnly?: boolean },
  ) => {
    requests.push(method);
    if (method === 'passages') return memory.passages(params);
    if (method === 'pointAt') return (await memory.pointAt({ ...params, texts: [], recalled: '' })) ?? null;
    return method === 'ask' ? memory.ask(params) : memory.answerFrom(params);
  },
} as unknown as Engine;
const source = { key: 'file:///a.log', name: 'a.log' };
const readFrom = (open: () => AsyncIterable<string>) =>
  new StagedDocument(new RemoteDocument(page, new OpenTexts(), source), parts, text.length, open);
const reading = {
  source,
  document: readFrom(() => pieces(text, 1 << 16)),
  stages: { text: parts, secondsForAll: 100 },
  engine: { engine: 'cpu' },
  coverage: { tokens: 3000, bytes: end, complete: true, scannedBytes: text.length },
} as unknown as Reading;
const analyses = new Analyses(page, { keep: () => Promise.resolve() } as unknown as Readings);

describe('a question about a document that was read in stages', () => {
  it('is looked up in the whole of it, and says how far that is', async () => {
    const shares: number[] = [];
    const question = 'What is the sluice number of the dam?';
    const answer = await analyses.ask(reading, { question }, { onLookUp: (share) => shares.push(share) });
    expect(answer).toMatchObject({ answer: '48213', verified: true, lookedUp: true });
    const [place] = answer.evidence;
    expect(text.slice(place!.start, place!.end)).toBe(FACT);
    expect(place!.line).toBe(text.slice(0, place!.start).split('\n').length);
    expect(requests).toEqual(['ask', 'passages', 'pointAt']);
    for (const share of shares) expect(share).toBeGreaterThan(0);
    expect(Math.max(0, ...shares)).toBeLessThanOrEqual(1);
  });

  it('about what is not there has no verified answer', async () => {
    const answer = await analyses.ask(reading, { question: 'What is the sluice number of the weir?' });
    expect(answer).toMatchObject({ verified: false, lookedUp: true });
  });

  it('is cancelled while the text is searched', async () => {
    const controller = new AbortController();
    const slow = {
      ...reading,
      document: readFrom(async function* () {
        yield text;
        controller.abort();
        yield* pieces(text, 1 << 16);
      }),
    } as unknown as Reading;
    const asking = analyses.ask(slow, { question: 'Who built the dam?' }, { signal: controller.signal });
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
  });
});
