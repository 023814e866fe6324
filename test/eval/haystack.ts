import type { Tokenizer } from '../../models/tokenizer/index.js';

/** About `tokens` tokens from somewhere in the books, cut between sentences. */
export function haystack(
  books: readonly string[],
  tokenizer: Tokenizer,
  tokens: number,
  random: () => number,
): string {
  const units = tokens * 5;
  const roomy = books.filter((book) => book.length > units * 1.2);
  if (roomy.length === 0) throw new Error(`No book is long enough for ${tokens} tokens.`);
  const book = roomy[Math.floor(random() * roomy.length)]!;
  const from = Math.floor(random() * (book.length - units));
  const start = book.indexOf('. ', from) + 2;
  const cut = tokenizer.encode(book.slice(start, start + units));
  const end = cut.ends[Math.min(tokens, cut.ends.length) - 1]!;
  return book.slice(start, start + end);
}

/** Puts `fact` between two sentences at the depth, 0 for the start and 1 for the end. */
export function plant(text: string, fact: string, depth: number): string {
  const wanted = Math.round(depth * text.length);
  const next = text.indexOf('. ', wanted);
  const at = depth === 0 ? 0 : depth === 1 || next < 0 ? text.length : next + 2;
  return `${text.slice(0, at)}${at > 0 ? ' ' : ''}${fact} ${text.slice(at)}`;
}
