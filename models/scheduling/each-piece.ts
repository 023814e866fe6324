import { nextTurn } from './next-turn.js';

/** UTF-16 units between two turns of the event loop. */
const TURN = 1 << 19;

export interface PassOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many UTF-16 units were visited. */
  readonly onProgress?: ((units: number) => void) | undefined;
}

/**
 * Goes over a text that arrives in pieces; the event loop turns now and then, so that a cancel is heard.
 *
 * @throws the signal's reason when it is aborted, and what `text` throws
 */
export async function eachPiece(
  text: AsyncIterable<string>,
  visit: (piece: string) => void,
  { signal, onProgress }: PassOptions = {},
): Promise<void> {
  let units = 0;
  let turned = 0;
  for await (const piece of text) {
    visit(piece);
    units += piece.length;
    if (units - turned < TURN) continue;
    turned = units;
    await nextTurn();
    signal?.throwIfAborted();
    onProgress?.(units);
  }
}

/** UTF-16 units of a piece that is handed over at once. */
const PIECE = 1 << 16;

/** A text in pieces, so that what reads it may pause between them. */
export async function* inPieces(text: string): AsyncGenerator<string, void, undefined> {
  for (let at = 0; at < text.length; at += PIECE) yield await Promise.resolve(text.slice(at, at + PIECE));
}
