/**
 * Takes every screen in every theme, wide and narrow, to look at: what is clipped, ugly or unclear is seen there
 * before a reader sees it. The pictures of the documentation are taken by `pictures.ts`.
 *
 *   tsx scripts/screens.ts                             all of them, into test/e2e/output/screens
 *   tsx scripts/screens.ts summary pool                these
 *   tsx scripts/screens.ts --theme dark --width 700    in one theme, in one width
 *   tsx scripts/screens.ts --out FOLDER                elsewhere
 *   tsx scripts/screens.ts --list                      what there is
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Frame } from 'playwright-core';
import { repository } from './hosts/repository.js';
import {
  asidePointer,
  capture,
  dress,
  FILE,
  inStudio,
  MINUTE,
  passagesListed,
  runScenes,
  still,
  summaryFollowed,
  themeNames,
  type Studio,
  type ThemeName,
} from './studio.js';

const SIZES = { 1600: { width: 1600, height: 1000 }, 700: { width: 700, height: 900 } };
const widths = ['1600', '700'] as const;

type Scene = (studio: Studio, take: (name: string) => Promise<void>) => Promise<void>;

async function panel(studio: Studio, command: string, ready: string): Promise<Frame> {
  await studio.wb.openQuickly(FILE);
  await studio.wb.command(command);
  const frame = await studio.wb.webview(ready, 5 * MINUTE);
  await still(studio);
  return frame;
}

/** What is below the first screenful of a panel. */
const scrollTo = (frame: Frame, selector: string) =>
  frame.locator(selector).evaluate((element) => element.scrollIntoView());

const SCENES: Readonly<Record<string, Scene>> = {
  summary: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    const frame = await summaryFollowed(studio);
    await take('summary');
    await scrollTo(frame, '#summary h2:last-of-type');
    await take('summary-end');
  },
  overview: async (studio, take) => {
    const frame = await panel(studio, 'MemMamba: Show State Pool', '#pool-words li');
    await frame.locator('#tab-overview').click();
    await asidePointer(studio);
    await take('overview');
  },
  pool: async (studio, take) => {
    const frame = await panel(studio, 'MemMamba: Show State Pool', '#pool-words li');
    await take('pool');
    await scrollTo(frame, '#pool-position');
    await take('pool-end');
  },
  fidelity: async (studio, take) => {
    const frame = await panel(studio, 'MemMamba: Show Memory Fidelity', '#heat-map');
    await frame.getByText('All rows computed.').waitFor({ timeout: 5 * MINUTE });
    await take('fidelity');
    await scrollTo(frame, '#curves-heading');
    await take('fidelity-end');
  },
  compare: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    await wb.command('MemMamba: Compare with Plain Mamba');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    const frame = await wb.webview('#compare-off .answer', 5 * MINUTE);
    await still(studio);
    await take('compare');
    await scrollTo(frame, '#compare-chart');
    await take('compare-end');
  },
  text: async (studio, take) => {
    const { wb } = studio;
    await panel(studio, 'MemMamba: Show State Pool', '#pool-words li');
    await wb.openQuickly(FILE);
    await wb.page.waitForTimeout(2_000);
    await wb.command('View: Close Other Editors in Group');
    await take('heat');
    await wb.editor.hover('Barchester', /retained/);
    await take('hover');
    await wb.page.mouse.move(2, 2);
  },
  passages: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    await passagesListed(studio);
    await wb.page.keyboard.press('ArrowDown');
    await asidePointer(studio);
    await take('passages');
    await wb.page.keyboard.press('Escape');
  },
  passkey: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    await wb.command('MemMamba: Find Passkey…');
    await wb.page.waitForTimeout(500);
    await take('passkey-question');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    await wb.quickInput
      .rows()
      .first()
      .waitFor({ timeout: 3 * MINUTE });
    await wb.idle();
    await asidePointer(studio);
    await take('passkey');
    await wb.page.keyboard.press('Escape');
  },
  large: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    await wb.command('View: Reopen Editor With...');
    await wb.quickInput.choose('MemMamba Large File');
    await wb.webview('.rows .row', MINUTE);
    await wb.command('MemMamba: Find Passkey…');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    await wb.quickInput
      .rows()
      .first()
      .waitFor({ timeout: 3 * MINUTE });
    await wb.page.keyboard.press('Enter');
    const view = await wb.webview('.rows mark', MINUTE);
    await still(studio);
    await view.locator('.rows').press('Enter');
    await wb.page.waitForTimeout(4_000);
    await take('large-file');
    await wb.command('View: Reopen Editor With...');
    await wb.quickInput.choose('Text Editor');
  },
  explorer: async (studio, take) => {
    const { wb } = studio;
    await panel(studio, 'MemMamba: Show State Pool', '#pool-words li');
    await wb.command('Explorer: Focus on MemMamba View');
    await wb.page.waitForTimeout(4_000);
    await take('explorer');
    await wb.closeAllTabs();
    await wb.command('Explorer: Focus on MemMamba View');
    await wb.page.waitForTimeout(1_000);
    await take('explorer-empty');
    await wb.command('Explorer: Focus on Folders View');
  },
  reading: async (studio, take) => {
    const { wb } = studio;
    await wb.openQuickly(FILE);
    await wb.page.keyboard.press('Control+Home');
    await wb.page.keyboard.type(`Read anew: ${Date.now()}\n\n`);
    await wb.command('MemMamba: Summarize with MemMamba');
    await wb.notifications.shown(/tokens/, MINUTE);
    await take('reading');
    await wb.webview('#summary li a', 5 * MINUTE);
    await wb.idle();
    await wb.page.waitForTimeout(1_000);
    await take('reading-done');
    await wb.command('View: Focus First Editor Group');
    await wb.command('File: Revert File');
  },
};

