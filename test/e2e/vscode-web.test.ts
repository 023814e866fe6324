import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { screenshotOnFailure } from './failures.js';
import { VscodeWebLeg } from '../../scripts/workbench/leg.js';
import { oneLine, summarize } from './reader.js';
import { beginning, haystack } from '../../scripts/workbench/texts.js';
import { until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';

const KEY = '70519';
const MINUTE = 60_000;

let leg: VscodeWebLeg;
let browser: BrowserContext;
let wb: Workbench;
let chapter: string;

beforeAll(async () => {
  chapter = await beginning(6_000);
  leg = await VscodeWebLeg.start();
  browser = await leg.browser({ webgpu: true });
  const folder = await leg.workspace(
    'web',
    // On the web VS Code saves by itself; then what was reverted would stay edited.
    { 'memmamba.engine': 'cpu', 'memmamba.incremental': true, 'files.autoSave': 'off' },
    { 'chapter.md': chapter, 'haystack.md': await haystack(20_000, 0.6, KEY) },
  );
  wb = await leg.open(folder, browser);
});
afterAll(() => leg.dispose());
beforeEach(() => wb.tidy());
screenshotOnFailure(() => wb);

it('summarizes a chapter and follows a link', async () => {
  const { about, frame, links } = await summarize(wb, 'chapter.md', 2 * MINUTE);
  expect(about).toMatch(/100 % of the document read/);
  const [first = ''] = links;
  expect(oneLine(chapter)).toContain(first);
  await frame.locator('#summary li a').first().click();
  await until('the passage selected', async () => oneLine(await wb.editor.selectedText()) === first);
  await wb.screenshot('web-summary');
});

it('tells in a hover what the model retains of a word', async () => {
  await wb.openFile('chapter.md');
  expect(await wb.editor.hover('Barchester', /retained/)).toMatch(/layers 1 to 8/);
});

it('finds a hidden passkey', async () => {
  await wb.openFile('haystack.md');
  await wb.command('MemMamba: Find Passkey…');
  await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
  await wb.quickInput
    .rows()
    .filter({ hasText: KEY })
    .first()
    .waitFor({ timeout: 2 * MINUTE });
  expect(await wb.quickInput.title()).toMatch(/found in the text/);
});

it('tints the words in view, until it is switched off', async () => {
  await wb.openFile('chapter.md');
  const before = await wb.editor.tinted();
  await wb.command('MemMamba: Toggle Heat of Retained Words');
  await until('tinted words', async () => (await wb.editor.tinted()) > before + 5, MINUTE);
  await wb.screenshot('web-heat');
  await wb.command('MemMamba: Toggle Heat of Retained Words');
  await until('no tint', async () => (await wb.editor.tinted()) === before);
});

it('reads what follows an edit again, and the new word has its hover', async () => {
  await wb.openFile('chapter.md');
  await wb.editor.typeAtStart('Quixotic ');
  expect(await wb.editor.hover('Quixotic', /retained/, 2 * MINUTE)).toMatch(/layers 1 to 8/);
  await wb.command('View: Revert and Close Editor');
});

it('has a kept summary after a reload, without the engine', async () => {
  await wb.closeAllTabs();
  const { links } = await summarize(wb, 'chapter.md', 2 * MINUTE);
  expect(links.length).toBeGreaterThan(2);
  await wb.reload();
  await wb.closeAllTabs();
  const again = await summarize(wb, 'chapter.md', MINUTE);
  expect(again.links).toEqual(links);
  expect(await wb.engineTab().count()).toBe(0);
});
