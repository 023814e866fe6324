import type { KeptDocument } from '../reading/kept-document.js';
import { abortable } from '../scheduling/abortable.js';
import { RetentionPass } from './retention.js';
import type { TokenRetention } from './types.js';

/** Retention of the tokens of a document as it was read; of no use after the document has changed. */
export class TokenRetentions {
  readonly #kept: KeptDocument;
  readonly #pass: RetentionPass;

  constructor(kept: KeptDocument) {
    const { points, session, tokens } = kept;
    this.#kept = kept;
    this.#pass = new RetentionPass(points, session.position, (a, b) => tokens.ids(a, b), session.pool);
  }

  /** Retention of the tokens that overlap [start, end) at the end of what was read. */
  async of(start: number, end: number, signal: AbortSignal | undefined): Promise<TokenRetention[]> {
    const { session, tokens, life, config } = this.#kept;
    const { from, to } = tokens.overlapping(start, end);
    if (from >= to) return [];
    const segments = await abortable(
      session.run((engine) => this.#pass.range(engine, from, to, signal)),
      signal,
    );
    return segments.flatMap(({ position, count, retention }) => {
      const first = Math.max(from, position);
      const last = Math.min(to, position + count);
      return Array.from({ length: Math.max(0, last - first) }, (_, i): TokenRetention => {
        const token = first + i;
        const layers = Array.from(
          { length: config.nLayer },
          (__, layer) => retention[layer * count + token - position]!,
        );
        return {
          start: tokens.start(token),
          end: tokens.end(token),
          retention: layers.reduce((sum, value) => sum + value, 0) / layers.length,
          layers,
          pool: life.of(token).map(({ layer, enteredAt, leftAt }) => ({ layer, enteredAt, leftAt })),
        };
      });
    });
  }
}
