import * as vscode from 'vscode';
import { nameOf } from '../documents/packed-uri.js';
import type { Services } from './services.js';
import { documentOf } from './arguments.js';
import { read } from './read.js';

/** Reads what an edit may have changed; panels and status bar are about the text as it is then. */
export async function readAgain(services: Services, ...args: unknown[]): Promise<void> {
  const uri = await documentOf(services, args);
  await services.tasks.run(vscode.l10n.t('MemMamba: reading {0}', nameOf(uri)), (task) =>
    read(services, uri, task),
  );
}
