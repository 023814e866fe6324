import * as vscode from 'vscode';
import type { PoolEntry } from '../../models/document/types.js';
import type { Services } from './services.js';
import { showPanel } from './show-panel.js';

/** Shows which tokens entered the state pool, when, and what pushed them out. Gives the entries. */
export async function showStatePool(services: Services, ...args: unknown[]): Promise<readonly PoolEntry[]> {
  const reading = await showPanel(services, 'pool', vscode.l10n.t('MemMamba: state pool'), args);
  return services.engine.request('pool', { document: reading.source.key });
}
