import type { MemMambaConfig } from '../memmamba/config.js';
import type { LayerSnapshot, SegmentTrace } from '../memmamba/engine.js';

/** One stay of a token's note in one layer's pool. Token positions count from 0. */
export interface Stay {
  readonly layer: number;
  readonly token: number;
  /** Score s of the note, before the sigmoid. */
  readonly score: number;
  /** Exclusive end of the chunk with which the note entered. */
  readonly enteredAt: number;
  /** End of the chunk with which it was pushed out, or null while it is in the pool. */
  leftAt: number | null;
  /** Token whose note took the place, where it left. */
  replacedBy: number | null;
}

/**
 * Who was in the state pools when, from the pools at every chunk's end. A pool lists its notes by falling
 * score. So of the notes that leave with one chunk the weakest is said to be replaced by the strongest that
 * enters, the next by the next, and so on. The pairing is ours; which notes leave and enter is the model's.
 */
export class NoteLifetimes {
  readonly #config: Pick<MemMambaConfig, 'nLayer' | 'poolSize' | 'chunk'>;

  /** (nLayer) the notes in the pool now, strongest first. */
  readonly #live: Map<number, Stay>[];
  /** (nLayer)(poolSize) token positions of the pools after the last chunk. */
  readonly #positions: Int32Array[];
  readonly #byToken = new Map<number, Stay[]>();
  readonly #stays: Stay[] = [];
  /** (nLayer, up to chunk) scores of the last tokens before the next segment: its first chunk holds them too. */
  #tail = new Float32Array(0);
  #tailStart = 0;

  constructor(config: Pick<MemMambaConfig, 'nLayer' | 'poolSize' | 'chunk'>) {
    this.#config = config;

    this.#live = Array.from({ length: config.nLayer }, () => new Map<number, Stay>());
    this.#positions = this.#live.map(() => new Int32Array(config.poolSize).fill(-1));
  }

  /** Every stay so far, in the order of entering. */
  get stays(): readonly Stay[] {
    return this.#stays;
  }

  /** Takes the pools at the chunk ends of one segment whose first token has the position `position`. */
  record(position: number, trace: Pick<SegmentTrace, 'scores' | 'chunkEnds' | 'poolPositions'>): void {
    const { nLayer, poolSize, chunk } = this.#config;
    const { chunkEnds, poolPositions } = trace;
    const scores = this.#join(position, trace.scores);
    const length = scores.length / nLayer;
    const start = position + trace.scores.length / nLayer - length;
    for (let c = 0; c < chunkEnds.length; c++) {
      for (let layer = 0; layer < nLayer; layer++) {
        const from = (layer * chunkEnds.length + c) * poolSize;
        const scoreOf = (token: number) => scores[layer * length + token - start]!;
        this.#step(layer, chunkEnds[c]!, poolPositions.subarray(from, from + poolSize), scoreOf);
      }
    }
    const kept = Math.min(chunk, length);
    this.#tail = new Float32Array(nLayer * kept);
    for (let layer = 0; layer < nLayer; layer++) {
      this.#tail.set(scores.subarray((layer + 1) * length - kept, (layer + 1) * length), layer * kept);
    }
    this.#tailStart = start + length - kept;
  }

  /** (nLayer, tail + L) the scores of the tail and of a segment that follows it, side by side. */
  #join(position: number, scores: Float32Array): Float32Array {
    const { nLayer } = this.#config;
    const before = position - this.#tailStart;
    const length = scores.length / nLayer;
    const joined = new Float32Array(nLayer * (before + length));
    for (let layer = 0; layer < nLayer; layer++) {
      const to = layer * (before + length);
      joined.set(this.#tail.subarray(layer * before, (layer + 1) * before), to);
      joined.set(scores.subarray(layer * length, (layer + 1) * length), to + before);
    }
    return joined;
  }

  /**
   * Goes back to the moment before the token at `position` was read.
   *
   * @param layers (nLayer) the model's state at that moment
   */
  rewind(position: number, layers: readonly Pick<LayerSnapshot, 'pool' | 'pending'>[]): void {
    const isLater = (stay: Stay) => stay.enteredAt > position;
    const kept = this.#stays.filter((stay) => !isLater(stay));
    this.#stays.length = 0;
    for (const stay of kept) this.#stays.push(stay);
    for (const [token, stays] of this.#byToken) {
      const own = stays.filter((stay) => !isLater(stay));
      if (own.length > 0) this.#byToken.set(token, own);
      else this.#byToken.delete(token);
    }
    for (const stay of this.#stays) {
      if (stay.leftAt === null || stay.leftAt <= position) continue;
      stay.leftAt = null;
      stay.replacedBy = null;
    }
    const pending = position % this.#config.chunk;
    this.#tail = new Float32Array(layers.length * pending);
    this.#tailStart = position - pending;
    layers.forEach((layer, index) => {
      this.#tail.set(layer.pending.scores, index * pending);
      const { positions } = layer.pool;
      this.#positions[index]!.set(positions);
      const live = new Map<number, Stay>();
      for (const token of positions) {
        const stay = this.of(token).find((each) => each.layer === index && each.leftAt === null);
        if (stay) live.set(token, stay);
      }
      this.#live[index] = live;
    });
  }

  /** The stays of one token's note in the pools of all layers. */
  of(token: number): readonly Stay[] {
    return this.#byToken.get(token) ?? [];
  }

  #step(layer: number, chunkEnd: number, positions: Int32Array, scoreOf: (token: number) => number): void {
    // Late in a document hardly a chunk changes a pool.
    const known = this.#positions[layer]!;
    let same = 0;
    while (same < known.length && known[same] === positions[same]) same++;
    if (same === known.length) return;
    known.set(positions);
    const before = this.#live[layer]!;
    const after = new Map<number, Stay>();
    const entered: Stay[] = [];
    for (const token of positions) {
      if (token < 0) continue;
      let stay = before.get(token);
      if (!stay) {
        stay = { layer, token, score: scoreOf(token), enteredAt: chunkEnd, leftAt: null, replacedBy: null };
        entered.push(stay);
      }
      after.set(token, stay);
    }
    const left = [...before.values()].filter((stay) => !after.has(stay.token));
    // Weakest out, strongest in.
    for (const [i, stay] of left.reverse().entries()) {
      stay.leftAt = chunkEnd;
      stay.replacedBy = entered[i]?.token ?? null;
    }
    for (const stay of entered) {
      this.#stays.push(stay);
      const stays = this.#byToken.get(stay.token);
      if (stays) stays.push(stay);
      else this.#byToken.set(stay.token, [stay]);
    }
    this.#live[layer] = after;
  }
}
