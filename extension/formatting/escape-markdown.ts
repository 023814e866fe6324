/**
 * Makes text safe inside Markdown, as one line: everything that Markdown or HTML could take for markup is
 * escaped, so that a document cannot put links, images or code into its own summary.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]#+!|~<>&$^]/g, '\\$&')
    .replace(/^[-=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, (www) => www.replace('.', '\\.'))
    .replace(/@/g, '\\@');
}
