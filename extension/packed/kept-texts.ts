import { Fingerprint } from '../documents/fingerprint.js';
import type { DocumentKey } from '../protocol/engine.js';
import type { KeptTexts, PackedText } from './texts.js';

/** Where files are kept under names of ours; what was used longest ago makes room. */
interface Shelf {
  readonly read: (name: string) => Promise<string | undefined>;
  readonly write: (name: string, text: string) => Promise<void>;
}

/** Counts up where the same file leads to another text or other blocks now. */
const VERSION = 1;

/**
 * Keeps unpacked texts, so that a file that was opened once is there without being unpacked again, as long as it is the
 * same.
 */
export function keptTexts(shelf: Shelf): KeptTexts {
  return {
    load: async (key, version) => {
      const json = await shelf.read(nameOf(key, version));
      return json === undefined ? undefined : fromJson(json, version);
    },
    save: (key, text) => shelf.write(nameOf(key, text.version), JSON.stringify({ kept: VERSION, ...text })),
  };
}

const nameOf = (key: DocumentKey, version: string) =>
  `text-${Fingerprint.of(JSON.stringify([key, version])).toString()}.json`;

/** Undefined for what was not written by this version, or was damaged: then the file is unpacked anew. */
function fromJson(json: string, version: string): PackedText | undefined {
  try {
    const { kept, ...text } = JSON.parse(json) as Partial<PackedText> & { readonly kept?: unknown };
    const isWhole = kept === VERSION && text.version === version && typeof text.text === 'string';
    return isWhole && text.kind === 'text' && text.anchors && text.unread ? (text as PackedText) : undefined;
  } catch {
    return undefined;
  }
}
