/** Sentences of Markdown, and how many words they have. */
import MarkdownIt from 'markdown-it';
import type Token from 'markdown-it/lib/token.mjs';

/** A piece of prose as Markdown, and where it begins (lines from 1). */
export interface Passage {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Sentence {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly words: number;
}

const markdown = new MarkdownIt();

/** The words of a paragraph, with code as one word and pictures by what they show. */
function spoken(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'code_inline') return 'Code';
      if (token.type === 'softbreak' || token.type === 'hardbreak') return ' ';
      return token.content;
    })
    .join('');
}

/** A sentence ends at a full stop, question or exclamation mark that no small letter follows. */
function sentencesOf(paragraph: string): string[] {
  return paragraph.split(/(?<=[.!?…]["'”’)\]]*)\s+(?!\p{Ll})/u).filter((sentence) => sentence.trim() !== '');
}

/** Words are what stands between spaces and holds a letter or a digit. */
function countWords(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** The sentences of a passage, without those in tables and code. */
export function sentences({ file, line, text }: Passage): Sentence[] {
  const found: Sentence[] = [];
  let tables = 0;
  for (const token of markdown.parse(text, {})) {
    if (token.type === 'table_open') tables++;
    if (token.type === 'table_close') tables--;
    if (token.type !== 'inline' || tables > 0) continue;
    for (const sentence of sentencesOf(spoken(token.children ?? [])))
      found.push({ file, line: line + (token.map?.[0] ?? 0), text: sentence, words: countWords(sentence) });
  }
  return found;
}
