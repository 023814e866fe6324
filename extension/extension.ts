import * as vscode from 'vscode';
import { append } from '../models/text/lists.js';
import { ActiveDocument } from './documents/active.js';
import { PACKED_SCHEME } from './documents/packed-uri.js';
import { VirtualDocuments, VIRTUAL_SCHEME } from './documents/virtual.js';
import type { LargeFile } from './large-file/editor.js';
import type { Reading } from './readings/readings.js';
import { ENGINE_VIEW_TYPE, LARGE_FILE_VIEW_TYPE, SUMMARY_VIEW_TYPE } from './ids/view-types.js';
import type { Providers } from './providers.js';

/** What is read here of the manifest. */
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly languageModelTools: readonly { readonly name: string }[];
  };
}

type Disposables = readonly { dispose(): unknown }[];

/**
 * Registers what the manifest contributes, and no more: every registration leads to `providers`, which is loaded by the
 * first request (in a Node extension host from a bundle of its own). So what is imported here is what every start of
 * the editor costs.
 */
export function activate(context: vscode.ExtensionContext): void {
  const { contributes } = context.extension.packageJSON as Manifest;
  const active = new ActiveDocument();
  const documents: VirtualDocuments = new VirtualDocuments(async (uri) =>
    (await providers()).restoredText(uri),
  );
  const readingsChanged = new vscode.EventEmitter<void>();
  const onReadings = () => readingsChanged.fire();
  const packedChanged = new vscode.EventEmitter<vscode.Uri>();
  const onPackedText = (uri: vscode.Uri) => packedChanged.fire(uri);
  let started: Promise<Providers> | undefined;
  const providers = () =>
    (started ??= import('./providers.js').then(({ createProviders }) =>
      createProviders(context, { active, documents, onReadings, onPackedText }),
    ));

  append<{ dispose(): unknown }>(context.subscriptions, [
    active,
    documents,
    readingsChanged,
    packedChanged,
    ...contributes.commands.map(({ command }) =>
      vscode.commands.registerCommand(command, async (...args: unknown[]) =>
        (await providers()).runCommand(command, args),
      ),
    ),
    vscode.workspace.registerTextDocumentContentProvider(VIRTUAL_SCHEME, documents),
    vscode.workspace.registerTextDocumentContentProvider(PACKED_SCHEME, {
      onDidChange: packedChanged.event,
      provideTextDocumentContent: async (uri) => (await providers()).packedText(uri),
    }),
    vscode.window.createTreeView<Reading>('memmamba.documents', {
      treeDataProvider: {
        onDidChangeTreeData: readingsChanged.event,
        // Before the first request no document was read; to look at the view is none.
        getChildren: async (reading) => (await started)?.documentsView.getChildren(reading),
        getTreeItem: async (reading) => (await providers()).documentsView.getTreeItem(reading),
      },
      dragAndDropController: {
        dragMimeTypes: [],
        dropMimeTypes: ['text/uri-list', 'files'],
        handleDrop: async (_, dropped) => (await providers()).documentsView.drop(dropped),
      },
    }),
    ...registerEditors(providers),
    ...registerTools(contributes, providers),
    ...registerChat(context.extensionUri, providers),
  ]);
}

/** Editors of summaries and of large files, and the engine's tab where a reload of the window left it. */
function registerEditors(providers: () => Promise<Providers>): Disposables {
  return [
    vscode.window.registerCustomEditorProvider(
      SUMMARY_VIEW_TYPE,
      {
        resolveCustomTextEditor: async (document, panel) =>
          (await providers()).summaries.resolveCustomTextEditor(document, panel),
      },
      { supportsMultipleEditorsPerDocument: true },
    ),
    vscode.window.registerCustomEditorProvider(
      LARGE_FILE_VIEW_TYPE,
      {
        openCustomDocument: async (uri) => (await providers()).largeFiles.openCustomDocument(uri),
        resolveCustomEditor: async (file, panel) =>
          (await providers()).largeFiles.resolveCustomEditor(file, panel),
      } satisfies vscode.CustomReadonlyEditorProvider<LargeFile>,
      // It holds no more than what is in view; but its place in the file would be lost.
      { webviewOptions: { retainContextWhenHidden: true, enableFindWidget: true } },
    ),
    vscode.window.registerWebviewPanelSerializer(ENGINE_VIEW_TYPE, {
      deserializeWebviewPanel: async (panel) => (await providers()).restorePanel(panel),
    }),
  ];
}

/** Language model tools, where the host has them. */
function registerTools(
  { languageModelTools }: Manifest['contributes'],
  providers: () => Promise<Providers>,
): Disposables {
  const { lm } = vscode as Partial<typeof vscode>;
  if (typeof lm?.registerTool !== 'function') return [];
  return languageModelTools.map(({ name }) => {
    const tool = async () => (await providers()).tools[name];
    return lm.registerTool<object>(name, {
      prepareInvocation: async (...asked) => (await tool())?.prepareInvocation?.(...asked),
      invoke: async (...asked) => (await tool())?.invoke(...asked),
    });
  });
}

/** The chat participant, where the host has a chat. */
function registerChat(extensionUri: vscode.Uri, providers: () => Promise<Providers>): Disposables {
  const { chat } = vscode as Partial<typeof vscode>;
  if (typeof chat?.createChatParticipant !== 'function') return [];
  const participant = chat.createChatParticipant('memmamba.reader', async (...asked) =>
    (await providers()).participant(...asked),
  );
  participant.iconPath = vscode.Uri.joinPath(extensionUri, 'media/icon.png');
  return [participant];
}
