import * as vscode from 'vscode';
import { Fingerprint } from '../documents/fingerprint.js';
import type { ModelChoice } from '../protocol/engine.js';
import { fromJson, toEvict, toJson, type SavedAnalyses, type StoredFile } from './saved.js';

/** Where the model is remembered that `auto` led to. */
const AUTO_MODEL = 'autoModel';

/**
 * Keeps analyses in the extension's storage, by the content of the text, so that a file that was analysed once
 * is there at once when it is opened again, under whatever name. Nothing of it leaves the machine. Other weights
 * and other versions of the extension have other analyses.
 */
export class AnalysisStore {
  readonly #modelsFolder: vscode.Uri;
  readonly #memory: vscode.Memento;
  readonly #version: string;
  readonly #folder: vscode.Uri;
  readonly #ids = new Map<string, Promise<string>>();

  constructor(storage: vscode.Uri, modelsFolder: vscode.Uri, memory: vscode.Memento, version: string) {
    this.#modelsFolder = modelsFolder;
    this.#memory = memory;
    this.#version = version;
    this.#folder = vscode.Uri.joinPath(storage, 'analyses');
  }

  /** What is known of a text, if anything is. */
  async load(text: Fingerprint): Promise<SavedAnalyses | undefined> {
    const model = this.#model;
    if (this.#capacity === 0 || model === undefined) return undefined;
    try {
      const file = await this.#file(text, model);
      const bytes = await vscode.workspace.fs.readFile(file);
      const saved = fromJson(new TextDecoder().decode(bytes));
      // Written again, it counts as used now.
      if (saved) await vscode.workspace.fs.writeFile(file, bytes);
      return saved;
    } catch {
      return undefined;
    }
  }

  /** Keeps what is known of a text; what was used longest ago makes room. A full disk costs the cache only. */
  async save(text: Fingerprint, saved: SavedAnalyses): Promise<void> {
    if (this.#capacity === 0) return;
    const { model } = saved.engine;
    try {
      if (this.#setting === 'auto') await this.#memory.update(AUTO_MODEL, model);
      await this.#keep(await this.#file(text, model), new TextEncoder().encode(toJson(saved)));
    } catch (error) {
      console.warn('MemMamba could not keep an analysis.', error);
    }
  }

  /** What was kept under a name, of this version of the extension. */
  async read(name: string): Promise<string | undefined> {
    if (this.#capacity === 0) return undefined;
    try {
      const file = this.#named(name);
      const bytes = await vscode.workspace.fs.readFile(file);
      // Written again, it counts as used now.
      await vscode.workspace.fs.writeFile(file, bytes);
      return new TextDecoder().decode(bytes);
    } catch {
      return undefined;
    }
  }

  /** Keeps something under a name, unless it alone would take most of the room. */
  async write(name: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > this.#capacity / 2) return;
    try {
      await this.#keep(this.#named(name), bytes);
    } catch (error) {
      console.warn('MemMamba could not keep a text.', error);
    }
  }

  /** Deletes everything, and says how many bytes that were. */
  async clear(): Promise<number> {
    const files = await this.#files();
    for (const { name } of files) await this.#delete(name);
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get #setting(): ModelChoice {
    return vscode.workspace.getConfiguration('memmamba').get<ModelChoice>('model', 'auto');
  }

  /** The model that the settings lead to; `auto` to the one it led to the last time. */
  get #model(): string | undefined {
    return this.#setting === 'auto' ? this.#memory.get<string>(AUTO_MODEL) : this.#setting;
  }

  get #capacity(): number {
    return vscode.workspace.getConfiguration('memmamba').get('cache.sizeMB', 64) * 1e6;
  }

  #named(name: string): vscode.Uri {
    return vscode.Uri.joinPath(this.#folder, `${Fingerprint.of(this.#version).toString()}-${name}`);
  }

  async #keep(file: vscode.Uri, bytes: Uint8Array): Promise<void> {
    await vscode.workspace.fs.createDirectory(this.#folder);
    await vscode.workspace.fs.writeFile(file, bytes);
    for (const { name } of toEvict(await this.#files(), this.#capacity)) await this.#delete(name);
  }

  #delete(name: string): Thenable<void> {
    return vscode.workspace.fs.delete(vscode.Uri.joinPath(this.#folder, name));
  }

  async #files(): Promise<StoredFile[]> {
    let names: [string, vscode.FileType][];
    try {
      names = await vscode.workspace.fs.readDirectory(this.#folder);
    } catch {
      return [];
    }
    return Promise.all(
      names.map(async ([name]) => {
        const { size, mtime } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(this.#folder, name));
        return { name, bytes: size, used: mtime };
      }),
    );
  }

  async #file(text: Fingerprint, model: string): Promise<vscode.Uri> {
    const id = this.#ids.get(model) ?? this.#modelId(model);
    this.#ids.set(model, id);
    id.catch(() => this.#ids.delete(model));
    return vscode.Uri.joinPath(this.#folder, `${await id}-${text.toString()}.json`);
  }

  async #modelId(model: string): Promise<string> {
    const file = vscode.Uri.joinPath(this.#modelsFolder, model, 'checksums.json');
    const sums = await vscode.workspace.fs.readFile(file);
    return Fingerprint.of(this.#version + new TextDecoder().decode(sums)).toString();
  }
}
