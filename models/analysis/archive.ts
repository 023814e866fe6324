import type { MemMambaConfig } from '../memmamba/config.js';
import type { LayerSnapshot, SegmentTrace } from '../memmamba/engine.js';
import { bitsOf, toFloat16s } from './float16.js';

/** Notes kept of one chunk in each archive layer. */
const NOTES_PER_CHUNK = 4;
/** Share of the notes that goes when the archive is full. */
const DROPPED = 1 / 4;

/** The archived notes of one layer, a row each. */
export interface ArchiveLayer {
  readonly count: number;
  /** (count) absolute token positions. */
  readonly positions: Uint32Array;
  /** (count) scores s before the sigmoid. */
  readonly scores: Float32Array;
  /** (count, noteDim) binary16 bits. */
  readonly notes: Uint16Array;
}

/**
 * Notes of the whole document for retrieval: of every chunk the up to four highest scores in each of the
 * model's two archive layers, with position, score and vector (f16), 136 bytes a note of 64. Above the byte
 * cap the lowest scores go first, a quarter at a time. It grows with the document; the model's state does not.
 */
export class NoteArchive {
  readonly #layers: LayerStore[];
  readonly #pickers: ChunkPicker[];

  constructor(
    private readonly config: MemMambaConfig,
    capacityBytes: number,
  ) {
    const noteBytes = config.noteDim * 2 + 8;
    const capacity = Math.max(16, Math.floor(capacityBytes / config.archiveLayers.length / noteBytes));
    this.#layers = config.archiveLayers.map(() => new LayerStore(config.noteDim, capacity));
    this.#pickers = config.archiveLayers.map(() => new ChunkPicker(config.noteDim));
  }

  get byteLength(): number {
    return this.#layers.reduce((sum, layer) => sum + layer.byteLength, 0);
  }

  /** One entry an archive layer, in the order of `config.archiveLayers`. */
  get layers(): readonly ArchiveLayer[] {
    return this.#layers;
  }

  /** Takes the notes of a segment whose first token has the absolute position `position`. */
  record(position: number, trace: Pick<SegmentTrace, 'scores' | 'archiveNotes'>): void {
    const { archiveLayers, chunk, noteDim, nLayer } = this.config;
    const length = trace.scores.length / nLayer;
    const notes = bitsOf(trace.archiveNotes);
    for (const [a, layer] of archiveLayers.entries()) {
      const picker = this.#pickers[a]!;
      for (let t = 0; t < length; t++) {
        const note = (a * length + t) * noteDim;
        picker.offer(position + t, trace.scores[layer * length + t]!, note);
        if ((position + t + 1) % chunk === 0) picker.flush(this.#layers[a]!, notes);
      }
      picker.hold(notes);
    }
  }

