import type { KeptDocument } from '../../reading/kept-document.js';
import { abortable } from '../../scheduling/abortable.js';
import type { Tokenizer } from '../../tokenizer/index.js';
import type { Answer } from '../answer.js';
import { answerOf, reply } from './recall.js';

/** What the memory of a document says to a question, and whether the text bears it out where the model looked. */
export async function askMemory(
  { session, text, tokens }: Pick<KeptDocument, 'session' | 'text' | 'tokens'>,
  tokenizer: Tokenizer,
  question: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { pool } = session;
  const said = await abortable(
    session.onCopy((engine, copy) =>
      reply(engine, copy, tokenizer, question, {
        pool,
        signal,
        read: { length: tokens.length, ids: (from, to) => tokens.ids(from, to) },
        stands: (words) => text.toString().includes(words),
      }),
    ),
    signal,
  );
  return answerOf(said, question, text, (token) => ({
    start: tokens.start(token),
    end: tokens.end(token),
  }));
}
