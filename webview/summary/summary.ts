import type { SummaryHostMessage, SummaryPageMessage } from '../../extension/protocol/summary.js';
import { addStyles } from '../elements/dom.js';
import styles from './summary.css';

declare function acquireVsCodeApi(): { postMessage(message: SummaryPageMessage): void };

const vscode = acquireVsCodeApi();
addStyles(styles);

function plainText(text: string): HTMLElement {
  const element = document.createElement('pre');
  element.textContent = text;
  return element;
}

/**
 * Says what has become of the summary: every ten percent while the document is read, and when it is there. Not the
 * whole page, which is drawn anew twice a second: nobody could follow that by ear.
 */
function announce(summary: HTMLElement): void {
  const region = document.getElementById('announcement');
  const lead =
    (summary.querySelector('blockquote strong') ?? summary.querySelector('blockquote'))?.textContent.trim() ??
    '';
  if (!region || lead === '') return;
  const isFinished = summary.querySelector('h2') !== null;
  const title = summary.querySelector('h1')?.textContent ?? '';
  const words = isFinished
    ? `${title}: ${lead}`
    : lead.replace(/\d+(?= %)/, (n) => `${10 * Math.floor(+n / 10)}`);
  if (region.textContent !== words) region.textContent = words;
}

window.addEventListener('message', ({ data }: MessageEvent<SummaryHostMessage>) => {
  const summary = document.getElementById('summary');
  if (!summary) return;
  // VS Code's Markdown engine made it; the page's policy runs no script that could be in it.
  if (data.html !== undefined) summary.innerHTML = data.html;
  else summary.replaceChildren(plainText(data.text));
  announce(summary);
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
