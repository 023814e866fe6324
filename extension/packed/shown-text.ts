import * as vscode from 'vscode';
import { nameOf } from '../documents/packed-uri.js';
import type { PackedTexts } from './texts.js';

/** The text that an editor of it shows; what a file needs to be unpacked is told in the status bar. */
export async function shownText(uri: vscode.Uri, texts: PackedTexts): Promise<string> {
  const title = vscode.l10n.t('MemMamba: unpacking {0}', nameOf(uri));
  const location = vscode.ProgressLocation.Window;
  const { text } = await vscode.window.withProgress({ location, title }, () => texts.open(uri));
  return text;
}
