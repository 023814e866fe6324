import * as vscode from 'vscode';
import { toMemMambaError, type ErrorCode, type MemMambaError } from '../protocol/errors.js';
import type { Command, Services } from './services.js';
import { analyzeFile } from './analyze-file.js';
import { cancel } from './cancel.js';
import { checkWebGpu } from './check-web-gpu.js';
import { clearCache } from './clear-cache.js';
import { comparePlain } from './compare-plain.js';
import { exportAnalysis } from './export-analysis.js';
import { findPasskey } from './find-passkey.js';
import { findPassages } from './find-passages.js';
import { toggleHeat } from '../editor/heat.js';
import { READ_AGAIN } from '../ids/command-ids.js';
import { readAgain } from './read-again.js';
import { readEverything } from './read-everything.js';
import { showMemoryFidelity } from './show-memory-fidelity.js';
import { showStatePool } from './show-state-pool.js';
import { summarize } from './summarize.js';

const COMMANDS: Record<string, Command> = {
  'memmamba.summarize': summarize,
  'memmamba.findPassages': findPassages,
  'memmamba.findPasskey': findPasskey,
  'memmamba.showMemoryFidelity': showMemoryFidelity,
  'memmamba.showStatePool': showStatePool,
  'memmamba.comparePlain': comparePlain,
  'memmamba.checkWebGpu': checkWebGpu,
  'memmamba.analyzeFile': analyzeFile,
  'memmamba.readEverything': readEverything,
  'memmamba.exportAnalysis': exportAnalysis,
  'memmamba.toggleHeat': toggleHeat,
  'memmamba.clearCache': clearCache,
  'memmamba.cancel': cancel,
  [READ_AGAIN]: readAgain,
};

/** Runs a command. Errors are shown with what the reader can do about them; the command then has no value. */
export async function runCommand(services: Services, id: string, args: unknown[]): Promise<unknown> {
  try {
    return await COMMANDS[id]?.(services, ...args);
  } catch (error) {
    void showError(id, args, toMemMambaError(error));
    return undefined;
  }
}

async function showError(id: string, args: unknown[], { code, message }: MemMambaError): Promise<void> {
  // Who cancels knows it.
  if (code === 'cancelled') return;
  const again = vscode.l10n.t('Try Again');
  const check = vscode.l10n.t('Check WebGPU');
  const buttons: Partial<Record<ErrorCode, readonly string[]>> = {
    closed: [again],
    engine: [check],
    internal: [again, check],
  };
  const text =
    code === 'internal'
      ? vscode.l10n.t(
          'This is a fault of MemMamba: {0} “Check WebGPU” makes a report of it.',
          sentence(message),
        )
      : message;
  const show = code === 'closed' ? vscode.window.showWarningMessage : vscode.window.showErrorMessage;
  const chosen = await show<string>(text, ...(buttons[code] ?? []));
  if (chosen === again) await vscode.commands.executeCommand(id, ...args);
  if (chosen === check) await vscode.commands.executeCommand('memmamba.checkWebGpu');
}

/** One line that ends with a full stop. */
function sentence(message: string): string {
  const [line = ''] = message.trim().split('\n', 1);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
