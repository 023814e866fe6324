import * as vscode from 'vscode';

/** Asks for a tool's name and its input, and shows what the tool says in a new document. */
async function invokeTool(): Promise<void> {
  const asked = (await vscode.window.showInputBox({ prompt: 'Tool and input', ignoreFocusOut: true })) ?? '';
  const space = asked.indexOf(' ');
  let text: string;
  try {
    const { content } = await vscode.lm.invokeTool(asked.slice(0, space), {
      input: JSON.parse(asked.slice(space)) as object,
      toolInvocationToken: undefined,
    });
    text = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  } catch (error) {
    text = String(error);
  }
  const document = await vscode.workspace.openTextDocument({ content: `${text}\n(end)` });
  await vscode.window.showTextDocument(document);
}

/** The text of the workspace's file of that name, as a document of a scheme without a file system. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error('No folder is open.');
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, uri.path));
  return new TextDecoder().decode(bytes);
}

async function openVirtual(): Promise<void> {
  const name = await vscode.window.showInputBox({ prompt: 'Name', ignoreFocusOut: true });
  const uri = vscode.Uri.from({ scheme: 'probe', path: `/${name}` });
  await vscode.window.showTextDocument(uri, { preview: false });
}

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  subscriptions.push(
    vscode.commands.registerCommand('probe.invokeTool', invokeTool),
    vscode.commands.registerCommand('probe.openVirtual', openVirtual),
    vscode.workspace.registerTextDocumentContentProvider('probe', { provideTextDocumentContent: textOf }),
  );
}
