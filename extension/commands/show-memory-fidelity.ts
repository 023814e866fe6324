import * as vscode from 'vscode';
import type { Fidelity } from '../../models/document/types.js';
import type { Services } from './services.js';
import { showPanel } from './show-panel.js';

/** Shows how much of every token in view survives, and the fidelity curves. Gives the curves. */
export async function showMemoryFidelity(services: Services, ...args: unknown[]): Promise<Fidelity> {
  const reading = await showPanel(services, 'fidelity', vscode.l10n.t('MemMamba: memory fidelity'), args);
  return services.engine.request('fidelity', { document: reading.source.key });
}
