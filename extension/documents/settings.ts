import * as vscode from 'vscode';
import { fileOf } from './packed-uri.js';

/** The settings for a document; an unpacked text has those of its file. */
export function settingsOf(uri: vscode.Uri): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('memmamba', fileOf(uri));
}
