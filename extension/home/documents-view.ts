import * as vscode from 'vscode';
import { fileOf } from '../documents/packed-uri.js';
import { formatCount, shareRead, shortShare } from '../progress/reading-progress.js';
import type { Reading, Readings } from '../readings/readings.js';

/** The documents whose memory the engine holds, in the explorer; before there is one, what can be done. */
export class DocumentsView implements vscode.TreeDataProvider<Reading> {
  readonly #readings: Readings;

  constructor(readings: Readings) {
    this.#readings = readings;
  }

  getChildren(reading?: Reading): Reading[] {
    return reading ? [] : this.#readings.all();
  }

  /** Analyzes a file that was dropped on the view, from the explorer or from elsewhere. */
  async drop(dropped: vscode.DataTransfer): Promise<void> {
    const list = (await dropped.get('text/uri-list')?.asString()) ?? '';
    // Lines that begin so are comments.
    const [line] = list.split(/\r?\n/).filter((uri) => uri !== '' && !uri.startsWith('#'));
    const files = [...dropped].map(([, item]) => item.asFile()?.uri);
    const uri = line === undefined ? files.find((file) => file !== undefined) : vscode.Uri.parse(line, true);
    if (uri) await vscode.commands.executeCommand('memmamba.analyzeFile', uri);
    else
      void vscode.window.showWarningMessage(
        vscode.l10n.t('What was dropped here is no file with a place. “MemMamba: Analyze File…” opens one.'),
      );
  }

  getTreeItem({ source, coverage }: Reading): vscode.TreeItem {
    const item = new vscode.TreeItem(fileOf(source.uri));
    item.label = source.name;
    // The view is narrow; all of it is in the tooltip.
    item.description = vscode.l10n.t('{0} read', shortShare(coverage, source, vscode.l10n.t));
    item.tooltip = [
      source.name,
      shareRead(coverage, source, vscode.l10n.t),
      vscode.l10n.t('{0} tokens', formatCount(coverage.tokens)),
    ].join(' · ');
    item.iconPath = vscode.ThemeIcon.File;
    item.command = {
      command: 'memmamba.summarize',
      title: vscode.l10n.t('Summarize'),
      arguments: [source.uri],
    };
    return item;
  }
}
