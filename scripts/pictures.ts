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
import { repository } from './hosts/repository.js';
import { animatedWebp, type WebpFrame } from './animated-webp.js';
import {
  asidePointer,
  capture,
  dress,
  FILE,
  fresh,
  inStudio,
  KEY,
  MINUTE,
  passagesListed,
  runScenes,
  shoot,
  still,
  summaryFollowed,
  type Studio,
  type ThemeName,
} from './studio.js';

const WIDE = { width: 1400, height: 900 };

async function summary(studio: Studio): Promise<void> {
  await fresh(studio);
  await summaryFollowed(studio);
}

async function fidelity({ wb }: Studio): Promise<void> {
  await wb.openQuickly(FILE);
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
    await passagesListed(studio);
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
    await wb.editor.hover('Barchester', /retained/);
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
    const { wb } = studio;
    await wb.page.setViewportSize({ width: 1_900, height: 880 });
    await pool(studio, 'light');
    const frame = await wb.webview('#pool-words li');
    // A layer that noted the key.
    const noted = await frame
      .locator('#pool-words button', { hasText: KEY })
      .first()
      .getAttribute('aria-label');
    const [, layer = '1'] = /layers (\d+)/.exec(noted ?? '') ?? [];
    await still(studio);
    await frame.locator('#pool-layer').focus();
    for (let i = 0; i < Number(layer); i++) await wb.page.keyboard.press('ArrowDown');
    await frame.locator('#pool-logarithmic').click();
    await asidePointer(studio);
    const clip = partOf(await frame.locator('[data-panel="pool"]').boundingBox());
    const png = await wb.page.screenshot({ clip: { ...clip, height: 728 } });
    await writeFile(path.join(studio.out, 'state-pool.png'), png);
    await wb.page.setViewportSize(WIDE);
  },
  compare: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light');
    await fresh(studio);
    await wb.command('MemMamba: Compare with Plain Mamba');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    await wb.webview('#compare-off .answer', 5 * MINUTE);
    await shoot(studio, 'compare');
  },
  lenses: async (studio) => {
    const { wb } = studio;
    await dress(studio, 'light', { 'memmamba.codeLens.enabled': true });
    await summary(studio);
    await wb.page.locator('.codelens-decoration').first().waitFor({ timeout: MINUTE });
    await shoot(studio, 'code-lenses');
  },
  walkthrough: async (studio) => {
    const out = path.join(studio.out, 'walkthrough');
    await mkdir(out, { recursive: true });
    await studio.wb.page.setViewportSize(SMALL);
    await studio.wb.command('View: Close Primary Side Bar');
    for (const theme of ['light', 'dark'] as const) await walkthrough({ ...studio, out }, theme);
    await studio.wb.command('View: Show Explorer');
    await studio.wb.page.setViewportSize(WIDE);
  },
  tour,
};

/** A window of which all can be read where the walkthrough shows it, in a column of some 500 pixels. */
const SMALL = { width: 720, height: 520 };
/** Room around a part that is cut out. */
const MARGIN = 12;

/** The pictures of the walkthrough's steps: of each what it is about, and no more. */
async function walkthrough(studio: Studio, theme: ThemeName): Promise<void> {
  await dress(studio, theme, {
    'workbench.activityBar.location': 'hidden',
    'window.commandCenter': false,
    'editor.stickyScroll.enabled': false,
    'editor.lightbulb.enabled': 'off',
  });
  const steps: Readonly<Record<string, (studio: Studio) => Promise<Part>>> = {
    summarize: summarizeStep,
    find: findStep,
    hover: hoverStep,
    fidelity: fidelityStep,
  };
  for (const [name, step] of Object.entries(steps)) {
    const clip = await step(studio);
    const png = await studio.wb.page.screenshot({ clip });
    await writeFile(path.join(studio.out, `${name}-${theme}.png`), png);
    await studio.wb.page.keyboard.press('Escape');
    await studio.wb.page.setViewportSize(SMALL);
  }
}

/** The book as the only tab. */
async function bookAlone({ wb }: Studio): Promise<void> {
  await wb.idle();
  await wb.closeAllTabs();
  await wb.openQuickly(FILE);
}

async function summarizeStep(studio: Studio): Promise<Part> {
  await bookAlone(studio);
  await summaryFollowed(studio);
  // From the tabs down: title bar and status bar say nothing here.
  return partOf(await studio.wb.page.locator('.part.editor').boundingBox());
}

async function findStep(studio: Studio): Promise<Part> {
  // Once to have it kept: the second time no page of the engine stands beside the text.
  for (const _ of ['read', 'kept']) {
    await bookAlone(studio);
    await passagesListed(studio);
  }
  await studio.wb.page.waitForTimeout(3_000);
  await studio.wb.page.keyboard.press('ArrowDown');
  await asidePointer(studio);
  return { x: 0, y: 0, ...SMALL };
}

async function hoverStep(studio: Studio): Promise<Part> {
  const { wb } = studio;
  await bookAlone(studio);
  await wb.command('MemMamba: Show State Pool');
  await wb.webview('#pool-words li', 3 * MINUTE);
  await still(studio);
  await wb.command('View: Toggle Maximize Editor Group');
  await wb.openQuickly(FILE);
  await wb.page.waitForTimeout(2_000);
  await wb.editor.hover('Barchester', /retained/);
  const hover = await wb.page.locator('.monaco-hover:visible').first().boundingBox();
  const { x, y, width, height } = partOf(hover);
  return { x: x - 70, y: y - MARGIN, width: width + 90, height: height + 60 };
}

async function fidelityStep(studio: Studio): Promise<Part> {
  const { wb } = studio;
  await asidePointer(studio);
  await wb.page.setViewportSize({ width: 1_400, height: 900 });
  await bookAlone(studio);
  await fidelity(studio);
  const frame = await wb.webview('#heat-map');
  await still(studio);
  await frame.locator('.map-and-text').evaluate((element) => element.scrollIntoView());
  await asidePointer(studio);
  const map = partOf(await frame.locator('.map-and-text').boundingBox());
  return { ...map, height: Math.min(map.height, 420) };
}

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function partOf(box: Part | null): Part {
  if (!box) throw new Error('What should be cut out is not there.');
  return box;
}

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
  await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
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
  await inStudio(out, async (studio) => {
    await studio.wb.page.setViewportSize(WIDE);
    await runScenes(studio, SCENES, names.length > 0 ? names : Object.keys(SCENES));
  });
}

await main(process.argv.slice(2));
