import * as vscode from 'vscode';
import { pageFolder, pageHost } from '../webviews/page-host.js';
import { enginePageHtml } from '../webviews/page-html.js';

/** The folder of the models' folders, in the extension's. */
export const MODELS_FOLDER = 'models/artifacts';

/** Folders that the page may load from. */
export function engineResourceRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [pageFolder(extensionUri), vscode.Uri.joinPath(extensionUri, MODELS_FOLDER)];
}

/** The page's HTML, with addresses that the webview can load. */
export function enginePage(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  return enginePageHtml(pageHost(webview, extensionUri));
}
