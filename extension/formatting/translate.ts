/**
 * The signature of `vscode.l10n.t`, so that logic which makes words for the reader needs no `vscode`.
 * Placeholders are `{0}`, `{1}` …
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** What `vscode.l10n.t` does where there is no translation: fills the placeholders. */
export const inEnglish: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
