import type { Engine } from '../../memmamba/engine.js';
import type { Tokenizer } from '../../tokenizer/index.js';
import { reply } from './recall.js';

/**
 * What the model answers to a question after it has read a text and nothing else. An answer that does not stand there is
 * of no use, and cut behind the words by which that is certain.
 */
export async function replyToText(
  engine: Engine,
  tokenizer: Tokenizer,
  text: string,
  question: string,
  options: { readonly pool: 'on' | 'off'; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const state = engine.createState();
  try {
    const { ids } = tokenizer.encode(text);
    const read = { length: ids.length, ids: (from: number, to: number) => ids.subarray(from, to) };
    const stands = (words: string) => text.includes(words);
    const { answer } = await reply(engine, state, tokenizer, question, {
      ...options,
      read,
      text: ids,
      stands,
    });
    return answer;
  } finally {
    state.dispose();
  }
}
