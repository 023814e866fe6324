/**
 * What a reader waits for in the editor, in a real workbench (code-server, headless Chromium):
 *
 *   npx tsx test/bench/activation.ts [--runs 5] [--json FILE]
 *
 * Activation as the workbench tells it (“Developer: Startup Performance”), in milliseconds: loading the bundle and
 * calling `activate`, after a reload of the window for each run. Besides, the processor time of loading the bundle in
 * a fresh Node, which a busy machine changes less, and that of the bundle which the first request loads.
 *
 * First progress: from the choice of a command to the first sign of work in the status bar, and to the first share of
 * the document there. It is taken on the CPU engine, for the first document (the model is loaded) and for further
 * ones.
 */
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CodeServerLeg } from '../../scripts/workbench/leg.js';
import { until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const runs = Number(values.runs);
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]!;
/** When what was seen in the page. */
interface Marks {
  began?: number;
  busy?: number;
  share?: number;
}
/** UTF-16 units of a document: long enough that it is still being read when its progress is seen. */
const UNITS = 200_000;

/** Load and call, in milliseconds, of the row that the workbench has for our extension. */
async function activation(wb: Workbench): Promise<{ load: number; call: number }> {
  await wb.command('MemMamba: Export Analysis');
  await wb.page.waitForTimeout(1_000);
  await wb.page.keyboard.press('Escape');
  await wb.command('Developer: Startup Performance');
  return until('the row of memmamba in the startup report', async () => {
    await wb.page.locator('.monaco-editor .view-lines').first().click({ timeout: 5_000 });
    const row = /memmamba\.memmamba\s*\|([^\n]*)/i.exec(await wb.editor.text())?.[1];
    // Eager, load code, call activate, finish activate, event, by.
    const [load, call] = row?.split('|').slice(1, 3).map(Number) ?? [];
    return load !== undefined && call !== undefined && Number.isFinite(load + call) && { load, call };
  });
}

/** Milliseconds from the command to the first sign of work in the status bar, and to the first share. */
async function firstProgress(wb: Workbench, file: string): Promise<{ busy: number; share: number }> {
  await wb.openFile(file);
  await wb.page.keyboard.press('F1');
  const input = wb.page.locator('.quick-input-widget:visible input').first();
  await input.fill('>MemMamba: Summarize with MemMamba');
  await wb.page.waitForTimeout(500);
  await wb.page.evaluate(() => {
    const state = window as Marks;
    delete state.busy;
    delete state.share;
    state.began = performance.now();
    new MutationObserver((_, observer) => {
      const shown = document.querySelector('.part.statusbar')?.textContent ?? '';
      if (!shown.includes('MemMamba')) return;
      state.busy ??= performance.now();
      if (!/MemMamba\s+\d+\s%/u.test(shown)) return;
      state.share = performance.now();
      observer.disconnect();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await wb.page.keyboard.press('Enter');
  const seen = await until(
    'progress in the status bar',
    () =>
      wb.page.evaluate(() => {
        const { began = 0, busy, share } = window as Marks;
        return busy !== undefined && share !== undefined && { busy: busy - began, share: share - began };
      }),
    60_000,
  );
  await wb.command('MemMamba: Cancel');
  await wb.page.waitForTimeout(2_000);
  return { busy: Math.round(seen.busy), share: Math.round(seen.share) };
}

/** Processor time of `require` of a bundle, with nothing behind the API of the editor but its names. */
function loadProcessorMs(bundle: string): number {
  const script = `
    const nothing = new Proxy(function () {}, {
      get: (target, name) => (name === 'prototype' ? target.prototype : nothing),
      construct: () => nothing,
      apply: () => nothing,
    });
    const api = Object.fromEntries(${JSON.stringify(apiNames)}.map((name) => [name, nothing]));
    const { Module } = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => (name === 'vscode' ? api : load(name, ...rest));
    const before = process.cpuUsage();
    require(${JSON.stringify(path.resolve(bundle))});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

/** What the API has, besides types. */
const apiNames = [
  ...(await readFile('node_modules/@types/vscode/index.d.ts', 'utf8')).matchAll(
    /^\texport (?:class|enum|namespace|const|function|let) (\w+)/gm,
  ),
].map(([, name]) => name);
/** What is loaded to register what the manifest contributes, and what with the first request. */
const BUNDLES = { extension: 'dist/extension.cjs', providers: 'dist/providers.cjs' };
const ofBundles = async (figure: (file: string) => number | Promise<number>) => ({
  extension: await figure(BUNDLES.extension),
  providers: await figure(BUNDLES.providers),
});

const book = await readFile('test/fixtures/books/the-warden.md', 'utf8');
const names = Array.from({ length: runs }, (_, i) => `document-${i}.md`);
const files = Object.fromEntries(names.map((name, i) => [name, book.slice(i * 1000, i * 1000 + UNITS)]));
const leg = await CodeServerLeg.start();
try {
  const folder = await leg.workspace('bench', { 'memmamba.engine': 'cpu' }, files);
  const wb = await leg.open(folder, await leg.browser({ webgpu: false }));
  const activations: { load: number; call: number }[] = [];
  for (let i = 0; i < runs; i++) {
    if (i > 0) await wb.reload();
    activations.push(await activation(wb));
    await wb.closeAllTabs();
  }
  const progress: { busy: number; share: number }[] = [];
  for (const name of names) progress.push(await firstProgress(wb, name));
  const [first, ...further] = progress;
  const result = {
    runs,
    bundleBytes: await ofBundles(async (file) => (await stat(file)).size),
    activationMs: {
      load: median(activations.map(({ load }) => load)),
      activate: median(activations.map(({ call }) => call)),
      all: activations,
    },
    loadProcessorMs: await ofBundles((file) =>
      median(Array.from({ length: 9 }, () => loadProcessorMs(file))),
    ),
    firstProgressMs: {
      first,
      further: {
        busy: median(further.map(({ busy }) => busy)),
        share: median(further.map(({ share }) => share)),
      },
      all: progress,
    },
  };
  console.log(JSON.stringify(result, undefined, 2));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await leg.dispose();
}
