/**
 * Takes the pictures of the documentation in a real workbench, with the extension packed and installed, the model
 * that ships and a book.
 *
 *   tsx scripts/pictures.ts                those of the documentation, into docs/images
 *   tsx scripts/pictures.ts hover heat     these
 *   tsx scripts/pictures.ts --out FOLDER   elsewhere
 *   tsx scripts/pictures.ts --list         what there is
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { CodeServerLeg, writeSettings } from '../test/e2e/leg.js';
import { haystack } from '../test/e2e/texts.js';
import { until, type Workbench } from '../test/e2e/workbench.js';
import { repository } from '../test/hosts/install.js';
import { animatedWebp, type WebpFrame } from './animated-webp.js';

const FILE = 'the-warden.md';
const KEY = '48213';
const MINUTE = 60_000;
const WIDE = { width: 1400, height: 900 };

const THEMES = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
};
type ThemeName = keyof typeof THEMES;

/** A workbench with the book open, and where its pictures go. */
interface Studio {
  readonly wb: Workbench;
  readonly folder: string;
  readonly out: string;
}

const SETTINGS = {
  'memmamba.engine': 'cpu',
  'memmamba.stages.afterMinutes': 0,
  'editor.minimap.enabled': false,
  'editor.wordWrap': 'on',
  'breadcrumbs.enabled': false,
};

async function dress(
  { wb, folder }: Studio,
  theme: ThemeName,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await writeSettings(folder, { ...SETTINGS, 'workbench.colorTheme': THEMES[theme], ...settings });
  const kinds = {
    light: 'vs',
    dark: 'vs-dark',
    'high-contrast': 'hc-black',
    'high-contrast-light': 'hc-light',
  };
  await wb.page.locator(`.monaco-workbench.${kinds[theme]}`).waitFor();
}

/** Nothing going on, no notice up, the pointer out of the way. */
async function still({ wb }: Studio): Promise<void> {
  await wb.idle();
  await wb.command('Notifications: Clear All Notifications');
  await wb.page.mouse.move(700, 895);
  await wb.page.waitForTimeout(800);
}

async function shoot(studio: Studio, name: string): Promise<void> {
  await still(studio);
  await capture(studio, name);
}

async function capture({ wb, out }: Studio, name: string): Promise<void> {
  await writeFile(path.join(out, `${name}.png`), await wb.page.screenshot());
}

async function fresh({ wb }: Studio): Promise<void> {
  await wb.idle();
  await wb.closeAllTabs();
  await wb.openFile(FILE);
}

async function summary(studio: Studio): Promise<void> {
  const { wb } = studio;
  await fresh(studio);
  await wb.command('MemMamba: Summarize with MemMamba');
  const frame = await wb.webview('#summary li a', 5 * MINUTE);
  // Before the click: a command begins with Escape, which gives up a selection.
  await still(studio);
  await frame.locator('#summary li a').nth(1).click();
  await until('the passage selected', async () => (await wb.selectedText()).length > 10);
  await wb.page.mouse.move(700, 895);
  await wb.page.waitForTimeout(800);
}

async function fidelity({ wb }: Studio): Promise<void> {
  await wb.openFile(FILE);
  await wb.command('MemMamba: Show Memory Fidelity');
  const frame = await wb.webview('#heat-map', 3 * MINUTE);
  await frame.getByText('All rows computed.').waitFor({ timeout: 5 * MINUTE });
}

async function pool(studio: Studio, theme: ThemeName): Promise<void> {
  await dress(studio, theme);
  await fresh(studio);
  await studio.wb.command('MemMamba: Show State Pool');
  await studio.wb.webview('#pool-words li', 3 * MINUTE);
}

/** Taken where they are named: to look at, not for the documentation. */
const TO_LOOK_AT: ReadonlySet<string> = new Set(['themes', 'walkthrough', 'edited']);

