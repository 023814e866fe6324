import * as vscode from 'vscode';
import type { FormatOption } from '../../models/text/formats/document-format.js';
import type { Span } from '../../models/text/span.js';
import { eachPiece } from '../../models/scheduling/each-piece.js';
import { CountingPass } from '../../models/staged/counting-pass.js';
import { readWithin, type Budget } from '../../models/staged/read-within.js';
import type { Readable } from '../../models/staged/readable.js';
import type { StagedText } from '../../models/staged/staged-text.js';
import type { Coverage, ReadProgress } from '../../models/document/types.js';
import type { SavedAnalyses } from '../results/saved.js';
import type { AnalysisStore } from '../results/store.js';
import { Fingerprint } from '../documents/fingerprint.js';
import { Positions } from '../documents/positions.js';
import { isPackedText } from '../documents/packed-uri.js';
import { settingsOf } from '../documents/settings.js';
import { Freshness, openSource, type DocumentSource } from '../documents/source.js';
import type { TextPosition, TextSelection } from '../documents/fragment.js';
import type { Engine } from '../engine/engine.js';
import { packedSource } from '../packed/source.js';
import type { PackedFiles } from '../packed/files.js';
import type { UnpackOptions } from '../packed/texts.js';
import { OpenTexts } from './open-texts.js';
import { RemoteDocument } from './remote-document.js';
import type { DocumentKey, EngineInfo } from '../protocol/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { TextPiece } from '../protocol/page.js';

/** Where the model read chosen parts of a document only. */
export interface Stages {
  /** The parts, which are all that the engine's page knows. */
  readonly text: StagedText;
  /** About how long the model would need for the whole document. */
  readonly secondsForAll: number;
}

/** A document that was read. */
export interface Reading {
  readonly source: DocumentSource;
  /** What can be asked of it; offsets are those of the source, also where it was read in stages. */
  readonly document: Readable;
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
  /** The inverse of `selection`. */
  readonly offsetOf: (position: TextPosition) => number;
  /** True once the document is another than the one that was read. */
  readonly isStale: () => Promise<boolean>;
}

export interface EnsureOptions {
  readonly signal: AbortSignal;
  /** The document can be read. `isKnown` says that the engine is not needed for it. */
  readonly onStart?: (source: DocumentSource, isKnown: boolean) => void;
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Told the share of a packed file that is unpacked. */
  readonly onUnpack?: UnpackOptions['onUnpack'];
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

/** A text that was looked at from its beginning to its end. */
interface Looked {
  readonly positions: Positions;
  readonly fingerprint: Fingerprint;
  /** Its words, counted for the fast pass, where it may be read in stages. */
  readonly counted: CountingPass | undefined;
}

/**
 * Which documents were read, and how far. Reads a document when it must: not again while it is the same
 * text and was read to its end.
 */
export class Readings {
  readonly #engine: () => Engine;
  readonly #store: AnalysisStore;
  readonly #packed: PackedFiles;
  readonly #known = new Map<DocumentKey, Reading>();
  readonly #texts = new OpenTexts();
  readonly #changed = new vscode.EventEmitter<void>();
  /** A reading was added, replaced or forgotten. */
  readonly onDidChange = this.#changed.event;
  readonly #staged = new vscode.EventEmitter<Reading>();
  /** A document was read in stages. */
  readonly onDidStage = this.#staged.event;
  /** Documents of which the reader wants everything read. */
  readonly #whole = new Set<DocumentKey>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(engine: () => Engine, store: AnalysisStore, packed: PackedFiles) {
    this.#engine = engine;
    this.#store = store;
    this.#packed = packed;
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
    const source = await this.#recalledSource(uri);
    if (!source) return undefined;
    const looked = await look(source, signal, false);
    const saved = await this.#store.load(looked.fingerprint);
    return saved && this.#recalled(source, looked, saved);
  }

