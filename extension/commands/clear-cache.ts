import * as vscode from 'vscode';
import { formatCount } from '../progress/reading-progress.js';
import type { Services } from './services.js';

/** Deletes the analyses that are kept. Gives the number of bytes they took. */
export async function clearCache({ store }: Services): Promise<number> {
  const bytes = await store.clear();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('MemMamba has deleted {0} kB of kept analyses.', formatCount(bytes / 1000)),
  );
  return bytes;
}
