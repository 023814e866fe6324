import { ModelFileError } from './errors.js';
import { messageOf } from '../../kernels/message.js';

/** Where the files of one model come from: a folder on disk, bytes handed over by a page, a test. */
export interface ModelFiles {
  /** Reads a file by its name inside the model folder, for example `graphs/enter.onnx`; rejects if it is missing. */
  read(name: string): Promise<Uint8Array>;
}

const CHECKSUMS = 'checksums.json';
const TOKENIZER = 'tokenizer.json';

/**
 * Reads model files and checks each against the SHA-256 that `checksums.json` states for it, before a byte of
 * it is used.
 */
export class VerifiedFiles implements ModelFiles {
  readonly #files: ModelFiles;
  readonly #sums: ReadonlyMap<string, string>;

  private constructor(files: ModelFiles, sums: ReadonlyMap<string, string>) {
    this.#files = files;
    this.#sums = sums;
  }

  /** @throws {ModelFileError} if `checksums.json` is missing or malformed. */
  static async open(files: ModelFiles): Promise<VerifiedFiles> {
    const parsed = parseJson(CHECKSUMS, await readFile(files, CHECKSUMS));
    const listed = isRecord(parsed) ? parsed.files : undefined;
    if (!isRecord(listed)) throw new ModelFileError(CHECKSUMS, 'it holds no "files" object.');
    const sums = new Map<string, string>();
    for (const [name, sum] of Object.entries(listed)) {
      if (typeof sum !== 'string' || !/^[0-9a-f]{64}$/.test(sum)) {
        throw new ModelFileError(CHECKSUMS, `the entry for ${name} is not a SHA-256 in lower-case hex.`);
      }
      sums.set(name, sum);
    }
    return new VerifiedFiles(files, sums);
  }

  /** Whether a file is listed. */
  has(name: string): boolean {
    return this.#sums.has(name);
  }

  /** @throws {ModelFileError} if the file is missing, not listed, or not the one that was listed. */
  async read(name: string): Promise<Uint8Array> {
    const expected = this.#sums.get(name);
    if (expected === undefined) throw new ModelFileError(name, `it is not listed in ${CHECKSUMS}.`);
    const bytes = await readFile(this.#files, name);
    const actual = await sha256(bytes);
    if (actual !== expected) {
      throw new ModelFileError(
        name,
        `its SHA-256 is ${actual}, but ${CHECKSUMS} says ${expected}: the file is damaged.`,
      );
    }
    return bytes;
  }

  /**
   * The tokenizer's file, which models share: it may lie in another model's folder, and is listed by its way there.
   *
   * @throws {ModelFileError} if none is listed, or as of {@link read}
   */
  async readTokenizer(): Promise<unknown> {
    const name = [...this.#sums.keys()].find(
      (listed) => listed === TOKENIZER || listed.endsWith(`/${TOKENIZER}`),
    );
    return this.readJson(name ?? TOKENIZER);
  }

  /** Reads and parses a JSON file. */
  async readJson(name: string): Promise<unknown> {
    return parseJson(name, await this.read(name));
  }
}

async function readFile(files: ModelFiles, name: string): Promise<Uint8Array> {
  try {
    return await files.read(name);
  } catch (cause) {
    throw new ModelFileError(name, `it cannot be read (${messageOf(cause)}).`, { cause });
  }
}

function parseJson(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ModelFileError(name, `it is not valid JSON (${messageOf(cause)}).`, { cause });
  }
}

/** SHA-256 in lower-case hex. Web Crypto exists in Node 20 and in every secure browser context. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether a parsed value is an object of named values: no array and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