  /**
   * The text of a document; one that is in a packed file is unpacked unless it is held.
   * @throws {MemMambaError} where it cannot be read
   */
  async open(uri: vscode.Uri, options: UnpackOptions): Promise<DocumentSource> {
    if (!isPackedText(uri)) return openSource(uri);
    return packedSource(uri, await this.#packed.open(uri, options));
  }

  /** From now on this document is read whole, however long that takes. */
  readEverything(key: DocumentKey): void {
    this.#whole.add(key);
  }

  /** Gives the engine the next piece of a document that it reads. */
  pull(key: DocumentKey): Promise<TextPiece> {
    return this.#texts.pull(key);
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
    const source = await orCancelled(this.open(uri, options), signal);
    const looked = await orCancelled(look(source, signal, this.#mayStage(source), options.onLook), signal);
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

  /** The text of a document, where that needs no engine. */
  async #recalledSource(uri: vscode.Uri): Promise<DocumentSource | undefined> {
    if (!isPackedText(uri)) return openSource(uri);
    const text = await this.#packed.recall(uri);
    return text && packedSource(uri, text);
  }

  /** Has the engine read a document, or what the fast pass chooses of it. */
  async #read(
    source: DocumentSource,
    looked: Looked,
    saved: SavedAnalyses | undefined,
    { signal, onProgress, onScan }: EnsureOptions,
  ): Promise<Reading> {
    const engine = this.#engine();
    const info = await engine.request('start', engine.settings, { signal });
    const limits = await this.#limitsFor(source, signal);
    const remote = new RemoteDocument(engine, this.#texts, source);
    const { totalBytes, packed } = source;
    const { counted } = looked;
    const unread = { totalBytes, counted, blocks: packed?.blocks, open: () => source.read() };
    const format = settingsOf(source.uri).get<FormatOption>('format', 'auto');
    const reading = readWithin(remote, unread, limits?.budget, { signal, onProgress, onScan, format });
    const { document, stages } = await cancelledIf(signal, reading);
    return {
      ...this.#placed(source, looked),
      document,
      coverage: document.coverage,
      engine: info,
      saved,
      isLive: true,
      ...(stages && limits && { stages: { text: stages.text, secondsForAll: stages.tokens / limits.speed } }),
    };
  }

  /** Minutes after which a document would be read in stages; undefined if it is read whole, whatever its length. */
  #minutesBeforeStages(source: DocumentSource): number | undefined {
    const settings = settingsOf(source.uri);
    const minutes = settings.get<number>('stages.afterMinutes', 10);
    return minutes <= 0 || this.#whole.has(source.key) ? undefined : minutes;
  }

  /** False for a document that is surely short enough to be read whole. */
  #mayStage(source: DocumentSource): boolean {
    const minutes = this.#minutesBeforeStages(source);
    return minutes !== undefined && source.totalBytes > minutes * 60 * SLOWEST;
  }

  /** How much of a document the engine may read, by its speed in tokens a second; undefined for all of it. */
  async #limitsFor(
    source: DocumentSource,
    signal: AbortSignal,
  ): Promise<{ readonly budget: Budget; readonly speed: number } | undefined> {
    const minutes = this.#minutesBeforeStages(source);
    if (minutes === undefined || !this.#mayStage(source)) return undefined;
    const engine = this.#engine();
    const speed = await engine.request('speed', engine.settings, { signal });
    const settings = settingsOf(source.uri);
    const whole = speed * minutes * 60;
    const tokens = Math.min(whole, speed * settings.get<number>('stages.budgetSeconds', 45));
    return { budget: { whole, tokens }, speed };
  }

  #recalled(source: DocumentSource, looked: Looked, saved: SavedAnalyses): Reading {
    const { coverage, engine } = saved;
    const placed = this.#placed(source, looked);
    const document = new RemoteDocument(this.#engine(), this.#texts, source);
    return { ...placed, document, coverage, engine, saved, isLive: false };
  }

  #placed(source: DocumentSource, { positions, fingerprint }: Looked) {
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
    for (const [oldest, { document }] of this.#known) {
      if (this.#known.size <= MAX_MEMORIES) break;
      this.#known.delete(oldest);
      document.dispose();
    }
    this.#changed.fire();
  }
}

function selectionOf(positions: Positions, { start, end }: Span): TextSelection {
  return { start: positions.at(start), end: positions.at(end) };
}

/** Settles as `work` does; what it throws because of an abort is a cancel. */
async function cancelledIf<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw signal.aborted ? new MemMambaError('cancelled', 'Cancelled.') : error;
  }
}

/**
 * Goes through a text once, for its lines and its fingerprint, and if `counts` for the fast pass too: seven seconds of
 * processor time for 300 MB.
 */
async function look(
  source: DocumentSource,
  signal: AbortSignal,
  counts: boolean,
  onLook?: (share: number) => void,
): Promise<Looked> {
  const positions = new Positions();
  const fingerprint = new Fingerprint();
  const counted = counts ? new CountingPass() : undefined;
  const visit = (piece: string) => {
    positions.append(piece);
    fingerprint.append(piece);
    counted?.push(piece);
  };
  const onProgress = (units: number) => onLook?.(Math.min(1, units / source.totalBytes));
  await cancelledIf(signal, eachPiece(source.read(), visit, { signal, onProgress }));
  counted?.end();
  return { positions, fingerprint, counted };
}
