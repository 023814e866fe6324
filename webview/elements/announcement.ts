import { el } from './dom.js';

/** A live region that nobody sees: what is put in it is said to screen readers. */
export class Announcement {
  readonly element: HTMLElement;

  constructor(id: string) {
    this.element = el('p', { id, class: 'unseen', role: 'status' });
  }

  say(words: string): void {
    // Only what changed is said aloud.
    if (this.element.textContent !== words) this.element.textContent = words;
  }
}
