import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';
import type { BrowserContext } from 'playwright-core';
import { packageExtension } from '../packaging/package.js';
import { openChromium } from '../hosts/chromium.js';
import { startCodeServer, type CodeServer } from '../hosts/code-server.js';
import { startVscodeWeb } from '../hosts/vscode-web.js';
import { repository } from '../hosts/repository.js';
import type { Server } from '../hosts/server.js';
import { unpackVsix } from '../hosts/vsix.js';
import { Workbench } from './workbench.js';

/** Files of a workspace: name -> contents. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a leg needs, in a temporary folder of its own; everything ends with `dispose`. */
abstract class Leg {
  readonly #browsers: BrowserContext[] = [];

  protected constructor(readonly home: string) {}

  /** Makes a folder with files and workspace settings, and returns its path. */
  async workspace(name: string, settings: Readonly<Record<string, unknown>>, files: Files): Promise<string> {
    const folder = path.join(this.home, 'workspaces', name);
    await mkdir(path.join(folder, '.vscode'), { recursive: true });
    await writeSettings(folder, settings);
    for (const [file, contents] of Object.entries(files)) await writeFile(path.join(folder, file), contents);
    return folder;
  }

  /** A browser with a fresh profile. */
  async browser(options: { webgpu: boolean }): Promise<BrowserContext> {
    const profile = path.join(this.home, `browser-${this.#browsers.length}`);
    const browser = await openChromium({ profile, ...options });
    await browser.grantPermissions(['clipboard-read', 'clipboard-write']);
    this.#browsers.push(browser);
    return browser;
  }

  async dispose(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  protected abstract stop(): Promise<void>;
}

/** Replaces a workspace's settings; the workbench sees it at once. */
export async function writeSettings(
  folder: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const quiet = { 'workbench.startupEditor': 'none', 'window.zoomLevel': 0 };
  await writeFile(
    path.join(folder, '.vscode/settings.json'),
    JSON.stringify({ ...quiet, ...settings }, null, 2),
  );
}

// Where the test runner itself is ended, this process goes too, and takes its servers along.
process.once('disconnect', () => process.exit(1));

const temporaryFolder = () => mkdtemp(path.join(tmpdir(), 'memmamba-e2e-'));

/** The packaged extension in code-server: VS Code with a Node extension host. */
export class CodeServerLeg extends Leg {
  readonly #server: CodeServer;
  readonly #profile: string;

  private constructor(home: string, server: CodeServer, profile: string) {
    super(home);
    this.#server = server;
    this.#profile = profile;
  }

  /**
   * @param options.probe with the extension of `test/e2e/probe` beside ours
   * @param options.settings of the reader, besides the quiet ones; some are no workspace's to set
   */
  static async start({
    probe = false,
    settings = {},
  }: { probe?: boolean; settings?: Readonly<Record<string, unknown>> } = {}): Promise<CodeServerLeg> {
    const home = await temporaryFolder();
    const profile = path.join(home, 'profile');
    const extensions = [await packageExtension(), ...(probe ? [await packProbe(home)] : [])];
    return new CodeServerLeg(home, await startCodeServer({ profile, extensions, settings }), profile);
  }

  /** Folder into which the extension was installed. */
  get extensions(): string {
    return path.join(this.#profile, 'extensions');
  }

  /** Folder in which the extension keeps its analyses. */
  get kept(): string {
    return path.join(this.#profile, 'data/User/globalStorage/memmamba.memmamba/analyses');
  }

  async open(folder: string, browser: BrowserContext): Promise<Workbench> {
    return Workbench.open(browser, this.#server.address(folder));
  }

  /** Kills the processes in which extensions run, as the system might; says how many there were. */
  async killExtensionHosts(): Promise<number> {
    const hosts = (await processesOfGroup(this.#server.pid)).filter((p) =>
      p.command.includes('--type=extensionHost'),
    );
    for (const { pid } of hosts) process.kill(pid, 'SIGKILL');
    return hosts.length;
  }

  protected stop(): Promise<void> {
    return this.#server.stop();
  }
}

/** The packaged extension in VS Code for the Web: a web worker extension host, and no server side. */
export class VscodeWebLeg extends Leg {
  #server: Server | undefined;

  static async start(): Promise<VscodeWebLeg> {
    const leg = new VscodeWebLeg(await temporaryFolder());
    await unpackVsix(await packageExtension(), path.join(leg.home, 'extension'));
    return leg;
  }

  /** Serves `folder`, which it can do once. */
  async open(folder: string, browser: BrowserContext): Promise<Workbench> {
    this.#server = await startVscodeWeb({ extension: path.join(this.home, 'extension'), folder });
    return Workbench.open(browser, this.#server.url);
  }

  protected async stop(): Promise<void> {
    await this.#server?.stop();
  }
}

/** Builds and packs the extension that plays another one. */
async function packProbe(home: string): Promise<string> {
  const source = path.join(repository, 'test/e2e/probe');
  const folder = path.join(home, 'probe');
  await build({
    entryPoints: [path.join(source, 'extension.ts')],
    outfile: path.join(folder, 'extension.cjs'),
    bundle: true,
    platform: 'node',
    external: ['vscode'],
    logLevel: 'warning',
  });
  await copyFile(path.join(source, 'package.json'), path.join(folder, 'package.json'));
  const packagePath = path.join(home, 'probe.vsix');
  await createVSIX({
    cwd: folder,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return packagePath;
}

/** The processes of a group, from `/proc`: slim machines have no `ps`. */
async function processesOfGroup(group: number): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // pid (name) state parent group …; the name may hold spaces and brackets.
      const stat = await readFile(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== group) continue;
      const command = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      found.push({ pid: Number(name), command });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
