import * as vscode from 'vscode';
import { bytesOf } from '../documents/bytes.js';
import { fileOf, nameOf } from '../documents/packed-uri.js';
import { fileVersion, stat } from '../documents/source.js';
import { BYTES_PIECE_LENGTH } from '../protocol/unpack.js';
import type { PackedText, PackedTexts, UnpackOptions } from './texts.js';

/** Opens the texts of packed files by their URIs, wherever the files are. */
export class PackedFiles implements vscode.Disposable {
  readonly texts: PackedTexts;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  /** A text is another than the one that was opened before. */
  readonly onDidChange = this.#changed.event;

  constructor(texts: PackedTexts) {
    this.texts = texts;
  }

  /**
   * The text of a file as it is now.
   *
   * @param uri of the text
   * @throws {MemMambaError} where the file cannot be read or gives no text, and on cancel
   */
  async open(uri: vscode.Uri, options: UnpackOptions = {}): Promise<PackedText> {
    const key = uri.toString();
    const file = fileOf(uri);
    const found = await stat(file);
    const before = this.texts.peek(key);
    const text = await this.texts.open(
      key,
      {
        name: nameOf(uri),
        size: found.size,
        version: fileVersion(found),
        bytes: () => bytesOf(file, BYTES_PIECE_LENGTH),
      },
      options,
    );
    if (before && before.text !== text.text) this.#changed.fire(uri);
    return text;
  }

  /** The text of a file as it is now, where it was unpacked before; undefined where the page would have to do it. */
  async recall(uri: vscode.Uri): Promise<PackedText | undefined> {
    return this.texts.recall(uri.toString(), fileVersion(await stat(fileOf(uri))));
  }

  /** The text that an editor shows; that a file is being unpacked is told in the status bar. */
  async show(uri: vscode.Uri): Promise<string> {
    const title = vscode.l10n.t('MemMamba: unpacking {0}', nameOf(uri));
    const location = vscode.ProgressLocation.Window;
    const { text } = await vscode.window.withProgress({ location, title }, () => this.open(uri));
    return text;
  }

  dispose(): void {
    this.texts.dispose();
    this.#changed.dispose();
  }
}
