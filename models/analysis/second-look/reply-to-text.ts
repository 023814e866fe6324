import type { Engine } from '../../memmamba/engine.js';
import type { Tokenizer } from '../../tokenizer/index.js';
import { reply } from '../passkey.js';

/** What the model answers to a question after it has read a text and nothing else. */
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
    for (let at = 0; at < ids.length; at += engine.segmentLength)
      await engine.forward(state, ids.subarray(at, at + engine.segmentLength), options);
    const { answer } = await reply(engine, state, tokenizer, question, options);
    return answer;
  } finally {
    state.dispose();
  }
}