const SCENES: Readonly<Record<string, (studio: Studio) => Promise<void>>> = {
  summary: async (studio) => {
    await dress(studio, 'light');
    await summary(studio);
    await capture(studio, 'summary');
  },
  'summary-dark': async (studio) => {
    await dress(studio, 'dark');
    await summary(studio);
    await capture(studio, 'summary-dark');
  },
  passages: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'dark');
    await fresh(studio);
    await wb.command('MemMamba: Find Passages…');
    await wb.answer(/plain words/, 'the money that the bedesmen are to have');
    await wb
      .quickPickRows()
      .first()
      .waitFor({ timeout: 3 * MINUTE });
    await wb.page.waitForTimeout(3_000);
    await wb.page.keyboard.press('ArrowDown');
    await wb.page.waitForTimeout(1_500);
    await capture(studio, 'passages');
    await wb.page.keyboard.press('Escape');
  },
  hover: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light');
    await fresh(studio);
    await wb.command('MemMamba: Show State Pool');
    await wb.webview('#pool-words li', 3 * MINUTE);
    await wb.idle();
    await wb.openFile(FILE);
    await wb.page.waitForTimeout(2_000);
    await wb.command('Notifications: Clear All Notifications');
    await wb.hover('Barchester', /retained/);
    await writeFile(path.join(studio.out, 'hover.png'), await wb.page.screenshot());
  },
  heat: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'dark', { 'memmamba.heat.enabled': true });
    await fresh(studio);
    await wb.command('MemMamba: Show State Pool');
    await wb.webview('#pool-words li', 3 * MINUTE);
    await wb.idle();
    await wb.openFile(FILE);
    await wb.page.waitForTimeout(3_000);
    await shoot(studio, 'heat');
    await dress(studio, 'dark');
  },
  fidelity: async (studio) => {
    await dress(studio, 'light');
    await fresh(studio);
    await fidelity(studio);
    await shoot(studio, 'memory-fidelity');
  },
  pool: async (studio) => {
    await pool(studio, 'light');
    await shoot(studio, 'state-pool');
  },
  themes: async (studio) => {
    for (const theme of Object.keys(THEMES) as ThemeName[]) {
      await pool(studio, theme);
      await shoot(studio, `state-pool-${theme}`);
    }
  },
  compare: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light');
    await fresh(studio);
    await wb.command('MemMamba: Compare with Plain Mamba');
    await wb.answer(/key, a code/, 'What is the pass key?');
    await wb.webview('#compare-off .answer', 5 * MINUTE);
    await shoot(studio, 'compare');
  },
  walkthrough: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light');
    await wb.closeAllTabs();
    await wb.command('Help: Welcome');
    await wb.page.locator('.getting-started-category', { hasText: 'MemMamba' }).first().click();
    await wb.page.locator('.gettingStartedDetailsContent img').first().waitFor();
    await wb.page.waitForTimeout(1_000);
    // No palette here: its Escape would lead out of the walkthrough.
    await writeFile(path.join(studio.out, 'walkthrough.png'), await wb.page.screenshot());
  },
  lenses: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light', { 'memmamba.codeLens.enabled': true });
    await summary(studio);
    await wb.page.locator('.codelens-decoration').first().waitFor({ timeout: MINUTE });
    await shoot(studio, 'code-lenses');
  },
  edited: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'dark');
    await fresh(studio);
    await wb.command('MemMamba: Show State Pool');
    await wb.webview('#pool-words li', 3 * MINUTE);
    await wb.idle();
    await wb.openFile(FILE);
    await wb.page.locator('.view-line').first().click();
    await wb.page.keyboard.press('Control+Home');
    await wb.page.keyboard.type('A note of my own.\n\n');
    await wb.statusBar(/edited since/);
    await shoot(studio, 'edited');
    await wb.command('File: Revert File');
  },
  tour,
};

/** Width of the animation in pixels: half of a wide column. */
const TOUR_WIDTH = 960;

