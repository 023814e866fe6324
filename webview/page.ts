import {
  Peer,
  type HostMessage,
  type HostMethods,
  type PageConfig,
  type PageMessage,
  type PageMethods,
} from '../extension/protocol.js';
import { App } from './app.js';
import { addStyles } from './dom.js';
import { setStrings } from './l10n.js';
import pageStyles from './page.css';
import { registerToolkit } from './toolkit.js';

interface VsCodeApi {
  postMessage(message: PageMessage): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** Starts the page: the wire to the extension first, then what is seen. */
function main(): void {
  const config = JSON.parse(document.getElementById('config')?.textContent ?? '{}') as PageConfig;
  setStrings(config.l10n);
  addStyles(pageStyles);
  registerToolkit();

  const vscode = acquireVsCodeApi();
  const app: App = new App(config, () => peer);
  const peer = new Peer<PageMethods, HostMethods>(
    (message: PageMessage) => vscode.postMessage(message),
    app.handlers,
  );
  window.addEventListener('message', ({ data }: MessageEvent<HostMessage>) => peer.receive(data));
  document.getElementById('app')?.append(app.element);
  void peer.request('ready', {});
}

main();
