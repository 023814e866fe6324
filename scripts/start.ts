/**
 * Builds the extension, installs it into a real workbench, and opens that on a book to summarize: in the
 * VS Code that is installed here, else in the browser (code-server, Linux).
 *
 *   npm start [-- --browser] [--port N]      --browser: also where VS Code is installed
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify, parseArgs } from 'node:util';
import { startCodeServer } from './hosts/code-server.js';
import { repository } from './hosts/repository.js';
import { packageExtension } from './packaging/package.js';

const run = promisify(execFile);
const home = path.join(repository, 'test/.cache/start');

/** A folder with the sample book in it, as the reader's own folder would be. */
async function sampleFolder(): Promise<{ folder: string; book: string }> {
  const folder = path.join(home, 'books');
  const book = path.join(folder, 'The Warden.md');
  await mkdir(folder, { recursive: true });
  await copyFile(path.join(repository, 'test/fixtures/books/the-warden.md'), book);
  return { folder, book };
}

/** Whether `code` on the path is a VS Code that takes extensions. */
function hasVscode(): boolean {
  return spawnSync('code', ['--list-extensions'], { timeout: 30_000 }).status === 0;
}

/** Opens `url` in the user's browser, where there is a desktop to show it; says whether it tried. */
function openBrowser(url: string): boolean {
  const isDesktop = process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;
  if (!isDesktop || spawnSync('sh', ['-c', 'command -v xdg-open']).status !== 0) return false;
  spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
  return true;
}

const { values: options } = parseArgs({
  options: { browser: { type: 'boolean' }, port: { type: 'string' } },
});

// Whatever was started ends with us; see startServer.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  console.log('Building and packing the extension …');
  const vsix = await packageExtension();
  const { folder, book } = await sampleFolder();
  const hint = 'Then press F1 and run “MemMamba: Summarize with MemMamba”.';

  if (options.browser !== true && hasVscode()) {
    await run('code', ['--install-extension', vsix, '--force']);
    await run('code', ['--new-window', folder, '--goto', book]);
    console.log(`Opened ${path.relative(process.cwd(), book)} in VS Code. ${hint}`);
  } else {
    // The extension anew each time, the reader's settings kept.
    const profile = path.join(home, 'profile');
    await rm(path.join(profile, 'extensions'), { recursive: true, force: true });
    const port = options.port === undefined ? undefined : Number(options.port);
    const server = await startCodeServer({
      profile,
      extensions: [vsix],
      ...(port !== undefined && { port }),
    });
    const url = server.address(folder, book);
    const opened = openBrowser(url);
    console.log(`${opened ? 'Opened in your browser' : 'Open this in a browser'}:\n\n    ${url}\n\n${hint}`);
    console.log('Ctrl+C ends the server.');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
