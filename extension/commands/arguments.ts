import * as vscode from 'vscode';
import { MemMambaError } from '../protocol/errors.js';
import type { Services } from './services.js';

/**
 * The document that a command is about: the first URI among its arguments, else the active one.
 * @throws {MemMambaError} if there is none.
 */
export function documentOf({ active }: Services, args: readonly unknown[]): vscode.Uri {
  const uri = args.find((arg): arg is vscode.Uri => arg instanceof vscode.Uri) ?? active.get();
  if (uri) return uri;
  throw new MemMambaError('document', vscode.l10n.t('Open the document to read first.'));
}

/** The words a command was given (a query or question), if it was called with some. */
export function wordsOf(args: readonly unknown[]): string | undefined {
  return args.find((arg): arg is string => typeof arg === 'string' && arg.trim().length > 0);
}
