import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VerifiedFiles, type ModelFiles } from '../memmamba/files.js';
import { loadModel, type MemMambaModel } from '../memmamba/weights.js';
import { SHIPPED_MODELS } from '../memmamba/shipped-models.js';
import { Tokenizer } from '../tokenizer/index.js';
import { InputError } from './errors.js';

export interface LoadedModel {
  readonly folder: string;
  readonly model: MemMambaModel;
  readonly tokenizer: Tokenizer;
}

/**
 * Loads `tiny`, `base` or another model of this installation by its name, or a model folder by its path; every file is
 * checked against the folder's checksums.
 *
 * @throws {InputError} where there is no such folder
 */
export async function openModel(nameOrPath: string): Promise<LoadedModel> {
  const folder = folderOf(nameOrPath);
  const files: ModelFiles = { read: async (name) => new Uint8Array(await readFile(path.join(folder, name))) };
  const model = await loadModel(files);
  const verified = await VerifiedFiles.open(files);
  return { folder, model, tokenizer: new Tokenizer(await verified.readTokenizer()) };
}

function folderOf(nameOrPath: string): string {
  const artifacts = path.join(installation(), 'models/artifacts');
  if ((SHIPPED_MODELS as readonly string[]).includes(nameOrPath)) return path.join(artifacts, nameOrPath);
  if (existsSync(path.join(nameOrPath, 'config.json'))) return path.resolve(nameOrPath);
  throw new InputError(
    `${nameOrPath}: no model folder (one with a config.json), and no model of this installation, which has ` +
      `${SHIPPED_MODELS.join(' and ')}. Name another with --model.`,
  );
}

/** The folder that holds this project's package.json: the bundle lies one level below it, the source two. */
function installation(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'models/artifacts')) && path.dirname(folder) !== folder) {
    folder = path.dirname(folder);
  }
  return folder;
}
