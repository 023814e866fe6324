/** A text's rows among those of a batch. */
export interface TextPlace {
  readonly first: number;
  readonly length: number;
}

/** Texts that are read at once: their tokens one behind the other. */
export interface Batch {
  /** (rows) ids; 0 between the texts. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly places: readonly TextPlace[];
}

/** Rows at whose multiples a text begins: 16 rows of whole vectors are a multiple of WebGPU's binding alignment. */
const ALIGNED_ROWS = 16;

/**
 * Puts texts into batches of up to `rows` rows, in their order.
 *
 * @throws {RangeError} if a text is longer than a batch
 */
export function batchesOf(texts: readonly Uint32Array[], rows: number): Batch[] {
  const batches: Batch[] = [];
  let places: TextPlace[] = [];
  let own: Uint32Array[] = [];
  let first = 0;
  const close = (): void => {
    const last = places.at(-1);
    if (!last) return;
    const tokens = new Int32Array(last.first + last.length);
    places.forEach((place, i) => tokens.set(own[i]!, place.first));
    batches.push({ tokens, places });
    [places, own, first] = [[], [], 0];
  };
  for (const text of texts) {
    if (text.length > rows) throw new RangeError(`A text of ${text.length} tokens; ${rows} are read at once`);
    if (first + text.length > rows) close();
    places.push({ first, length: text.length });
    own.push(text);
    first = Math.ceil((first + text.length) / ALIGNED_ROWS) * ALIGNED_ROWS;
  }
  close();
  return batches;
}
