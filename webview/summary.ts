import type { SummaryHostMessage, SummaryPageMessage } from '../extension/protocol.js';
import { addStyles } from './dom.js';
import styles from './summary.css';

declare function acquireVsCodeApi(): { postMessage(message: SummaryPageMessage): void };

const vscode = acquireVsCodeApi();
addStyles(styles);

function plainText(text: string): HTMLElement {
  const element = document.createElement('pre');
  element.textContent = text;
  return element;
}

window.addEventListener('message', ({ data }: MessageEvent<SummaryHostMessage>) => {
  const summary = document.getElementById('summary');
  if (!summary) return;
  // VS Code's Markdown engine made it; the page's policy runs no script that could be in it.
  if (data.html !== undefined) summary.innerHTML = data.html;
  else summary.replaceChildren(plainText(data.text));
  vscode.postMessage({ type: 'shown' });
});

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const href = link?.getAttribute('data-href') ?? link?.getAttribute('href');
  // Links within the summary, and those to the network, are the webview's to follow.
  if (!href || href.startsWith('#') || /^https?:/i.test(href)) return;
  event.preventDefault();
  event.stopPropagation();
  vscode.postMessage({ type: 'open', href });
});

vscode.postMessage({ type: 'ready' });
