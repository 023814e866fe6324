import type { EngineMethods } from '../../extension/protocol/engine.js';
import type { HostMethods, PageConfig, UnpackMethods } from '../../extension/protocol/page.js';
import { dispatch, forward, Peer, type Message } from '../../extension/protocol/rpc.js';
import { App, type ShownMethods } from './app.js';
import { addStyles } from '../elements/dom.js';
import { setStrings } from '../elements/l10n.js';
import pageStyles from './page.css';
import { startWorker } from './start-worker.js';
import { registerToolkit } from '../elements/toolkit.js';
import { unpackMethods } from './unpacker.js';
import { WorkerRemote } from './worker-remote.js';

interface VsCodeApi {
  postMessage(message: Message): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** Starts the page: the wire to the extension first, then what is seen. */
function main(): void {
  const config = JSON.parse(document.getElementById('config')?.textContent ?? '{}') as PageConfig;
  setStrings(config.l10n);
  addStyles(pageStyles);
  registerToolkit();

  const vscode = acquireVsCodeApi();
  const engine: WorkerRemote<EngineMethods> = new WorkerRemote<EngineMethods>((host) =>
    startWorker(config, { ...host, pull: (document) => peer.request('pull', { document }) }),
  );
  const app: App = new App(engine, () => peer);
  const peer: Peer<HostMethods> = new Peer<HostMethods>(
    (message) => vscode.postMessage(message),
    // What is not shown here is between the extension and the engine.
    dispatch<ShownMethods & UnpackMethods>(
      { ...app.methods, ...unpackMethods(config, () => peer) },
      forward<EngineMethods>(engine),
    ),
  );
  window.addEventListener('message', ({ data }: MessageEvent<Message>) => peer.receive(data));
  document.getElementById('app')?.append(app.element);
  void peer.request('ready', {});
}

main();
