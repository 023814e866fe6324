import * as vscode from 'vscode';
import { Analyses } from './analyses/analyses.js';
import { AnalysisStore } from './analyses/store.js';
import { registerParticipant } from './chat/participant.js';
import { registerCommands } from './commands/register.js';
import { ActiveDocument } from './documents/active.js';
import { VirtualDocuments, VIRTUAL_SCHEME } from './documents/virtual.js';
import { READ_AGAIN } from './commands/readAgain.js';
import { Edits } from './editor/edits.js';
import { Heat } from './editor/heat.js';
import { SectionLenses } from './editor/sectionLenses.js';
import { PoolMarks } from './editor/poolMarks.js';
import { DocumentsView } from './documentsView.js';
import { registerTools } from './tools/register.js';
import { RetentionHover } from './editor/hover.js';
import { Retentions } from './editor/retentions.js';
import { reveal } from './editor/reveal.js';
import { openLink, OPEN_LINK, SummaryLinks } from './editor/summaryLinks.js';
import { readWhileTyping } from './editor/incremental.js';
import { StatusBar } from './editor/statusBar.js';
import { Engine, ENGINE_VIEW_TYPE } from './engine.js';
import { MODELS_FOLDER } from './enginePage.js';
import { offerEverything } from './offerEverything.js';
import { LARGE_FILE_VIEW_TYPE, LargeFileEditor, SELECT_IN_LARGE_FILE } from './largeFile/editor.js';
import type { TextSelection } from './editor/fragment.js';
import { Readings } from './readings.js';
import { SummaryEditor, SUMMARY_VIEW_TYPE } from './summary/editor.js';
import { restoredText } from './summary/restore.js';
import { Tasks } from './tasks.js';
import { followVisibleText } from './editor/visibleText.js';

/** Wires everything up; loads no model, and starts nothing before a command asks for it. */
export function activate(context: vscode.ExtensionContext): void {
  const tasks = new Tasks();
  const active = new ActiveDocument();
  const documents = new VirtualDocuments((uri) => restoredText(uri, readings, () => engine.choice));
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
      return null;
    },
    reveal: async ({ document, start, end, preview = false }) => {
      const reading = readings.get(document);
      const selection = reading && edits.placeInPage(reading, { start, end });
      await reveal(vscode.Uri.parse(document, true), selection, { preview });
      return null;
    },
    readAgain: async ({ document }) => {
      await vscode.commands.executeCommand(READ_AGAIN, vscode.Uri.parse(document, true));
      return null;
    },
  });
  const edits: Edits = new Edits(readings, engine);
  const analyses = new Analyses(engine, readings);
  const retentions = new Retentions(readings, analyses, tasks);
  const largeFiles = new LargeFileEditor(context.extensionUri, readings, retentions);
  const services = { context, engine, readings, analyses, store, tasks, active, documents, edits };

  context.subscriptions.push(
    tasks,
    active,
    documents,
    engine,
    engine.onDidClose(() => readings.clear()),
    offerEverything(readings),
    edits,
    new StatusBar(tasks, readings, active, edits),
    registerCommands(services),
    retentions,
    followVisibleText(engine, readings, edits),
    readWhileTyping(readings, tasks),
    new Heat(readings, retentions, tasks),
    new PoolMarks(readings, analyses),
    new SectionLenses(readings, analyses, tasks, edits),
    new DocumentsView(readings),
    registerTools(services),
    registerParticipant(services),
    vscode.workspace.registerTextDocumentContentProvider(VIRTUAL_SCHEME, documents),
    vscode.languages.registerDocumentLinkProvider({ scheme: VIRTUAL_SCHEME }, new SummaryLinks()),
    vscode.commands.registerCommand(OPEN_LINK, (href: string, document: string) =>
      openLink(href, vscode.Uri.parse(document, true), edits),
    ),
    vscode.languages.registerHoverProvider({ scheme: '*' }, new RetentionHover(readings, retentions)),
    vscode.window.registerCustomEditorProvider(
      SUMMARY_VIEW_TYPE,
      new SummaryEditor(context.extensionUri, edits),
      {
        supportsMultipleEditorsPerDocument: true,
      },
    ),
    vscode.window.registerCustomEditorProvider(LARGE_FILE_VIEW_TYPE, largeFiles, {
      // It holds no more than what is in view; but its place in the file would be lost.
      webviewOptions: { retainContextWhenHidden: true, enableFindWidget: true },
    }),
    vscode.commands.registerCommand(
      SELECT_IN_LARGE_FILE,
      (uri: vscode.Uri, selection: TextSelection, focus: boolean) => largeFiles.select(uri, selection, focus),
    ),
    vscode.window.registerWebviewPanelSerializer(ENGINE_VIEW_TYPE, {
      deserializeWebviewPanel: (panel) => {
        engine.adopt(panel);
        return Promise.resolve();
      },
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // Another engine means other memories; the next command reads again.
      if (event.affectsConfiguration('memmamba.engine')) readings.clear();
    }),
  );
}
