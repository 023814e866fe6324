import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import { percentOf, type Underway } from '../panels/overview.js';
import { button } from '../elements/toolkit.js';

/** What has become of the document that is shown. */
export interface ShownDocument {
  readonly name: string;
  /** Set where it was edited since it was read. */
  readonly edited: { readonly placesKnown: boolean } | undefined;
}

/**
 * Says above the panels that the text was edited since it was read, or is being read again, and offers to read it
 * again. A live region: it is heard where the reader is, in whichever panel.
 */
export class EditNotice {
  readonly element: HTMLElement;
  readonly #words = el('p', { id: 'edit-notice', role: 'status' });
  readonly #again: HTMLElement & { disabled: boolean };

  constructor(readAgain: () => void) {
    this.#again = button('read-again', t('Read Again'), readAgain);
    this.element = el('div', { class: 'notice' }, this.#words, this.#again);
    this.show(undefined, undefined);
  }

  /** @param reading the reading of this document that is under way */
  show(document: ShownDocument | undefined, reading: Underway | undefined): void {
    const said = reading ? readingWords(reading) : document?.edited ? editedWords(document) : '';
    this.element.classList.toggle('idle', said === '');
    this.#again.hidden = reading !== undefined || said === '';
    // Only what changed is said aloud.
    if (this.#words.textContent !== said) this.#words.textContent = said;
  }
}

/** How far a reading is, in words for the ear. */
export function readingWords(reading: Underway): string {
  const percent = percentOf(reading);
  // Every ten percent: what changes more often cannot be followed by ear.
  return percent === undefined
    ? t('Reading {0}…', reading.name)
    : t('Reading {0}: {1} %', reading.name, Math.floor(percent / 10) * 10);
}

function editedWords({ name, edited }: ShownDocument): string {
  const places = edited?.placesKnown
    ? t('Links and the map lead to where its words are now.')
    : t('Links and the map may lead to other places.');
  return `${t('{0} was edited since it was read: the figures are about the text as it was.', name)} ${places}`;
}
