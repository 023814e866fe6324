import * as vscode from 'vscode';
import { append } from '../models/text/lists.js';
import { Analyses } from './readings/analyses.js';
import { AnalysisStore } from './results/store.js';
import { participantOf } from './chat/participant.js';
import { runCommand } from './commands/run.js';
import { DocumentsView } from './home/documents-view.js';
import type { ActiveDocument } from './documents/active.js';
import { VIRTUAL_SCHEME, type VirtualDocuments } from './documents/virtual.js';
import { Edits } from './readings/edits.js';
import type { TextSelection } from './documents/fragment.js';
import { Heat } from './editor/heat.js';
import { RetentionHover } from './editor/hover.js';
import { showPackedPlaces } from './editor/packed-places.js';
import { readWhileTyping } from './editor/read-while-typing.js';
import { PoolMarks } from './editor/pool-marks.js';
import { Retentions } from './editor/retentions.js';
import { reveal } from './editor/reveal.js';
import { SectionLenses } from './editor/section-lenses.js';
import { StatusBar } from './editor/status-bar.js';
import { OPEN_LINK, READ_AGAIN, SELECT_IN_LARGE_FILE } from './ids/command-ids.js';
import { openLink, SummaryLinks } from './summary/links.js';
import { followVisibleText } from './editor/visible-text.js';
import { Engine } from './engine/engine.js';
import { MODELS_FOLDER } from './engine/engine-page.js';
import { LargeFileEditor } from './large-file/editor.js';
import { offerEverything } from './commands/offer-everything.js';
import { keptTexts } from './packed/kept-texts.js';
import { PackedFiles } from './packed/files.js';
import { PackedTexts } from './packed/texts.js';
import { Readings } from './readings/readings.js';
import type { Services } from './commands/services.js';
import { SummaryEditor } from './summary/editor.js';
import { restoredText } from './summary/restore.js';
import { Tasks } from './progress/tasks.js';
import { toolsOf } from './tools/tools.js';

/** What is registered before the first request. */
export interface Registered {
  readonly active: ActiveDocument;
  readonly documents: VirtualDocuments;
  /** Told that the documents in the view are others. */
  readonly onReadings: () => void;
  /** Told that the text of a packed file is another. */
  readonly onPackedText: (uri: vscode.Uri) => void;
}

type Disposables = readonly { dispose(): unknown }[];

/** What answers the requests that the extension's registrations lead to. */
export type Providers = ReturnType<typeof createProviders>;

/**
 * Wires everything up, on the first request. Loads no model; and what shows on the text, in the status bar and in
 * the view is about documents that were read, so there was nothing to show before.
 */
export function createProviders(context: vscode.ExtensionContext, registered: Registered) {
  const services = createServices(context, registered);
  const { engine, readings, analyses, tasks, edits, packed } = services;
  const retentions = new Retentions(readings, analyses, tasks);
  const largeFiles = new LargeFileEditor(context.extensionUri, readings, retentions);
  append<{ dispose(): unknown }>(context.subscriptions, [
    tasks,
    engine,
    packed,
    packed.onDidChange(registered.onPackedText),
    engine.onDidClose(() => readings.clear()),
    readings.onDidChange(registered.onReadings),
    offerEverything(readings),
    edits,
    retentions,
    showPackedPlaces(packed),
    ...showOnText(services, retentions),
    ...registerInternalCommands(services, largeFiles),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // Another engine means other memories; the next command reads again.
      if (event.affectsConfiguration('memmamba.engine')) readings.clear();
    }),
  ]);
  return {
    runCommand: (id: string, args: unknown[]) => runCommand(services, id, args),
    restoredText: (uri: vscode.Uri) => restoredText(uri, readings, () => engine.choice),
    packedText: (uri: vscode.Uri) => packed.show(uri),
    restorePanel: (panel: vscode.WebviewPanel) => engine.restore(panel),
    summaries: new SummaryEditor(context.extensionUri, edits),
    largeFiles,
    documentsView: new DocumentsView(readings),
    tools: toolsOf(services),
    participant: participantOf(services),
  };
}

function createServices(context: vscode.ExtensionContext, { active, documents }: Registered): Services {
  const tasks = new Tasks();
  const store = new AnalysisStore(
    context.globalStorageUri,
    vscode.Uri.joinPath(context.extensionUri, MODELS_FOLDER),
    context.globalState,
    String((context.extension.packageJSON as { version?: unknown }).version),
  );
  const packed: PackedFiles = new PackedFiles(new PackedTexts(() => engine, keptTexts(store), vscode.l10n.t));
  const readings: Readings = new Readings(() => engine, store, packed);
  const engine: Engine = new Engine(context.extensionUri, {
    pull: ({ document }) => readings.pull(document),
    pullBytes: ({ document }) => packed.texts.pull(document),
    cancel: () => tasks.cancelAll(),
    reveal: async ({ document, start, end, preview = false }) => {
      const reading = readings.get(document);
      const selection = reading && edits.placeInPage(reading, { start, end });
      await reveal(vscode.Uri.parse(document, true), selection, { preview });
    },
    readAgain: async ({ document }) => {
      await vscode.commands.executeCommand(READ_AGAIN, vscode.Uri.parse(document, true));
    },
  });
  const edits: Edits = new Edits(readings, engine);
  const analyses = new Analyses(engine, readings);
  return { context, engine, readings, analyses, store, tasks, active, documents, edits, packed };
}

/** What shows in editors and in the status bar of documents that were read. */
function showOnText(
  { engine, readings, analyses, tasks, active, edits }: Services,
  retentions: Retentions,
): Disposables {
  return [
    new StatusBar(tasks, readings, active, edits),
    followVisibleText(engine, readings, edits),
    readWhileTyping(readings, tasks),
    new Heat(readings, retentions, tasks),
    new PoolMarks(readings, analyses),
    new SectionLenses(readings, analyses, tasks, edits),
    vscode.languages.registerHoverProvider({ scheme: '*' }, new RetentionHover(readings, retentions)),
    vscode.languages.registerDocumentLinkProvider({ scheme: VIRTUAL_SCHEME }, new SummaryLinks()),
  ];
}

/** Commands that are not contributed, see `ids/command-ids.ts`. */
function registerInternalCommands(services: Services, largeFiles: LargeFileEditor): Disposables {
  return [
    vscode.commands.registerCommand(OPEN_LINK, (href: string, document: string) =>
      openLink(href, vscode.Uri.parse(document, true), services.edits),
    ),
    vscode.commands.registerCommand(READ_AGAIN, (...args: unknown[]) =>
      runCommand(services, READ_AGAIN, args),
    ),
    vscode.commands.registerCommand(
      SELECT_IN_LARGE_FILE,
      (uri: vscode.Uri, selection: TextSelection, focus: boolean) => largeFiles.select(uri, selection, focus),
    ),
  ];
}
