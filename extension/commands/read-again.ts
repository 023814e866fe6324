import * as vscode from 'vscode';
import type { Services } from './services.js';
import { documentOf } from './arguments.js';
import { read } from './read.js';

/** Reads what an edit may have changed; panels and status bar are about the text as it is then. */
export async function readAgain(services: Services, ...args: unknown[]): Promise<void> {
  const uri = documentOf(services, args);
  const name = decodeURIComponent(uri.path.slice(uri.path.lastIndexOf('/') + 1));
  await services.tasks.run(vscode.l10n.t('MemMamba: reading {0}', name), (task) => read(services, uri, task));
}
