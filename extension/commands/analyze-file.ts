import * as vscode from 'vscode';
import { textOf } from '../documents/packed-file.js';
import { isPackedText, nameOf } from '../documents/packed-uri.js';
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
export async function analyzeFile(services: Services, ...args: unknown[]): Promise<unknown> {
  const { t } = vscode.l10n;
  const uri = args.find((arg): arg is vscode.Uri => arg instanceof vscode.Uri) ?? (await pickFile());
  if (!uri) return undefined;
  await show(services, uri);
  const items: Choice[] = [
    { label: t('Summarize'), command: 'memmamba.summarize' },
    { label: t('Find Passages'), command: 'memmamba.findPassages' },
    { label: t('Find Passkey'), command: 'memmamba.findPasskey' },
    { label: t('Memory Fidelity'), command: 'memmamba.showMemoryFidelity' },
    { label: t('State Pool'), command: 'memmamba.showStatePool' },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: t('Analyze {0}', nameOf(uri)),
    placeHolder: t('What to do with the file'),
    // A view that opens slowly may take the keyboard for a moment.
    ignoreFocusOut: true,
  });
  return chosen && vscode.commands.executeCommand(chosen.command, uri);
}

/** Shows the document, and of a packed file the text that is in it, which may take a while. */
async function show({ packed, tasks }: Services, file: vscode.Uri): Promise<void> {
  const { t } = vscode.l10n;
  const uri = await textOf(file);
  if (isPackedText(uri)) {
    await tasks.run(t('MemMamba: unpacking {0}', nameOf(uri)), (task) =>
      packed.open(uri, {
        signal: task.signal,
        onUnpack: (share) => task.report(t('{0} %', Math.floor(100 * share))),
      }),
    );
  }
  await showDocument(uri);
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
