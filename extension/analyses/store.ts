import * as vscode from 'vscode';
import { Fingerprint } from '../documents/fingerprint.js';
import { fromJson, toEvict, toJson, type SavedAnalyses, type StoredFile } from './saved.js';

/**
 * Keeps analyses in the extension's storage, by the content of the text, so that a file that was analysed once
 * is there at once when it is opened again, under whatever name. Nothing of it leaves the machine. Other weights
 * and other versions of the extension have other analyses.
 */
export class AnalysisStore {
  private readonly folder: vscode.Uri;
  private model: Promise<string> | undefined;

  constructor(
    storage: vscode.Uri,
    private readonly modelFolder: vscode.Uri,
    private readonly version: string,
  ) {
    this.folder = vscode.Uri.joinPath(storage, 'analyses');
  }

  /** What is known of a text, if anything is. */
  async load(text: Fingerprint): Promise<SavedAnalyses | undefined> {
    if (this.capacity === 0) return undefined;
    try {
      const bytes = await vscode.workspace.fs.readFile(await this.file(text));
      return fromJson(new TextDecoder().decode(bytes));
    } catch {
      return undefined;
    }
  }

  /** Keeps what is known of a text; what was used longest ago makes room. A full disk costs the cache only. */
  async save(text: Fingerprint, saved: SavedAnalyses): Promise<void> {
    if (this.capacity === 0) return;
    try {
      await vscode.workspace.fs.createDirectory(this.folder);
      await vscode.workspace.fs.writeFile(await this.file(text), new TextEncoder().encode(toJson(saved)));
      for (const { name } of toEvict(await this.files(), this.capacity)) await this.delete(name);
    } catch (error) {
      console.warn('MemMamba could not keep an analysis.', error);
    }
  }

  /** Deletes everything, and says how many bytes that were. */
  async clear(): Promise<number> {
    const files = await this.files();
    for (const { name } of files) await this.delete(name);
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private get capacity(): number {
    return vscode.workspace.getConfiguration('memmamba').get('cache.sizeMB', 64) * 1e6;
  }

  private delete(name: string): Thenable<void> {
    return vscode.workspace.fs.delete(vscode.Uri.joinPath(this.folder, name));
  }

  private async files(): Promise<StoredFile[]> {
    let names: [string, vscode.FileType][];
    try {
      names = await vscode.workspace.fs.readDirectory(this.folder);
    } catch {
      return [];
    }
    return Promise.all(
      names.map(async ([name]) => {
        const { size, mtime } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(this.folder, name));
        return { name, bytes: size, used: mtime };
      }),
    );
  }

  private async file(text: Fingerprint): Promise<vscode.Uri> {
    this.model ??= this.modelId();
    return vscode.Uri.joinPath(this.folder, `${await this.model}-${text.toString()}.json`);
  }

  private async modelId(): Promise<string> {
    const sums = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.modelFolder, 'checksums.json'));
    return Fingerprint.of(this.version + new TextDecoder().decode(sums)).toString();
  }
}