  /**
   * Goes back to the moment before the token at `position` was read. Notes that went because the archive was full do
   * not come back.
   *
   * @param layers (nLayer) the model's state at that moment: it holds the notes of the unfinished chunk
   */
  rewind(position: number, layers: readonly Pick<LayerSnapshot, 'pending'>[]): void {
    const { archiveLayers, chunk, noteDim } = this.config;
    const start = position - (position % chunk);
    for (const [a, layer] of archiveLayers.entries()) {
      this.#layers[a]!.truncate(start);
      const picker = (this.#pickers[a] = new ChunkPicker(noteDim));
      const { scores, notes } = layers[layer]!.pending;
      scores.forEach((score, t) => picker.offer(start + t, score, t * noteDim));
      picker.hold(bitsOf(notes));
    }
  }

  /** The document has ended: the best notes of the unfinished chunk are taken as well. */
  finish(): void {
    for (const [a, picker] of this.#pickers.entries()) picker.flush(this.#layers[a]!, NO_NOTES);
  }
}

/** When a document ends all notes are held. */
const NO_NOTES = new Uint32Array(0);
/** Where a note stands that is held from one segment to the next: behind those of the segment. */
const HELD = 2 ** 31;

/**
 * Keeps the best few notes of the chunk being read, strongest first. A note is copied when its chunk ends or its
 * segment does, and not when it is met: most are displaced before.
 */
class ChunkPicker {
  #count = 0;
  readonly #positions = new Uint32Array(NOTES_PER_CHUNK);
  readonly #scores = new Float32Array(NOTES_PER_CHUNK);
  /** Where each one's note begins in the segment's notes, or from {@link HELD} on in `#held`. */
  readonly #places = new Uint32Array(NOTES_PER_CHUNK);
  /** (NOTES_PER_CHUNK, noteDim) bits. */
  #held: Uint32Array;

  constructor(private readonly noteDim: number) {
    this.#held = new Uint32Array(NOTES_PER_CHUNK * noteDim);
  }

  /** @param at where in the segment's notes the note begins */
  offer(position: number, score: number, at: number): void {
    const scores = this.#scores;
    if (this.#count < NOTES_PER_CHUNK) this.#count++;
    else if (scores[NOTES_PER_CHUNK - 1]! >= score) return;
    let place = this.#count - 1;
    for (; place > 0 && scores[place - 1]! < score; place--) {
      scores[place] = scores[place - 1]!;
      this.#positions[place] = this.#positions[place - 1]!;
      this.#places[place] = this.#places[place - 1]!;
    }
    scores[place] = score;
    this.#positions[place] = position;
    this.#places[place] = at;
  }

  /** The chunk has ended. `notes` are the bits of those of the segment. */
  flush(store: LayerStore, notes: Uint32Array): void {
    for (let i = 0; i < this.#count; i++) {
      const at = this.#places[i]!;
      const [from, index] = at >= HELD ? [this.#held, at - HELD] : [notes, at];
      store.add(this.#positions[i]!, this.#scores[i]!, from, index);
    }
    this.#count = 0;
  }

  /** The segment has ended, amid a chunk or not. */
  hold(notes: Uint32Array): void {
    if (this.#count === 0) return;
    const { noteDim } = this;
    const held = new Uint32Array(NOTES_PER_CHUNK * noteDim);
    for (let i = 0; i < this.#count; i++) {
      const at = this.#places[i]!;
      const [from, index] = at >= HELD ? [this.#held, at - HELD] : [notes, at];
      held.set(from.subarray(index, index + noteDim), i * noteDim);
      this.#places[i] = HELD + i * noteDim;
    }
    this.#held = held;
  }
}

class LayerStore implements ArchiveLayer {
  count = 0;
  positions = new Uint32Array(64);
  scores = new Float32Array(64);
  notes: Uint16Array;

  constructor(
    private readonly noteDim: number,
    private readonly capacity: number,
  ) {
    this.notes = new Uint16Array(64 * noteDim);
  }

  get byteLength(): number {
    return this.positions.byteLength + this.scores.byteLength + this.notes.byteLength;
  }

  /** @param from where in `values`, the bits of numbers, the note begins */
  add(position: number, score: number, values: Uint32Array, from: number): void {
    if (this.count === this.capacity) this.#dropLowest();
    if (this.count === this.positions.length) this.#grow();
    this.positions[this.count] = position;
    this.scores[this.count] = score;
    const { noteDim } = this;
    toFloat16s(values, from, noteDim, this.notes, this.count * noteDim);
    this.count++;
  }

  /** Forgets the notes of the chunks from token `start` on; chunks stand in the order of the document. */
  truncate(start: number): void {
    while (this.count > 0 && this.positions[this.count - 1]! >= start) this.count--;
  }

  #grow(): void {
    const rows = Math.min(this.capacity, this.positions.length * 2);
    const copy = <A extends Uint32Array | Float32Array | Uint16Array>(from: A, to: A): A => (
      to.set(from),
      to
    );
    this.positions = copy(this.positions, new Uint32Array(rows));
    this.scores = copy(this.scores, new Float32Array(rows));
    this.notes = copy(this.notes, new Uint16Array(rows * this.noteDim));
  }

  #dropLowest(): void {
    const order = Array.from({ length: this.count }, (_, i) => i);
    order.sort((a, b) => this.scores[b]! - this.scores[a]! || this.positions[a]! - this.positions[b]!);
    const keep = order.slice(0, this.count - Math.max(1, Math.floor(this.count * DROPPED)));
    // In the order that they have, so that rows only move down.
    keep.sort((a, b) => a - b);
    for (const [to, from] of keep.entries()) {
      this.positions[to] = this.positions[from]!;
      this.scores[to] = this.scores[from]!;
      this.notes.copyWithin(to * this.noteDim, from * this.noteDim, (from + 1) * this.noteDim);
    }
    this.count = keep.length;
  }
}
