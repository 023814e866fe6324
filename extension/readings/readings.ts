import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import { fastPass } from '../../models/staged/fast-pass.js';
import { StagedText } from '../../models/staged/staged-text.js';
import { StagedResults } from '../../models/staged/staged-results.js';
import type { Coverage, ReadProgress } from '../../models/document/types.js';
import type { SavedAnalyses } from '../results/saved.js';
import type { AnalysisStore } from '../results/store.js';
import { Fingerprint } from '../documents/fingerprint.js';
import { Positions } from '../documents/positions.js';
import { Freshness, openSource, type TextSource } from '../documents/source.js';
import type { TextPosition, TextSelection } from '../documents/fragment.js';
import type { Engine } from '../engine/engine.js';
import type { DocumentKey, EngineInfo } from '../protocol/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { TextPiece } from '../protocol/page.js';

/** Where the model read chosen parts of a document only. */
export interface Stages {
  /** Turns what the engine says of the parts into what it says of the document. */
  readonly results: StagedResults;
  /** About how long the model would need for the whole document. */
  readonly secondsForAll: number;
}

/** A document that was read. */
export interface Reading {
  readonly source: TextSource;
  readonly coverage: Coverage;
  readonly engine: EngineInfo;
  /** Of the document's text. */
  readonly fingerprint: Fingerprint;
  /** Set where it was read in stages. */
  readonly stages?: Stages;
  /** What is known of it from earlier. */
  saved: SavedAnalyses | undefined;
  /** False if the engine does not hold its memory: only what is saved can be asked. */
  readonly isLive: boolean;
  /** Turns the analyses' offsets into places in the editor. */
  readonly selection: (range: Span) => TextSelection;
  /** The same for offsets of the engine's page, which knows only what the model has read. */
  readonly placeInPage: (range: Span) => TextSelection;
  /** The inverse of `selection`. */
  readonly offsetOf: (position: TextPosition) => number;
  /** True once the document is another than the one that was read. */
  readonly isStale: () => Promise<boolean>;
}

export interface EnsureOptions {
  readonly signal: AbortSignal;
  /** The document can be read. `isKnown` says that the engine is not needed for it. */
  readonly onStart?: (source: TextSource, isKnown: boolean) => void;
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Told the share of the file that was opened: its lines found, its text compared with what is kept. */
  readonly onLook?: (share: number) => void;
  /** Told the share of the fast pass that is done. */
  readonly onScan?: (share: number) => void;
  /** True if what is saved is enough; then nothing is read. */
  readonly recall?: (saved: SavedAnalyses) => boolean;
}

/** Memories that the engine keeps at a time; the one used longest ago goes first. */
const MAX_MEMORIES = 4;

/** Bytes a second at which a document is surely read; below them nothing needs to be measured. */
const SLOWEST = 100;

/** A text that the engine pulls. */
interface Open {
  readonly text: AsyncIterator<string>;
  failure?: MemMambaError;
}

/** A text that was looked at from its beginning to its end. */
interface Looked {
  readonly positions: Positions;
  readonly fingerprint: Fingerprint;
}

/**
 * Which documents were read, and how far. Reads a document when it must: not again while it is the same
 * text and was read to its end.
 */
