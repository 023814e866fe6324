import * as vscode from 'vscode';
import type { Span } from '../../models/text/span.js';
import { isPackedText } from '../documents/packed-uri.js';
import { openDocument } from '../documents/source.js';
import type { Engine } from '../engine/engine.js';
import type { Reading, Readings } from './readings.js';
import { EditMap, type Change } from './edit-map.js';
import type { TextSelection } from '../documents/fragment.js';

/** Typing ends in a pause; only then is it worth comparing texts. */
const SETTLE_MS = 400;
/** Changes remembered of a document at most: more than anybody types between two readings. */
const MAX_CHANGES = 50_000;

interface Edit extends Change {
  /** The document's version after it. */
  readonly version: number;
}

/** A map, and the version of the document to which it leads. */
interface Followed {
  readonly map: EditMap;
  version: number;
}

/**
 * Follows what becomes of documents after they were read: whether they are still the text that was read, and where
 * its places are now. Tells the engine's page, which shows a notice.
 */
export class Edits implements vscode.Disposable {
  readonly #readings: Readings;
  readonly #engine: Engine;
  /** By document, in order; kept from before the reading ends, since it takes a while. */
  readonly #edits = new Map<string, Edit[]>();
  readonly #followed = new WeakMap<Reading, Followed>();
  readonly #edited = new WeakSet<Reading>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** A document became another than the one that was read, or became it again. */
  readonly onDidChange = this.#changed.event;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #subscriptions: vscode.Disposable;

  constructor(readings: Readings, engine: Engine) {
    this.#readings = readings;
    this.#engine = engine;
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.onDidChangeTextDocument((event) => this.#note(event)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#edits.delete(uri.toString())),
      readings.onDidChange(() => {
        for (const { source } of readings.all()) this.#schedule(source.key);
      }),
    );
  }

  /** True if the document was edited since, as far as is known without looking at its text. */
  isEdited(reading: Reading): boolean {
    return this.#edited.has(reading);
  }

  /** Where a stretch of the text that was read is in the editor now. */
  place(reading: Reading, range: Span): TextSelection {
    const document = openDocument(reading.source.uri);
    const map = document && this.#map(reading, document);
    if (!document || !map || map.isEmpty) return reading.selection(range);
    const { start, end } = map.toNow(range);
    return { start: document.positionAt(start), end: document.positionAt(end) };
  }

  /** The same for a stretch of what the engine's page knows, which is what the model has read. */
  placeInPage(reading: Reading, { start, end }: Span): TextSelection {
    return this.place(reading, reading.stages?.text.toDocument(start, end) ?? { start, end });
  }

  /** Where a place of the text that was read, which a link names, is in the editor now. */
  follow(uri: vscode.Uri, selection: TextSelection): TextSelection {
    const reading = this.#readings.get(uri.toString());
    if (!reading) return selection;
    return this.place(reading, {
      start: reading.offsetOf(selection.start),
      end: reading.offsetOf(selection.end),
    });
  }

  /** Where a stretch of the editor's text was in the text that was read. */
  toRead(reading: Reading, range: Span): Span {
    const document = openDocument(reading.source.uri);
    return (document && this.#map(reading, document)?.toThen(range)) ?? range;
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#subscriptions.dispose();
  }

  #note({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    // Nobody edits an unpacked text; where its file is another, so is the text.
    if (contentChanges.length === 0 || isPackedText(document.uri)) return;
    const key = document.uri.toString();
    const edits = this.#edits.get(key) ?? [];
    this.#edits.set(key, edits);
    // Later ones first: then each offset is right when its turn comes.
    const ordered = [...contentChanges].sort((a, b) => b.rangeOffset - a.rangeOffset);
    for (const { rangeOffset, rangeLength, text } of ordered) {
      const { version } = document;
      edits.push({ offset: rangeOffset, removed: rangeLength, inserted: text.length, version });
    }
    if (edits.length > MAX_CHANGES) edits.splice(0, edits.length - MAX_CHANGES);
    if (this.#readings.get(key)) this.#schedule(key);
  }

  /** What the edits since the reading have moved; undefined where that is not known. */
  #map(reading: Reading, document: vscode.TextDocument): EditMap | undefined {
    const known: Followed = this.#followed.get(reading) ?? {
      map: new EditMap(),
      version: reading.source.documentVersion ?? 0,
    };
    this.#followed.set(reading, known);
    for (const edit of this.#edits.get(document.uri.toString()) ?? []) {
      if (edit.version > known.version) known.map.apply(edit);
    }
    known.version = document.version;
    // A document that was changed where nobody saw it has another length.
    return reading.fingerprint.length + known.map.growth === lengthOf(document) ? known.map : undefined;
  }

  #schedule(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => void this.#compare(key), SETTLE_MS),
    );
  }

  async #compare(key: string): Promise<void> {
    this.#timers.delete(key);
    const reading = this.#readings.get(key);
    if (!reading) return;
    const isStale = await reading.isStale();
    const document = openDocument(reading.source.uri);
    // Undone: from here on everything is where it was.
    if (!isStale && document) this.#followed.set(reading, { map: new EditMap(), version: document.version });
    if (isStale === this.#edited.has(reading)) return;
    if (isStale) this.#edited.add(reading);
    else this.#edited.delete(reading);
    this.#changed.fire();
    const placesKnown = document !== undefined && this.#map(reading, document) !== undefined;
    this.#engine.notify('edited', { document: key, edited: isStale, placesKnown });
  }
}

function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}
