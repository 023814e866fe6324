import type { Span } from '../text/span.js';
import { layersWithPool } from '../fidelity/retention-with-pool.js';
import { noteSurvival } from '../fidelity/note-survival.js';
import type { Answer, ComparedReading, Comparison, DocumentMemory, TokenRetention } from './types.js';

/**
 * Puts two readings of the same text side by side: the same question, the same fidelities, and what is left of
 * the place where the answer stands.
 *
 * @param withPool a document that was read as usual
 * @param withoutPool the same text read with the pool off
 */
export async function compare(
  withPool: DocumentMemory,
  withoutPool: DocumentMemory,
  options: { readonly question: string; readonly signal?: AbortSignal },
): Promise<Comparison> {
  const { question, signal } = options;
  const answers = {
    on: await withPool.ask({ ...options, memoryOnly: true }),
    off: await withoutPool.ask({ ...options, memoryOnly: true }),
  };
  const place = placeOf(answers.on) ?? placeOf(answers.off);
  const side = async (memory: DocumentMemory, answer: Answer): Promise<ComparedReading> => {
    const kept = place && keptOf(await memory.retention({ ...place, ...(signal && { signal }) }));
    return { answer, fidelity: await memory.fidelity(signal && { signal }), kept };
  };
  const on = await side(withPool, answers.on);
  const off = await side(withoutPool, answers.off);
  return {
    question,
    coverage: withPool.coverage,
    withPool: on,
    // With the pool off no note is ever read, so none counts.
    withoutPool: off.kept
      ? { ...off, kept: { state: off.kept.state, counted: off.kept.state, layers: [] } }
      : off,
    survival: noteSurvival(withPool.pool(), withPool.coverage.tokens),
    place,
  };
}

/** Where a verified answer stands: within the first piece of its evidence. */
function placeOf({ answer, verified, evidence }: Answer): (Span & { readonly line: number }) | null {
  const [first] = evidence;
  const at = first?.text.indexOf(answer) ?? -1;
  if (!verified || !first || at < 0) return null;
  return { start: first.start + at, end: first.start + at + answer.length, line: first.line };
}

function keptOf(tokens: readonly TokenRetention[]): ComparedReading['kept'] {
  if (tokens.length === 0) return null;
  const live = (token: TokenRetention) =>
    token.pool.filter(({ leftAt }) => leftAt === null).map(({ layer }) => layer);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    state: mean(tokens.map(({ retention }) => retention)),
    counted: mean(tokens.map((token) => mean(layersWithPool(token)))),
    layers: [...new Set(tokens.flatMap(live))].sort((a, b) => a - b),
  };
}
