import * as vscode from 'vscode';
import { showDocument } from '../editor/reveal.js';
import type { Services } from './services.js';

interface Choice extends vscode.QuickPickItem {
  readonly command: string;
}

/**
 * Opens a file of any size and asks what is to be done with it: the file that was clicked in the explorer, else
 * one that the reader picks. For files that VS Code hands to no extension there is a view of our own. Gives what
 * the chosen command gives.
 */
export async function analyzeFile(_services: Services, ...args: unknown[]): Promise<unknown> {
  const { t } = vscode.l10n;
  const uri = args.find((arg): arg is vscode.Uri => arg instanceof vscode.Uri) ?? (await pickFile());
  if (!uri) return undefined;
  await showDocument(uri);
  const items: Choice[] = [
    { label: t('Summarize'), command: 'memmamba.summarize' },
    { label: t('Find Passages'), command: 'memmamba.findPassages' },
    { label: t('Find Passkey'), command: 'memmamba.findPasskey' },
    { label: t('Memory Fidelity'), command: 'memmamba.showMemoryFidelity' },
    { label: t('State Pool'), command: 'memmamba.showStatePool' },
  ];
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const chosen = await vscode.window.showQuickPick(items, {
    title: t('Analyze {0}', name),
    placeHolder: t('What to do with the file'),
    // A view that opens slowly may take the keyboard for a moment.
    ignoreFocusOut: true,
  });
  return chosen && vscode.commands.executeCommand(chosen.command, uri);
}

async function pickFile(): Promise<vscode.Uri | undefined> {
  const { t } = vscode.l10n;
  const picked = await vscode.window.showOpenDialog({
    title: t('Analyze File'),
    openLabel: t('Analyze'),
    canSelectMany: false,
  });
  return picked?.[0];
}