/** A short tour as an animation: each step for as long as it takes to see what happened. */
async function tour(studio: Studio): Promise<void> {
  const { wb, out } = studio;
  await wb.page.setViewportSize({ width: 1200, height: 750 });
  await dress(studio, 'light', { 'workbench.activityBar.location': 'hidden' });
  const shots: { png: Buffer; milliseconds: number }[] = [];
  const step = async (milliseconds: number) => {
    shots.push({ png: await wb.page.screenshot(), milliseconds });
  };
  await wb.closeAllTabs();
  await wb.openFile(FILE);
  await wb.command('View: Toggle Primary Side Bar Visibility');
  await wb.page.waitForTimeout(1_000);
  await step(1_200);
  await wb.page.keyboard.press('F1');
  await wb.page.keyboard.type('MemMamba: Summ');
  await wb.page.waitForTimeout(800);
  await step(1_400);
  await wb.page.keyboard.press('Enter');
  const summary = await wb.webview('#summary li a', 5 * MINUTE);
  await still(studio);
  await step(2_400);
  await summary.locator('#summary li a').nth(1).click();
  await wb.page.waitForTimeout(2_000);
  await step(2_200);
  await wb.command('MemMamba: Show Memory Fidelity');
  const fidelity = await wb.webview('#heat-map', 3 * MINUTE);
  await fidelity.getByText('All rows computed.').waitFor({ timeout: 5 * MINUTE });
  await still(studio);
  await step(2_400);
  await fidelity.locator('#mini-map').click({ position: { x: 40, y: 200 } });
  await wb.page.waitForTimeout(3_000);
  await still(studio);
  await step(2_200);
  await wb.command('MemMamba: Show State Pool');
  await wb.webview('#pool-words li', 3 * MINUTE);
  await still(studio);
  await step(2_200);
  await wb.command('MemMamba: Compare with Plain Mamba');
  await wb.answer(/key, a code/, 'What is the pass key?');
  await wb.webview('#compare-off .answer', 5 * MINUTE);
  await still(studio);
  await step(3_000);
  await wb.command('View: Toggle Primary Side Bar Visibility');
  await wb.page.setViewportSize(WIDE);

  const height = Math.round((TOUR_WIDTH * 750) / 1200);
  const frames = await stillsOf(wb.page, shots, TOUR_WIDTH, height);
  await writeFile(path.join(out, 'tour.webp'), animatedWebp(frames, TOUR_WIDTH, height));
}

/** Screenshots as WebP stills of a size; the browser encodes them. */
async function stillsOf(
  page: Page,
  shots: readonly { png: Buffer; milliseconds: number }[],
  width: number,
  height: number,
): Promise<WebpFrame[]> {
  const encoder = await page.context().newPage();
  const frames: WebpFrame[] = [];
  for (const { png, milliseconds } of shots) {
    const url = await encoder.evaluate(
      async ({ source, width, height }) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement('canvas');
        Object.assign(canvas, { width, height });
        const context = canvas.getContext('2d', { alpha: false });
        if (context) context.imageSmoothingQuality = 'high';
        context?.drawImage(image, 0, 0, width, height);
        return canvas.toDataURL('image/webp', 0.8);
      },
      { source: `data:image/png;base64,${png.toString('base64')}`, width, height },
    );
    frames.push({ still: Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'), milliseconds });
  }
  await encoder.close();
  return frames;
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--list')) {
    console.log(Object.keys(SCENES).join('\n'));
    return;
  }
  const at = args.indexOf('--out');
  const out = at < 0 ? path.join(repository, 'docs/images') : path.resolve(args[at + 1] ?? '.');
  const names = args.filter((arg, i) => !arg.startsWith('--') && (at < 0 || i !== at + 1));
  const kept = Object.keys(SCENES).filter((name) => !TO_LOOK_AT.has(name));
  await mkdir(out, { recursive: true });
  const leg = await CodeServerLeg.start();
  try {
    const folder = await leg.workspace('books', SETTINGS, { [FILE]: await haystack(16_000, 0.4, KEY) });
    const browser = await leg.browser({ webgpu: false });
    const wb = await leg.open(folder, browser);
    await wb.page.setViewportSize(WIDE);
    for (const name of names.length > 0 ? names : kept) {
      const scene = SCENES[name];
      if (!scene) throw new Error(`There is no picture "${name}", only ${Object.keys(SCENES).join(', ')}.`);
      try {
        await scene({ wb, folder, out });
        console.log(name);
      } catch (error) {
        await wb.screenshot(`failed-picture-${name}`);
        console.error(name, error);
        process.exitCode = 1;
      }
    }
  } finally {
    await leg.dispose();
  }
}

await main(process.argv.slice(2));
