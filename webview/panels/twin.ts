import { messageOf } from '../../kernels/message.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';

/** The table twin of a picture: made when it is opened, and anew while it is open. */
export class Twin {
  readonly element: HTMLDetailsElement;
  #make: (() => HTMLElement) | undefined;
  #body: HTMLElement | undefined;

  constructor(title: string) {
    this.element = el('details', {}, el('summary', {}, title));
    this.element.addEventListener('toggle', () => this.#update());
  }

  /** @param make gives the table of what the picture shows now */
  show(make: () => HTMLElement): void {
    this.#make = make;
    this.#update();
  }

  #update(): void {
    if (!this.element.open || !this.#make) return;
    const body = this.#make();
    if (this.#body) this.#body.replaceWith(body);
    else this.element.append(body);
    this.#body = body;
  }
}

/** What went wrong, said at once. */
export function failure(error: unknown): HTMLElement {
  return el('p', { class: 'error', role: 'alert' }, messageOf(error));
}

/** A sign of a picture and what it means; `kind` is the sign's class in the style sheet. */
export function legendItem(kind: string, words: string): HTMLElement {
  return el('span', { class: 'legend-item' }, el('span', { class: kind, 'aria-hidden': 'true' }), words);
}

/** Label of the button that shows more rows of a long table. */
export const more = (left: number) => t('Show more ({0} left)', left.toLocaleString('en-US'));

/** Digits in groups of three. */
export const count = (n: number) => Math.round(n).toLocaleString('en-US');

/** A token as the reader can tell it: blanks and line ends visible. */
export function quote(text: string): string {
  return `“${text.replace(/\r?\n|\r/g, '⏎').replace(/\t/g, '⇥')}”`;
}
