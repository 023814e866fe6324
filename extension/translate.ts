/**
 * The signature of `vscode.l10n.t`, so that logic which makes words for the reader needs no `vscode`.
 * Placeholders are `{0}`, `{1}` …
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;
