import * as vscode from 'vscode';
import { Analyses } from './analyses/analyses.js';
import { AnalysisStore } from './analyses/store.js';
import { participantOf } from './chat/participant.js';
import { READ_AGAIN } from './commands/readAgain.js';
import { runCommand } from './commands/run.js';
import { DocumentsView } from './documentsView.js';
import type { ActiveDocument } from './documents/active.js';
import { VIRTUAL_SCHEME, type VirtualDocuments } from './documents/virtual.js';
import { Edits } from './editor/edits.js';
import type { TextSelection } from './editor/fragment.js';
import { Heat } from './editor/heat.js';
import { RetentionHover } from './editor/hover.js';
import { readWhileTyping } from './editor/incremental.js';
import { PoolMarks } from './editor/poolMarks.js';
import { Retentions } from './editor/retentions.js';
import { reveal } from './editor/reveal.js';
import { SectionLenses } from './editor/sectionLenses.js';
import { StatusBar } from './editor/statusBar.js';
import { openLink, OPEN_LINK, SummaryLinks } from './editor/summaryLinks.js';
import { followVisibleText } from './editor/visibleText.js';
import { Engine } from './engine.js';
import { MODELS_FOLDER } from './enginePage.js';
import { LargeFileEditor, SELECT_IN_LARGE_FILE } from './largeFile/editor.js';
import { offerEverything } from './offerEverything.js';
import { Readings } from './readings.js';
import type { Services } from './services.js';
import { SummaryEditor } from './summary/editor.js';
import { restoredText } from './summary/restore.js';
import { Tasks } from './tasks.js';
import { toolsOf } from './tools/tools.js';

/** What was there before the first request. */
export interface Before {
  readonly active: ActiveDocument;
  readonly documents: VirtualDocuments;
  /** Told that the documents in the view are others. */
  readonly onReadings: () => void;
}

/** What answers the requests that the extension's registrations lead to. */
export type Work = ReturnType<typeof start>;

/**
 * Wires everything up, on the first request. Loads no model; and what shows on the text, in the status bar and in
 * the view is about documents that were read, so there was nothing to show before.
 */
export function start(context: vscode.ExtensionContext, { active, documents, onReadings }: Before) {
  const tasks = new Tasks();
  const store = new AnalysisStore(
    context.globalStorageUri,
    vscode.Uri.joinPath(context.extensionUri, MODELS_FOLDER),
    context.globalState,
    String((context.extension.packageJSON as { version?: unknown }).version),
  );
  const readings: Readings = new Readings(() => engine, store);
  const engine: Engine = new Engine(context.extensionUri, {
    pull: ({ document }) => readings.pull(document),
    cancel: () => {
      tasks.cancelAll();
    },
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
  const retentions = new Retentions(readings, analyses, tasks);
  const largeFiles = new LargeFileEditor(context.extensionUri, readings, retentions);
  const services: Services = { context, engine, readings, analyses, store, tasks, active, documents, edits };

  context.subscriptions.push(
    tasks,
    engine,
    engine.onDidClose(() => readings.clear()),
    readings.onDidChange(onReadings),
    offerEverything(readings),
    edits,
    new StatusBar(tasks, readings, active, edits),
    retentions,
    followVisibleText(engine, readings, edits),
    readWhileTyping(readings, tasks),
    new Heat(readings, retentions, tasks),
    new PoolMarks(readings, analyses),
    new SectionLenses(readings, analyses, tasks, edits),
    vscode.languages.registerHoverProvider({ scheme: '*' }, new RetentionHover(readings, retentions)),
    vscode.languages.registerDocumentLinkProvider({ scheme: VIRTUAL_SCHEME }, new SummaryLinks()),
    vscode.commands.registerCommand(OPEN_LINK, (href: string, document: string) =>
      openLink(href, vscode.Uri.parse(document, true), edits),
    ),
    vscode.commands.registerCommand(READ_AGAIN, (...args: unknown[]) =>
      runCommand(services, READ_AGAIN, args),
    ),
    vscode.commands.registerCommand(
      SELECT_IN_LARGE_FILE,
      (uri: vscode.Uri, selection: TextSelection, focus: boolean) => largeFiles.select(uri, selection, focus),
    ),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // Another engine means other memories; the next command reads again.
      if (event.affectsConfiguration('memmamba.engine')) readings.clear();
    }),
  );
  return {
    runCommand: (id: string, args: unknown[]) => runCommand(services, id, args),
    restoredText: (uri: vscode.Uri) => restoredText(uri, readings, () => engine.choice),
    adopt: (panel: vscode.WebviewPanel) => engine.adopt(panel),
    summaries: new SummaryEditor(context.extensionUri, edits),
    largeFiles,
    documentsView: new DocumentsView(readings),
    tools: toolsOf(services),
    participant: participantOf(services),
  };
}