export class Readings {
  readonly #engine: () => Engine;
  readonly #store: AnalysisStore;
  readonly #known = new Map<DocumentKey, Reading>();
  readonly #open = new Map<DocumentKey, Open>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** A reading was added, replaced or forgotten. */
  readonly onDidChange = this.#changed.event;
  readonly #staged = new vscode.EventEmitter<Reading>();
  /** A document was read in stages. */
  readonly onDidStage = this.#staged.event;
  /** Documents of which the reader wants everything read. */
  readonly #whole = new Set<DocumentKey>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(engine: () => Engine, store: AnalysisStore) {
    this.#engine = engine;
    this.#store = store;
  }

  /** The reading of a document whose memory the engine holds. */
  get(key: DocumentKey): Reading | undefined {
    return this.#known.get(key);
  }

  /** All of them, the one used last at the end. */
  all(): Reading[] {
    return [...this.#known.values()];
  }

  /**
   * The document's reading, made now unless there is one of the same text. When `signal` is aborted midway
   * the reading of what was read so far is returned (`coverage.complete` is false).
   * @throws {MemMambaError}
   */
  ensure(uri: vscode.Uri, options: EnsureOptions): Promise<Reading> {
    // One at a time: the engine could not go faster with two, and the second may want what the first reads.
    // Who is called off while waiting need not wait any longer.
    const turn = orCancelled(this.#queue, options.signal);
    const result = turn.then(() => this.#ensureNow(uri, options));
    this.#queue = Promise.allSettled([this.#queue, result]);
    return result;
  }

  /**
   * What is saved of a document, without an engine; undefined if nothing is.
   * @throws {MemMambaError} where it cannot be read
   */
  async recall(uri: vscode.Uri, signal: AbortSignal): Promise<Reading | undefined> {
    const source = await openSource(uri);
    const looked = await look(source, signal);
    const saved = await this.#store.load(looked.fingerprint);
    return saved && this.#recalled(source, looked, saved);
  }

  /** From now on this document is read whole, however long that takes. */
  readEverything(key: DocumentKey): void {
    this.#whole.add(key);
  }

  /** Gives the engine the next piece of a document that it reads. */
  async pull(key: DocumentKey): Promise<TextPiece> {
    const open = this.#open.get(key);
    if (!open) throw new MemMambaError('internal', `No reading of ${key} is under way.`);
    try {
      const next = await open.text.next();
      return next.done ? { text: '', done: true } : { text: next.value, done: false };
    } catch (error) {
      // Told to the reader as it is, whatever the engine makes of the end of its text.
      if (error instanceof MemMambaError) open.failure = error;
      throw error;
    }
  }

  /** Keeps a result for whoever asks the same of the same text again. */
  async keep(reading: Reading, saved: SavedAnalyses): Promise<void> {
    reading.saved = saved;
    await this.#store.save(reading.fingerprint, saved);
  }

  /** The engine's page is gone, and with it all memories. */
  clear(): void {
    this.#known.clear();
    this.#changed.fire();
  }

  async #ensureNow(uri: vscode.Uri, options: EnsureOptions): Promise<Reading> {
    const { signal, onStart } = options;
    const key = uri.toString();
    const isEnough = ({ scannedBytes }: Coverage) => scannedBytes === undefined || !this.#whole.has(key);
    const before = this.#known.get(key);
    if (before?.coverage.complete && isEnough(before.coverage) && !(await before.isStale())) {
      this.#remember(key, before);
      onStart?.(before.source, true);
      return before;
    }
    // A file system far away may take its time, and knows no cancel.
    const source = await orCancelled(openSource(uri), signal);
    const looked = await orCancelled(look(source, signal, options.onLook), signal);
    const saved = await this.#store.load(looked.fingerprint);
    const isKnown = saved !== undefined && isEnough(saved.coverage) && options.recall?.(saved) === true;
    onStart?.(source, isKnown);
    if (isKnown) {
      return this.#recalled(source, looked, saved);
    }
    const reading = await this.#read(source, looked, saved, options);
    this.#remember(key, reading);
    if (reading.stages) this.#staged.fire(reading);
    return reading;
  }

  /** Has the engine read a document, or what the fast pass chooses of it. */
  async #read(
    source: TextSource,
    looked: Looked,
    saved: SavedAnalyses | undefined,
    options: EnsureOptions,
  ): Promise<Reading> {
    const { signal, onProgress } = options;
    const { key, name } = source;
    const engine = this.#engine();
    const info = await engine.request('start', engine.settings, { signal });
    const stages = await this.#stagesOf(source, options);
    const text = stages ? stages.results.text.pick(source.read()) : source.read();
    const totalBytes = stages ? stages.results.text.units : source.totalBytes;
    const open: Open = { text };
    this.#open.set(key, open);
    try {
      const coverage = await engine.request(
        'read',
        {
          document: key,
          name,
          totalBytes,
          ...(stages && { scannedBytes: source.totalBytes }),
        },
        { signal, ...(onProgress && { onProgress: (at) => onProgress({ ...at, totalBytes }) }) },
      );
      return {
        ...this.#placed(source, looked),
        coverage: stages ? stages.results.coverage(coverage) : coverage,
        engine: info,
        saved,
        isLive: true,
        ...(stages && { stages }),
        placeInPage: (range) =>
          selectionOf(
            looked.positions,
            stages ? stages.results.text.toDocument(range.start, range.end) : range,
          ),
      };
    } catch (error) {
      throw open.failure ?? error;
    } finally {
      this.#open.delete(key);
    }
  }

  /** The parts to read, where the whole document would take too long; else undefined. */
  async #stagesOf(source: TextSource, options: EnsureOptions): Promise<Stages | undefined> {
    const settings = vscode.workspace.getConfiguration('memmamba', source.uri);
    const afterMinutes = settings.get<number>('stages.afterMinutes', 10);
    const budgetSeconds = settings.get<number>('stages.budgetSeconds', 45);
    const isShort = source.totalBytes < afterMinutes * 60 * SLOWEST;
    if (this.#whole.has(source.key) || afterMinutes <= 0 || isShort) return undefined;
    const { signal, onScan } = options;
    const engine = this.#engine();
    const speed = await engine.request('speed', engine.settings, { signal });
    const whole = speed * afterMinutes * 60;
    if (source.totalBytes <= whole) return undefined;
    let pass;
    try {
      const scan = fastPass(() => source.read(), {
        tokens: Math.min(whole, speed * budgetSeconds),
        whole,
        signal,
        onProgress: (units) => onScan?.(Math.min(1, units / 2 / source.totalBytes)),
      });
      pass = await orCancelled(scan, signal);
    } catch (error) {
      throw signal.aborted ? CANCELLED : error;
    }
    if (pass.isWhole) return undefined;
    return {
      results: new StagedResults(new StagedText(pass.parts), source.totalBytes),
      secondsForAll: pass.tokens / speed,
    };
  }

  #recalled(source: TextSource, looked: Looked, saved: SavedAnalyses): Reading {
    const { coverage, engine } = saved;
    const placed = this.#placed(source, looked);
    return { ...placed, coverage, engine, saved, isLive: false, placeInPage: placed.selection };
  }

  #placed(source: TextSource, { positions, fingerprint }: Looked) {
    const freshness = new Freshness(source, fingerprint);
    return {
      source,
      fingerprint,
      selection: (range: Span) => selectionOf(positions, range),
      offsetOf: (position: TextPosition) => positions.offsetOf(position),
      isStale: () => freshness.isStale(),
    };
  }

  #remember(key: DocumentKey, reading: Reading): void {
    this.#known.delete(key);
    this.#known.set(key, reading);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_MEMORIES) break;
      this.#known.delete(oldest);
      this.#engine().notify('forget', { document: oldest });
    }
    this.#changed.fire();
  }
}

function selectionOf(positions: Positions, { start, end }: Span): TextSelection {
  return { start: positions.at(start), end: positions.at(end) };
}

/** UTF-16 units between two turns of the event loop. */
const TURN = 1 << 20;

const CANCELLED = new MemMambaError('cancelled', 'Cancelled.');

/** Goes through a text once, for its lines and its fingerprint: five seconds of processor time for 300 MB. */
async function look(
  source: TextSource,
  signal: AbortSignal,
  onLook?: (share: number) => void,
): Promise<Looked> {
  const positions = new Positions();
  const fingerprint = new Fingerprint();
  let turned = 0;
  for await (const piece of source.read()) {
    positions.append(piece);
    fingerprint.append(piece);
    if (fingerprint.length - turned < TURN) continue;
    turned = fingerprint.length;
    onLook?.(Math.min(1, turned / source.totalBytes));
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw CANCELLED;
  }
  return { positions, fingerprint };
}
