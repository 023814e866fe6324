import { Budget } from './inflate.js';
import { PackedError, type Bounds, type PackedOptions, type Unread, BOUNDS } from './types.js';
import { readXml, type XmlHandler } from './xml.js';
import { bytesOf, openZip, type Zip } from './zip.js';

/** A zip of XML files, with the bounds that hold for all of it and a list of what could not be read. */
export class Archive {
  readonly #zip: Zip;
  readonly #budget: Budget;
  readonly #bounds: Bounds;
  readonly #signal: AbortSignal | undefined;
  readonly unread: Unread[] = [];

  /** @throws {PackedError} `broken` where no entry is found */
  constructor(bytes: Uint8Array, { bounds = BOUNDS, signal }: PackedOptions = {}) {
    this.#bounds = bounds;
    this.#signal = signal;
    this.#budget = new Budget(bounds);
    this.#zip = openZip(bytes, bounds);
    const { isSalvaged, leftOut } = this.#zip;
    if (isSalvaged) this.unread.push({ kind: 'file', label: 'directory', reason: 'broken' });
    if (leftOut > 0) this.unread.push({ kind: 'file', label: `${leftOut} entries`, reason: 'too-large' });
  }

  get names(): Iterable<string> {
    return this.#zip.entries.keys();
  }

  has(name: string): boolean {
    return this.#zip.entries.has(name);
  }

  /**
   * Reads an entry if there is one. Where it is damaged or too large it is listed as unread, and what came before the
   * damage counts.
   *
   * @param part what the entry is to a reader, for the list
   * @returns false where there is none
   */
  read(name: string, handler: XmlHandler, part: Omit<Unread, 'reason'>, isHtml = false): boolean {
    const entry = this.#zip.entries.get(name);
    if (!entry) return false;
    this.#signal?.throwIfAborted();
    const { depth } = this.#bounds;
    try {
      const pieces = bytesOf(this.#zip, entry, this.#budget);
      readXml(pieces, handler, { isHtml, depth, signal: this.#signal });
    } catch (error) {
      if (!(error instanceof PackedError)) throw error;
      const { kind } = error;
      const reason = kind === 'encrypted' || kind === 'too-large' ? kind : 'broken';
      this.unread.push({ ...part, reason });
    }
    return true;
  }

  /** The same for an entry that tells where others are; what is wrong with it shows in what is then missing. */
  readAside(name: string, handler: XmlHandler, isHtml = false): boolean {
    return this.read(name, handler, { kind: 'file', label: name }, isHtml);
  }
}

/** Relations of an Office part: id to target, as a path within the archive. */
export function relationsOf(archive: Archive, part: string): Map<string, { target: string; type: string }> {
  const slash = part.lastIndexOf('/');
  const folder = part.slice(0, slash + 1);
  const relations = new Map<string, { target: string; type: string }>();
  archive.readAside(`${folder}_rels/${part.slice(slash + 1)}.rels`, {
    open: (name, { Id, Target, Type = '', TargetMode }) => {
      if (!name.endsWith('Relationship') || Id === undefined || Target === undefined) return;
      if (TargetMode === 'External') return;
      relations.set(Id, { target: resolved(folder, Target), type: Type.slice(Type.lastIndexOf('/') + 1) });
    },
  });
  return relations;
}

/** A path within the archive from a reference in a file of `folder`; what leads out of the archive stays inside. */
export function resolved(folder: string, reference: string): string {
  const parts = reference.startsWith('/') ? [] : folder.split('/').filter(Boolean);
  for (const part of reference.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The part that the archive itself names as its main one. */
export function mainPartOf(archive: Archive, usual: string): string {
  for (const { target, type } of relationsOf(archive, '').values()) {
    if (type === 'officeDocument' && archive.has(target)) return target;
  }
  return usual;
}
