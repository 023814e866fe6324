import type { MemMambaConfig } from '../memmamba/config.js';
import type {
  Engine,
  ForwardOptions,
  ForwardResult,
  LayerSnapshot,
  SegmentTrace,
} from '../memmamba/engine.js';
import type { TokenBatch } from '../tokenizer/index.js';
import { DocumentText } from './document-text.js';
import { NoteArchive } from './note-archive.js';
import { NoteLifetimes } from './note-lifetimes.js';
import { PassageSumStore } from './passage-sums.js';
import { ResumePoints } from './resume-points.js';
import { Session } from './session.js';
import { TokenIndex } from './token-index.js';

/** What one document may cost in main memory, besides its text and about 12 bytes a token. */
export interface MemoryLimits {
  /** Bytes of saved states (resume points). Default 192 MiB. */
  readonly snapshotBytes: number;
  /** Bytes of archived gists, and as many of sums of passages. Default 64 MiB. */
  readonly archiveBytes: number;
}

export const LIMITS: MemoryLimits = { snapshotBytes: 192 << 20, archiveBytes: 64 << 20 };

/**
 * Tokens between saved states while there is room for them, or a segment where that is longer: retention of a
 * word is then one segment read again.
 */
const SPACING = 512;

/** Everything that is kept of a document; made when reading starts, since it depends on the model. */
export class KeptDocument {
  readonly text = new DocumentText();
  readonly tokens = new TokenIndex();
  readonly points: ResumePoints;
  readonly life: NoteLifetimes;
  readonly archive: NoteArchive;
  /** Where the model makes vectors of passages. */
  readonly sums: PassageSumStore | undefined;
  readonly session: Session;
  readonly config: MemMambaConfig;

  /**
   * @param engine serves first; its configuration is that of every engine that follows
   * @param nextEngine gives another engine after the loss of one
   */
  constructor(
    readonly engine: Engine,
    nextEngine: () => Promise<Engine>,
    pool: 'on' | 'off',
    { snapshotBytes, archiveBytes }: MemoryLimits,
  ) {
    const { config } = engine;
    this.config = config;
    this.points = new ResumePoints(config.nLayer * config.dInner, SPACING, snapshotBytes);
    this.life = new NoteLifetimes(config);
    this.archive = new NoteArchive(config, archiveBytes);
    this.sums = engine.heads.passages ? new PassageSumStore(archiveBytes) : undefined;
    let first: Engine | undefined = engine;
    const newEngine = () => {
      const ready = first;
      first = undefined;
      return ready ? Promise.resolve(ready) : nextEngine();
    };
    this.session = new Session(newEngine, pool, this.points, (from, to) => this.tokens.ids(from, to));
  }

  /** Bytes of main memory, the text counted as Latin-1. */
  get byteLength(): number {
    const { text, tokens, points, archive, sums } = this;
    return text.length + tokens.byteLength + points.byteLength + archive.byteLength + (sums?.byteLength ?? 0);
  }

  /** What a pass over the document has to show. */
  get wanted(): Pick<ForwardOptions, 'trace' | 'passageSums'> {
    return { trace: true, passageSums: this.sums ? 'document' : 'none' };
  }

  /** Takes what a pass over tokens from `position` on has shown, see {@link wanted}. */
  record(position: number, tokens: TokenBatch, { trace, passageSums }: ForwardResult): void {
    this.#recordTrace(position, tokens, trace!);
    this.sums?.record(tokens.ids.length, passageSums!);
  }

  /**
   * Forgets what tokens from `position` on have left, the saved states and the session aside.
   *
   * @param layers the model's state when the token before `position` had just been read
   * @returns the text that was forgotten
   */
  truncate(position: number, layers: readonly LayerSnapshot[]): string {
    const { text, tokens, life, archive, sums } = this;
    const end = position === 0 ? 0 : tokens.end(position - 1);
    const forgotten = text.slice(end, text.length);
    text.truncate(end);
    tokens.truncate(position);
    life.rewind(position, layers);
    archive.rewind(position, layers);
    sums?.rewind(position);
    return forgotten;
  }

  #recordTrace(position: number, tokens: TokenBatch, trace: SegmentTrace): void {
    const { nLayer, factLayers } = this.config;
    const all = Array.from({ length: nLayer }, (_, layer) => layer);
    const others = all.filter((layer) => !factLayers.includes(layer));
    const length = tokens.ids.length;
    this.tokens.append(
      tokens,
      meanScores(trace, length, others.length > 0 ? others : all),
      meanScores(trace, length, factLayers.length > 0 ? factLayers : all),
      trace.salience,
    );
    this.points.accumulate(trace.deltaSums);
    this.life.record(position, trace);
    this.archive.record(position, trace);
  }
}

/** (L) mean over layers of the notes' scores. */
function meanScores({ scores }: SegmentTrace, length: number, layers: readonly number[]): Float32Array {
  const sums = new Float64Array(length);
  for (const layer of layers) {
    for (let t = 0, at = layer * length; t < length; t++, at++) sums[t]! += scores[at]!;
  }
  const means = new Float32Array(length);
  for (let t = 0; t < length; t++) means[t] = sums[t]! / layers.length;
  return means;
}
