import type * as vscode from 'vscode';
import type { Analyses } from '../readings/analyses.js';
import type { AnalysisStore } from '../results/store.js';
import type { ActiveDocument } from '../documents/active.js';
import type { VirtualDocuments } from '../documents/virtual.js';
import type { Edits } from '../readings/edits.js';
import type { Engine } from '../engine/engine.js';
import type { PackedFiles } from '../packed/files.js';
import type { Readings } from '../readings/readings.js';
import type { Tasks } from '../progress/tasks.js';

/** What commands work with; made once, on activation. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly engine: Engine;
  readonly readings: Readings;
  readonly analyses: Analyses;
  readonly store: AnalysisStore;
  readonly tasks: Tasks;
  readonly active: ActiveDocument;
  readonly documents: VirtualDocuments;
  readonly edits: Edits;
  readonly packed: PackedFiles;
}

/** A command: what the palette runs, and what other extensions and tests get a value from. */
export type Command = (services: Services, ...args: unknown[]) => Promise<unknown>;
