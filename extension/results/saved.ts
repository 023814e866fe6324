import type { Coverage } from '../../models/document/types.js';
import type { EngineInfo } from '../protocol/engine.js';

/** What was found out about one text, as it is kept. */
export interface SavedAnalyses {
  readonly coverage: Coverage;
  readonly engine: EngineInfo;
  /** Results by what was asked, see `requestKey`. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** Counts up where the same text, weights and version of the extension now lead to other results. */
const VERSION = 2;

/** Names a request: the method and its parameters, whatever their order. */
export function requestKey(method: string, params: Readonly<Record<string, unknown>> = {}): string {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined);
  return `${method} ${JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

/** Adds a result; those of another reading of the text (of less of it, or by another engine) are dropped. */
export function withResult(
  saved: SavedAnalyses | undefined,
  { coverage, engine }: Pick<SavedAnalyses, 'coverage' | 'engine'>,
  key: string,
  result: unknown,
): SavedAnalyses {
  const isSame =
    saved?.engine.engine === engine.engine && JSON.stringify(saved.coverage) === JSON.stringify(coverage);
  return { coverage, engine, results: { ...(isSame && saved.results), [key]: result } };
}

export function toJson(saved: SavedAnalyses): string {
  return JSON.stringify({ version: VERSION, ...saved });
}

/** Undefined for what was not written by this version, or was damaged: then it is made anew. */
export function fromJson(json: string): SavedAnalyses | undefined {
  try {
    const value = JSON.parse(json) as Partial<SavedAnalyses> & { version?: unknown };
    const { version, coverage, engine, results } = value;
    const isWhole = version === VERSION && coverage?.complete === true && engine && results;
    return isWhole ? { coverage, engine, results } : undefined;
  } catch {
    return undefined;
  }
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was used last, in any unit. */
  readonly used: number;
}

/** The files that have to go so that what stays fits `capacity` bytes: those used longest ago. */
export function toEvict(files: readonly StoredFile[], capacity: number): StoredFile[] {
  let bytes = 0;
  return [...files]
    .sort((a, b) => b.used - a.used || (a.name < b.name ? -1 : 1))
    .filter((file) => (bytes += file.bytes) > capacity);
}
