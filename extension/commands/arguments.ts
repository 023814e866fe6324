import * as vscode from 'vscode';
import { textOf } from '../documents/packed-file.js';
import { MemMambaError } from '../protocol/errors.js';
import type { Services } from './services.js';

/**
 * The document that a command is about: the first URI among its arguments, else the active one. Of a file that has to
 * be unpacked, which is told by its content, it is the text in it.
 * @throws {MemMambaError} if there is none, or it is of a kind that holds no text
 */
export async function documentOf({ active }: Services, args: readonly unknown[]): Promise<vscode.Uri> {
  const uri = args.find((arg): arg is vscode.Uri => arg instanceof vscode.Uri) ?? active.get();
  if (uri) return textOf(uri);
  throw new MemMambaError('document', vscode.l10n.t('Open the document to read first.'));
}

/** The words a command was given (a query or question), if it was called with some. */
export function wordsOf(args: readonly unknown[]): string | undefined {
  return args.find((arg): arg is string => typeof arg === 'string' && arg.trim().length > 0);
}
