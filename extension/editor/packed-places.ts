import * as vscode from 'vscode';
import { nameOf, PACKED_SCHEME } from '../documents/packed-uri.js';
import type { PackedFiles } from '../packed/files.js';
import { marksWithin, outlineOf, type OutlineEntry } from '../packed/outline.js';

/** Shows in unpacked texts where pages, chapters, slides and sheets begin, and gives the outline of their headings. */
export function showPackedPlaces(files: PackedFiles): vscode.Disposable {
  const { t } = vscode.l10n;
  const held = ({ uri }: vscode.TextDocument) => files.texts.peek(uri.toString());
  const selector = { scheme: PACKED_SCHEME };
  return vscode.Disposable.from(
    vscode.languages.registerInlayHintsProvider(selector, {
      provideInlayHints: (document, range) => {
        const text = held(document);
        const shown = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
        return text && marksWithin(text, shown, t).map((mark) => hintOf(mark.words, mark.start, document));
      },
    }),
    vscode.languages.registerDocumentSymbolProvider(selector, {
      provideDocumentSymbols: (document) => {
        const text = held(document);
        return text && outlineOf(text, t).map((entry) => symbolOf(entry, document));
      },
    }),
  );
}

function hintOf(words: string, start: number, document: vscode.TextDocument): vscode.InlayHint {
  const hint = new vscode.InlayHint(document.positionAt(start), words);
  hint.paddingRight = true;
  hint.tooltip = nameOf(document.uri);
  return hint;
}

/** As deep as headings are, which is as deep as their levels go. */
function symbolOf(entry: OutlineEntry, document: vscode.TextDocument): vscode.DocumentSymbol {
  const at = (start: number, end: number) =>
    new vscode.Range(document.positionAt(start), document.positionAt(end));
  const symbol = new vscode.DocumentSymbol(
    entry.title || '…',
    entry.place ?? '',
    vscode.SymbolKind.String,
    at(entry.start, entry.end),
    at(entry.start, entry.headingEnd),
  );
  symbol.children = entry.children.map((child) => symbolOf(child, document));
  return symbol;
}
