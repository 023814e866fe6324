import type { Translate } from '../../../extension/translate.js';

/** English, with the placeholders filled: what `vscode.l10n.t` does where there is no translation. */
export const t: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
