import * as vscode from 'vscode';
import type { Coverage, ReadProgress } from '../models/analysis/types.js';
import { Positions } from './documents/positions.js';
import { Fingerprint } from './documents/fingerprint.js';
import { Freshness, openSource, type TextSource } from './documents/source.js';
import type { TextSelection } from './editor/fragment.js';
import type { Engine } from './engine.js';
import {
  MemMambaError,
  type DocumentKey,
  type EngineInfo,
  type TextPiece,
  type TextRange,
} from './protocol.js';

/** A document whose memory the engine holds. */
export interface Reading {
  readonly source: TextSource;
  readonly coverage: Coverage;
  readonly engine: EngineInfo;
  /** Turns the analyses' offsets into places in the editor. */
  selection(range: TextRange): TextSelection;
  /** True once the document is another than the one that was read. */
  isStale(): Promise<boolean>;
}

/** Memories that the engine keeps at a time; the one used longest ago goes first. */
const MAX_MEMORIES = 4;

interface Open {
  readonly source: TextSource;
  readonly text: AsyncIterator<string>;
  readonly positions: Positions;
  readonly fingerprint: Fingerprint;
  failure?: MemMambaError;
}

/**
 * Which documents were read, and how far. Reads a document when it must: not again while it is the same
 * text and was read to its end.
 */
export class Readings {
  private readonly known = new Map<DocumentKey, Reading>();
  private readonly open = new Map<DocumentKey, Open>();
  private readonly changed = new vscode.EventEmitter<void>();
  /** A reading was added, replaced or forgotten. */
  readonly onDidChange = this.changed.event;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly engine: () => Engine) {}

  get(key: DocumentKey): Reading | undefined {
    return this.known.get(key);
  }

  /**
   * The document's reading, made now unless there is one of the same text. When `signal` is aborted midway
   * the reading of what was read so far is returned (`coverage.complete` is false).
   * @throws {MemMambaError}
   */
  ensure(
    uri: vscode.Uri,
    options: {
      signal: AbortSignal;
      onStart?: (source: TextSource) => void;
      onProgress?: (p: ReadProgress) => void;
    },
  ): Promise<Reading> {
    // One at a time: the engine could not go faster with two, and the second may want what the first reads.
    const result = this.queue.then(() => this.ensureNow(uri, options));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Gives the engine the next piece of a document that it reads. */
  async pull(key: DocumentKey): Promise<TextPiece> {
    const open = this.open.get(key);
    if (!open) throw new MemMambaError('internal', `No reading of ${key} is under way.`);
    try {
      const next = await open.text.next();
      if (next.done) return { text: '', done: true };
      open.positions.append(next.value);
      open.fingerprint.append(next.value);
      return { text: next.value, done: false };
    } catch (error) {
      // Told to the reader as it is, whatever the engine makes of the end of its text.
      if (error instanceof MemMambaError) open.failure = error;
      throw error;
    }
  }

  /** The engine's page is gone, and with it all memories. */
  clear(): void {
    this.known.clear();
    this.changed.fire();
  }

  private async ensureNow(
    uri: vscode.Uri,
    { signal, onStart, onProgress }: Parameters<Readings['ensure']>[1],
  ): Promise<Reading> {
    if (signal.aborted) throw new MemMambaError('cancelled', vscode.l10n.t('Cancelled.'));
    const engine = this.engine();
    const key = uri.toString();
    const before = this.known.get(key);
    if (before?.coverage.complete && !(await before.isStale())) {
      this.remember(key, before);
      onStart?.(before.source);
      return before;
    }
    const source = await openSource(uri);
    onStart?.(source);
    const info = await engine.request('start', { engine: engine.choice }, { signal });
    const positions = new Positions();
    const fingerprint = new Fingerprint();
    const freshness = new Freshness(source, fingerprint);
    const open: Open = { source, text: source.read(), positions, fingerprint };
    this.open.set(key, open);
    try {
      const coverage = await engine.request(
        'read',
        { document: key, name: source.name, engine: engine.choice, totalBytes: source.totalBytes },
        { signal, ...(onProgress && { onProgress }) },
      );
      const reading: Reading = {
        source,
        coverage,
        engine: info,
        selection: ({ start, end }) => ({ start: positions.at(start), end: positions.at(end) }),
        isStale: () => freshness.isStale(),
      };
      this.remember(key, reading);
      return reading;
    } catch (error) {
      throw open.failure ?? error;
    } finally {
      this.open.delete(key);
    }
  }

  private remember(key: DocumentKey, reading: Reading): void {
    this.known.delete(key);
    this.known.set(key, reading);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_MEMORIES) break;
      this.known.delete(oldest);
      this.engine().notify('forget', { document: oldest });
    }
    this.changed.fire();
  }
}