/** Those in which the theme makes no difference. */
const ONCE: Readonly<Record<string, Scene>> = {
  walkthrough: async ({ wb }, take) => {
    await wb.closeAllTabs();
    await wb.command('Help: Welcome');
    await wb.page.locator('.getting-started-category', { hasText: 'MemMamba' }).first().click();
    const steps = wb.page.locator('.gettingStartedDetailsContent .getting-started-step');
    await steps.first().waitFor();
    for (let i = 0; i < (await steps.count()); i++) {
      await steps.nth(i).click();
      await wb.page.waitForTimeout(1_200);
      await take(`walkthrough-${i + 1}`);
    }
  },
  export: async (studio, take) => {
    const { wb, folder } = studio;
    for (const name of ['export.md', 'export.json']) {
      await wb.openQuickly(FILE);
      await wb.command('MemMamba: Export Analysis…');
      await wb.quickInput.saveAs(path.join(folder, name));
      await wb.tab(name).first().waitFor({ timeout: MINUTE });
      await still(studio);
      await take(name.replace('.', '-'));
    }
  },
  settings: async ({ wb }, take) => {
    await wb.command('Preferences: Open Settings (UI)');
    await wb.page.keyboard.type('memmamba');
    await wb.page.waitForTimeout(2_000);
    await take('settings');
  },
  check: async (studio, take) => {
    const { wb } = studio;
    await wb.command('MemMamba: Check WebGPU');
    await wb.tab('WebGPU.md').waitFor({ timeout: 2 * MINUTE });
    await still(studio);
    await take('check');
  },
  palette: async ({ wb }, take) => {
    await wb.openQuickly(FILE);
    await wb.page.keyboard.press('F1');
    await wb.page.keyboard.type('MemMamba');
    await wb.page.waitForTimeout(800);
    await take('palette');
    await wb.page.keyboard.press('Escape');
  },
  menus: async ({ wb }, take) => {
    await wb.openQuickly(FILE);
    await wb.page.locator('.view-line').nth(3).click({ button: 'right' });
    await wb.page.getByRole('menuitem', { name: 'MemMamba' }).first().hover();
    await wb.page.waitForTimeout(1_000);
    await take('menu');
    await wb.page.keyboard.press('Escape');
    await wb.page.keyboard.press('Escape');
  },
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: path.join(repository, 'test/e2e/output/screens') },
      theme: { type: 'string', multiple: true },
      width: { type: 'string', multiple: true },
      list: { type: 'boolean' },
    },
  });
  const all = { ...SCENES, ...ONCE };
  if (values.list) {
    console.log(Object.keys(all).join('\n'));
    return;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(all);
  await inStudio(path.resolve(values.out), async (studio) => {
    const { wb } = studio;
    for (const width of widths.filter((w) => values.width?.includes(w) ?? true)) {
      await wb.page.setViewportSize(SIZES[width]);
      // There is no room for it beside text and panels.
      if (width === '700') await wb.command('View: Close Primary Side Bar');
      for (const theme of themeNames.filter((name) => values.theme?.includes(name) ?? true)) {
        const isFirst = theme === (values.theme?.[0] ?? 'light');
        const here = names.filter((name) => name in SCENES || isFirst);
        const take = async (name: string) => capture(studio, `${name}-${theme}-${width}`);
        const scenes = Object.fromEntries(
          here.map((name) => [
            name,
            async () => {
              await dressFor(studio, theme, name);
              await wb.idle();
              await wb.closeAllTabs();
              await wb.openQuickly(FILE);
              await all[name]?.(studio, take);
            },
          ]),
        );
        await runScenes(studio, scenes, here);
      }
    }
  });
}

/** On the text everything is shown that can be. */
async function dressFor(studio: Studio, theme: ThemeName, scene: string): Promise<void> {
  const isText = scene === 'text';
  await dress(studio, theme, { 'memmamba.heat.enabled': isText, 'memmamba.codeLens.enabled': isText });
}

await main();
