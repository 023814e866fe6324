import { refusalWords } from '../formatting/refusals.js';
import type { Translate } from '../formatting/translate.js';
import type { DocumentKey } from '../protocol/engine.js';
import { MemMambaError, orCancelled } from '../protocol/errors.js';
import type { UnpackMethods } from '../protocol/page.js';
import type { Remote } from '../protocol/rpc.js';
import type { BytesPiece, UnpackedFile } from '../protocol/unpack.js';

/** A file as it is now. */
export interface FileNow {
  /** For people. */
  readonly name: string;
  readonly size: number;
  /** Another string whenever the file is another. */
  readonly version: string;
  bytes(): AsyncGenerator<Uint8Array>;
}

/** The text of a file, with what the file tells of it. */
export interface PackedText extends UnpackedFile {
  readonly text: string;
  /** Of the file. */
  readonly version: string;
}

/** Texts that were unpacked in an earlier session. */
export interface KeptTexts {
  readonly load: (key: DocumentKey, version: string) => Promise<PackedText | undefined>;
  readonly save: (key: DocumentKey, text: PackedText) => Promise<void>;
}

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the share of the file that is unpacked. */
  readonly onUnpack?: ((share: number) => void) | undefined;
}

/** UTF-16 units of all texts that are held; the one used last is, whatever its length. */
const MOST_UNITS = 64 * 2 ** 20;
/** A file that is larger does not fit into one buffer of the page. */
const LARGEST = 2 ** 30;

/** A file that is being unpacked, for all who want its text. */
interface Underway {
  readonly version: string;
  readonly text: Promise<PackedText>;
  readonly stop: AbortController;
  readonly listeners: Set<(share: number) => void>;
  waiting: number;
}

/**
 * The texts of files that have to be unpacked, by the URI of the text. The page does the work; here they are held, one
 * for each file, as long as the file is the same.
 */
export class PackedTexts {
  readonly #page: () => Remote<UnpackMethods>;
  readonly #t: Translate;
  readonly #kept: KeptTexts;
  readonly #room: number;
  /** The one used last at the end. */
  readonly #texts = new Map<DocumentKey, PackedText>();
  readonly #underway = new Map<DocumentKey, Underway>();
  readonly #bytes = new Map<DocumentKey, AsyncGenerator<Uint8Array>>();
  #count = 0;

  /** @param room UTF-16 units of the texts that are held */
  constructor(page: () => Remote<UnpackMethods>, kept: KeptTexts, t: Translate, room = MOST_UNITS) {
    this.#room = room;
    this.#page = page;
    this.#kept = kept;
    this.#t = t;
  }

  /** What is held of a text, whatever has become of its file. */
  peek(key: DocumentKey): PackedText | undefined {
    return this.#texts.get(key);
  }

  /**
   * The text of a file as it is now.
   *
   * @throws {MemMambaError} where the file cannot be read, gives no text, or all who waited have cancelled
   */
  async open(key: DocumentKey, file: FileNow, options: UnpackOptions = {}): Promise<PackedText> {
    const known = await this.recall(key, file.version);
    if (known) return known;
    const underway = this.#underway.get(key);
    if (underway?.version === file.version && !underway.stop.signal.aborted) return wait(underway, options);
    const started = this.#start(key, file);
    this.#underway.set(key, started);
    return wait(started, options);
  }

  /** The text of a file of this version where it was unpacked before, in this session or an earlier one. */
  async recall(key: DocumentKey, version: string): Promise<PackedText | undefined> {
    const held = this.#texts.get(key);
    const text = held?.version === version ? held : await this.#kept.load(key, version);
    if (text) this.#hold(key, text);
    return text;
  }

  /** The next bytes of a file that the page unpacks. */
  async pull(key: DocumentKey): Promise<BytesPiece> {
    const bytes = this.#bytes.get(key);
    if (!bytes) throw new MemMambaError('internal', `${key} is not being unpacked.`);
    const next = await bytes.next();
    // A copy of its own: what arrives may be a part of a larger buffer, all of which would be sent.
    return next.done
      ? { bytes: new Uint8Array(), done: true }
      : { bytes: new Uint8Array(next.value), done: false };
  }

  dispose(): void {
    for (const { stop } of this.#underway.values()) stop.abort();
  }

  #start(key: DocumentKey, file: FileNow): Underway {
    const stop = new AbortController();
    const listeners = new Set<(share: number) => void>();
    const text = this.#unpack(key, file, stop.signal, (share) => {
      for (const listener of listeners) listener(share);
    });
    const underway = { version: file.version, text, stop, listeners, waiting: 0 };
    text
      .finally(() => {
        if (this.#underway.get(key) === underway) this.#underway.delete(key);
      })
      .catch(() => undefined);
    return underway;
  }

  async #unpack(
    key: DocumentKey,
    file: FileNow,
    signal: AbortSignal,
    onShare: (share: number) => void,
  ): Promise<PackedText> {
    const t = this.#t;
    const { name, size, version } = file;
    if (size > LARGEST) {
      throw new MemMambaError('document', t('{0} is larger than 1 GB, and packed. Unpack it first.', name));
    }
    const bytes = file.bytes();
    // Of its own: a file that has changed is unpacked anew while its old bytes may still be asked for.
    const document = `${key}#${++this.#count}`;
    this.#bytes.set(document, bytes);
    const pieces: string[] = [];
    try {
      const answer = await this.#page().request(
        'unpack',
        { document, bytes: size },
        {
          signal,
          onProgress: (progress) => {
            if ('text' in progress) pieces.push(progress.text);
            else onShare(progress.done / Math.max(1, progress.total));
          },
        },
      );
      if (answer.kind === 'refused') throw new MemMambaError('document', refusalWords(name, answer, t));
      const text = { ...answer, text: pieces.join(''), version };
      this.#hold(key, text);
      void this.#kept.save(key, text);
      return text;
    } finally {
      this.#bytes.delete(document);
      void bytes.return(undefined);
    }
  }

  #hold(key: DocumentKey, text: PackedText): void {
    this.#texts.delete(key);
    this.#texts.set(key, text);
    let units = [...this.#texts.values()].reduce((sum, held) => sum + held.text.length, 0);
    for (const [oldest, held] of this.#texts) {
      if (units <= this.#room || oldest === key) break;
      units -= held.text.length;
      this.#texts.delete(oldest);
    }
  }
}

async function wait(underway: Underway, { signal, onUnpack }: UnpackOptions): Promise<PackedText> {
  underway.waiting++;
  if (onUnpack) underway.listeners.add(onUnpack);
  try {
    return await orCancelled(underway.text, signal);
  } finally {
    if (onUnpack) underway.listeners.delete(onUnpack);
    // Whoever else waits for it gets it.
    if (--underway.waiting === 0) underway.stop.abort();
  }
}
