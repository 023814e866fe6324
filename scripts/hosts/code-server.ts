import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installHost } from './install.js';
import { freePort, startServer, type Server } from './server.js';

const run = promisify(execFile);

/** VS Code in a browser with the extensions in a Node host, as in Remote-SSH: code-server. */
const CODE_SERVER = '4.139.1';
const NODE = '24';

/** Settings that keep a fresh profile quiet: no welcome page, no prompts, no network. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.showReleaseNotes': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

export interface CodeServerOptions {
  /** Folder of the profile: settings, extensions, state. */
  readonly profile: string;
  /** Extensions to install, as .vsix files. */
  readonly extensions: readonly string[];
  /** First settings of a new profile; an old one keeps its own. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly port?: number;
}

/** A running code-server. */
export interface CodeServer extends Server {
  /** The address that opens `folder`, and in it `file`, where one is given. */
  address(folder: string, file?: string): string;
}

/** Installs code-server, with its own Node, which is not the one that runs this; the beginning of its command. */
async function install(): Promise<{ node: string; entry: string }> {
  const nodePackage = `node-linux-${process.arch}`;
  const folder = await installHost({
    folder: `code-server-${CODE_SERVER}`,
    packages: [`${nodePackage}@${NODE}`, `code-server@${CODE_SERVER}`],
    nested: ['node_modules/code-server/lib/vscode'],
  });
  return {
    node: path.join(folder, 'node_modules', nodePackage, 'bin/node'),
    entry: path.join(folder, 'node_modules/code-server/out/node/entry.js'),
  };
}

/** Writes what a profile lacks; the arguments of code-server that name it. */
async function prepareProfile(
  profile: string,
  settings: CodeServerOptions['settings'],
): Promise<readonly string[]> {
  const config = path.join(profile, 'code-server.yaml');
  const userData = path.join(profile, 'data');
  await mkdir(path.join(userData, 'User'), { recursive: true });
  await writeFile(config, 'auth: none\ncert: false\n');
  const file = path.join(userData, 'User/settings.json');
  if (!existsSync(file)) await writeFile(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  return [
    ...['--config', config, '--user-data-dir', userData],
    ...['--extensions-dir', path.join(profile, 'extensions')],
  ];
}

/** Starts code-server on the loopback interface, with the extensions installed as a user would install them. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  if (process.platform !== 'linux')
    throw new Error('code-server runs on Linux only; install VS Code instead.');
  const { node, entry } = await install();
  const common = [
    ...(await prepareProfile(options.profile, options.settings)),
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
  ];
  // An address without a gallery: the workbench does not look for updates or recommendations.
  const env = { EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  for (const vsix of options.extensions) {
    await run(node, [entry, ...common, '--install-extension', vsix, '--force'], {
      env: { ...process.env, ...env },
    });
  }

  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const address = ['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'];
  const server = await startServer(
    node,
    [entry, ...common, ...address, '--disable-getting-started-override'],
    { url: `${url}/healthz`, env },
  );
  return {
    ...server,
    url,
    address(folder, file) {
      const query = new URLSearchParams({ folder });
      if (file !== undefined)
        query.set('payload', JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${port}${file}`]]));
      return `${url}/?${query.toString()}`;
    },
  };
}
