import * as vscode from 'vscode';
import { VIRTUAL_SCHEME } from '../documents/virtual.js';
import { checkMarkdown } from './check-report.js';
import type { EngineCheck } from '../protocol/engine.js';
import type { Services } from './services.js';

/** Opens a report on the graphics processor and the engine, to paste into a bug report. Gives the report. */
export async function checkWebGpu({ context, documents, engine, tasks }: Services): Promise<EngineCheck> {
  const { t } = vscode.l10n;
  const report = await tasks.run(t('MemMamba: checking WebGPU'), ({ signal }) =>
    engine.request('check', engine.settings, { signal }),
  );
  const uri = vscode.Uri.from({ scheme: VIRTUAL_SCHEME, path: '/WebGPU.md' });
  const { version } = context.extension.packageJSON as { version: string };
  documents.set(
    uri,
    checkMarkdown(report, { extension: version, vscode: vscode.version, host: vscode.env.appName }),
  );
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
    viewColumn: vscode.ViewColumn.Active,
    preview: false,
  });
  return report;
}
