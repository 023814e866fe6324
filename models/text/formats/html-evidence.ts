/** Units in which a page says what it is. */
const HEAD = 1 << 13;
/** What may stand before: a declaration of XML, comments, white space. */
const BEFORE = /^(?:\ufeff|\s+|<\?[^>]*\?>|<!--[^]*?-->)/u;

/** Whether a text begins as a page of HTML or XHTML. */
export function isHtml(text: string): boolean {
  let head = text.slice(0, HEAD);
  for (let found = BEFORE.exec(head); found; found = BEFORE.exec(head)) head = head.slice(found[0].length);
  return /^<(?:!doctype\s+html\b|html[\s>]|head[\s>]|body[\s>])/iu.test(head);
}
