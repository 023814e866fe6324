import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../models/memmamba/files.js';
import type { ModelFiles } from '../../models/memmamba/weights.js';

const root = new URL('../../', import.meta.url);

/** A file of the repository. */
export async function repositoryFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(path, root)));
}

export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** Files of a model folder of the repository; `changed` takes the place of what lies there (null: missing). */
export function modelFiles(folder: string, changed: Record<string, Uint8Array | null> = {}): ModelFiles {
  return {
    async read(name) {
      const replaced = changed[name];
      if (replaced === null) throw new Error('ENOENT: no such file');
      return replaced ?? repositoryFile(`${folder}/${name}`);
    },
  };
}

export const MICRO = 'test/fixtures/micro';

export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What `memmamba_training.export.golden` wrote: its docstring lists the arrays. */
export class Golden {
  readonly #arrays: ReadonlyMap<string, GoldenArray>;

  private constructor(arrays: ReadonlyMap<string, GoldenArray>) {
    this.#arrays = arrays;
  }

  static async read(folder: string): Promise<Golden> {
    const bytes = await repositoryFile(`${folder}/golden/reference.safetensors`);
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    if (!isRecord(header)) throw new Error('golden file: header is no object');
    const arrays = new Map<string, GoldenArray>();
    for (const [name, value] of Object.entries(header)) {
      const entry = value as { dtype: string; shape: number[]; data_offsets: [number, number] };
      const [from, to] = entry.data_offsets;
      const raw = bytes.slice(start + from, start + to).buffer;
      arrays.set(name, {
        shape: entry.shape,
        data: entry.dtype === 'I32' ? new Int32Array(raw) : new Float32Array(raw),
      });
    }
    return new Golden(arrays);
  }

  has(name: string): boolean {
    return this.#arrays.has(name);
  }

  array(name: string): GoldenArray {
    const found = this.#arrays.get(name);
    if (!found) throw new Error(`golden file: no array ${name}`);
    return found;
  }

  ints(name: string): Int32Array {
    const { data } = this.array(name);
    if (!(data instanceof Int32Array)) throw new Error(`golden file: ${name} is not i32`);
    return data;
  }

  floats(name: string): Float32Array {
    const { data } = this.array(name);
    if (!(data instanceof Float32Array)) throw new Error(`golden file: ${name} is not f32`);
    return data;
  }

  get tokens(): Uint32Array {
    return Uint32Array.from(this.ints('tokens'));
  }
}
