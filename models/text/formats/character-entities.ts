import { decodeHTML } from 'entities';

/** A character by its name or number, as in HTML, XML and Markdown. */
export const ENTITY = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});/gu;

/** What a reader sees of an entity; a no-break space is a space. */
export function entityOf(found: string): string {
  return decodeHTML(found).replace(/\u00a0/gu, ' ');
}
