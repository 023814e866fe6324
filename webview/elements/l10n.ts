/** Translations by their English text; what has none stays English. */
let strings: Readonly<Record<string, string>> = {};

/** To be called once, before anything is shown. */
export function setStrings(translations: Readonly<Record<string, string>>): void {
  strings = translations;
}

/** The page's `vscode.l10n.t`: translates, and fills `{0}`, `{1}` … */
export function t(message: string, ...args: (string | number)[]): string {
  return (strings[message] ?? message).replace(/\{(\d+)\}/g, (_, index: string) =>
    String(args[Number(index)]),
  );
}
