/** The format of every question the model was trained on; it goes on with ` {answer}\n`. */
export function questionPrompt(question: string): string {
  return `\n\nQuestion: ${question.trim()}\nAnswer:`;
}

/** The form of every query that the retrieval head was trained on; the comparison is made at its last token. */
export function findPrompt(query: string): string {
  return `\n\nFind: ${query.trim().replace(/\s+/gu, ' ')}\n`;
}

/** The form of every query of the passage head. */
export function passagePrompt(query: string): string {
  return `Query: ${query.trim().replace(/\s+/gu, ' ')}`;
}

/** The form of every question of the reader; a passage follows, and its end. */
export function readerQuestion(question: string): string {
  return `Question: ${question.trim().replace(/\s+/gu, ' ')}`;
}

/** A passage as the reader reads it, and how many UTF-16 units stand before it. */
export function readerPassage(passage: string): { readonly before: number; readonly text: string } {
  const lead = '\n\n';
  return { before: lead.length, text: lead + passage };
}

/** What stands behind a passage: the reader's last token has seen all of it. */
export function readerEnd(): string {
  return '\n\nAnswer:';
}
