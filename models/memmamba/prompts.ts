/** The format of every question the model was trained on; it goes on with ` {answer}\n`. */
export function questionPrompt(question: string): string {
  return `\n\nQuestion: ${question.trim()}\nAnswer:`;
}

/** The form of every query that the retrieval head was trained on; the comparison is made at its last token. */
export function findPrompt(query: string): string {
  return `\n\nFind: ${query.trim().replace(/\s+/gu, ' ')}\n`;
}
