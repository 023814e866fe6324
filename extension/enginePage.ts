import * as vscode from 'vscode';
import { pageFolder, pageHost } from './pageHost.js';
import { enginePageHtml } from './pageHtml.js';

const MODEL = 'tiny';
/** The model's folder, in the extension's. */
export const MODEL_FOLDER = `models/artifacts/${MODEL}`;

/** Folders that the page may load from. */
export function engineResourceRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [pageFolder(extensionUri), vscode.Uri.joinPath(extensionUri, 'models/artifacts')];
}

/** The page's HTML, with addresses that the webview can load. */
export function enginePage(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  return enginePageHtml(pageHost(webview, extensionUri), MODEL);
}
