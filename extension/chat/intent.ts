/** What a reader wants of the participant in the chat. */
export type Intent =
  | { readonly kind: 'summarize' }
  | { readonly kind: 'find'; readonly query: string }
  | { readonly kind: 'ask'; readonly question: string }
  /** Nothing that can be done without more words. */
  | { readonly kind: 'help' };

/**
 * Reads a request: its slash command, if it has one, and its words. Without a command a question is asked, other
 * words are searched for, and no words mean a summary.
 */
export function intentOf(command: string | undefined, prompt: string): Intent {
  const words = prompt.trim();
  switch (command) {
    case 'summarize':
      return { kind: 'summarize' };
    case 'find':
      return words ? { kind: 'find', query: words } : { kind: 'help' };
    case 'ask':
      return words ? { kind: 'ask', question: words } : { kind: 'help' };
    case undefined:
      if (!words) return { kind: 'summarize' };
      return /[?？]$/.test(words) ? { kind: 'ask', question: words } : { kind: 'find', query: words };
    default:
      return { kind: 'help' };
  }
}
