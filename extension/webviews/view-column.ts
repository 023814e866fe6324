import * as vscode from 'vscode';

/**
 * Where something opens that is looked at beside the text: in another group where there is one, since a third would
 * leave none of them wide enough to read; else in a new one.
 */
export function besideText(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const others = all.filter(({ viewColumn }) => viewColumn !== activeTabGroup.viewColumn);
  return others.at(-1)?.viewColumn ?? vscode.ViewColumn.Beside;
}
