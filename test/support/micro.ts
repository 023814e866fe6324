/** The micro model (random weights, 97 tokens) with a tokenizer of one token a character, for logic over a real engine. */
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { BYTE_TO_CHAR } from '../../models/tokenizer/byte-alphabet.js';

import { Tokenizer } from '../../models/tokenizer/tokenizer.js';
import { MICRO, modelFiles } from './model-files.js';

/** Line feed and printable ASCII, one token each. */
const CHARACTERS = ['\n', ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i))];

export const characterTokenizer = new Tokenizer({
  normalizer: null,
  added_tokens: [],
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: String.raw`.|\n` }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(CHARACTERS.map((c, id) => [BYTE_TO_CHAR[c.charCodeAt(0)]!, id])),
    merges: [],
  },
});

export async function microEngine(segmentLength?: number): Promise<CpuEngine> {
  return CpuEngine.create(
    await loadModel(modelFiles(MICRO)),
    segmentLength === undefined ? {} : { segmentLength },
  );
}

/** The same as if it had no reader beside it: what is asked of it is recalled, and looked up by words. */
export async function readerlessEngine(segmentLength: number): Promise<CpuEngine> {
  const model = await loadModel(modelFiles(MICRO));
  return CpuEngine.create(
    { ...model, layers: [], embedding: new Float32Array(0), reader: undefined },
    { segmentLength },
  );
}

/** Deterministic prose of `length` characters. */
export function prose(length: number, seed = 1): string {
  const words =
    'the old mill stood by a river and nobody knew who had built it or why its wheel still turned'.split(' ');
  let state = seed;
  const next = (n: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % n;
  let text = '';
  while (text.length < length) {
    const sentence = Array.from({ length: 6 + next(12) }, () => words[next(words.length)]!).join(' ');
    text += `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.${next(5) === 0 ? '\n\n' : ' '}`;
  }
  return text.slice(0, length);
}

export async function* pieces(text: string, size = 100): AsyncGenerator<string, void, undefined> {
  for (let at = 0; at < text.length; at += size) yield await Promise.resolve(text.slice(at, at + size));
}
