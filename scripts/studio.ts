/** A real workbench on a book, with the extension packed and installed, in which pictures are taken. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { CodeServerLeg, writeSettings } from './workbench/leg.js';
import { haystack } from './workbench/texts.js';
import { until } from './workbench/until.js';
import type { Workbench } from './workbench/workbench.js';

export const FILE = 'the-warden.md';
/** Hidden in the book. */
export const KEY = '48213';
export const MINUTE = 60_000;

const THEMES = {
  light: { name: 'Default Light Modern', kind: 'vs' },
  dark: { name: 'Default Dark Modern', kind: 'vs-dark' },
  'high-contrast': { name: 'Default High Contrast', kind: 'hc-black' },
  'high-contrast-light': { name: 'Default High Contrast Light', kind: 'hc-light' },
};
export type ThemeName = keyof typeof THEMES;
export const themeNames = Object.keys(THEMES) as ThemeName[];

/** A workbench with the book open, and where its pictures go. */
export interface Studio {
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
  'files.simpleDialog.enable': true,
  'files.autoSave': 'off',
};

/** A studio for `work`, and nothing of it left afterwards. */
export async function inStudio(out: string, work: (studio: Studio) => Promise<void>): Promise<void> {
  await mkdir(out, { recursive: true });
  const leg = await CodeServerLeg.start();
  try {
    const folder = await leg.workspace('books', SETTINGS, { [FILE]: await haystack(16_000, 0.4, KEY) });
    const wb = await leg.open(folder, await leg.browser({ webgpu: false }));
    await work({ wb, folder, out });
  } finally {
    await leg.dispose();
  }
}

/** Runs the scenes that are named, one after the other; one that fails leaves a picture of where it did. */
export async function runScenes(
  studio: Studio,
  scenes: Readonly<Record<string, (studio: Studio) => Promise<void>>>,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const scene = scenes[name];
    if (!scene) throw new Error(`There is no picture "${name}", only ${Object.keys(scenes).join(', ')}.`);
    try {
      await scene(studio);
      console.log(name);
    } catch (error) {
      await studio.wb.screenshot(`failed-picture-${name}`);
      console.error(name, error);
      process.exitCode = 1;
    }
  }
}

/** Puts on a theme, and settings besides those of the studio. */
export async function dress(
  { wb, folder }: Studio,
  theme: ThemeName,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { name, kind } = THEMES[theme];
  await writeSettings(folder, { ...SETTINGS, 'workbench.colorTheme': name, ...settings });
  await wb.page.locator(`.monaco-workbench.${kind}`).waitFor();
}

/** The pointer where it points at nothing. */
export async function asidePointer({ wb }: Studio): Promise<void> {
  await wb.page.mouse.move(2, 2);
  await wb.page.waitForTimeout(800);
}

/** Nothing going on, no notice up, the pointer out of the way. */
export async function still(studio: Studio): Promise<void> {
  await studio.wb.idle();
  await studio.wb.command('Notifications: Clear All Notifications');
  await asidePointer(studio);
}

export async function capture({ wb, out }: Studio, name: string): Promise<void> {
  await writeFile(path.join(out, `${name}.png`), await wb.page.screenshot());
}

export async function shoot(studio: Studio, name: string): Promise<void> {
  await still(studio);
  await capture(studio, name);
}

/** The book and nothing else. */
export async function fresh({ wb }: Studio): Promise<void> {
  await wb.idle();
  await wb.closeAllTabs();
  await wb.openFile(FILE);
}

/** Runs the summary of the document that is open and follows a sentence of it into the text. */
export async function summaryFollowed(studio: Studio): Promise<Frame> {
  const { wb } = studio;
  await wb.command('MemMamba: Summarize with MemMamba');
  const frame = await wb.webview('#summary li a', 5 * MINUTE);
  // Before the click: a command begins with Escape, which gives up a selection.
  await still(studio);
  await frame.locator('#summary li a').nth(1).click();
  await until('the passage selected', async () => (await wb.editor.selectedText()).length > 10);
  await asidePointer(studio);
  return frame;
}

/** Asks for passages of the document that is open; they are listed when it resolves. */
export async function passagesListed({ wb }: Studio): Promise<void> {
  await wb.command('MemMamba: Find Passages…');
  await wb.quickInput.answer(/plain words/, 'the money that the bedesmen are to have');
  await wb.quickInput
    .rows()
    .first()
    .waitFor({ timeout: 3 * MINUTE });
  await wb.idle();
}
