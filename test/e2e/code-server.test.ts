import { appendFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { screenshotOnFailure } from './failures.js';
import { CodeServerLeg, writeSettings } from '../../scripts/workbench/leg.js';
import { contrast, oneLine, shownSummary, summarize } from './reader.js';
import { beginning, haystack, serverLog, wholeBook } from '../../scripts/workbench/texts.js';
import { plain, until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';

const KEY = '48213';
const LINE = `The pass key is ${KEY}. Remember it. ${KEY} is the pass key.`;
/** What is typed above the first heading of a document. */
const TYPED = 'Moved by a line of my own.';
/** What takes many minutes is tried where it is asked for. */
const LARGE = process.env.MEMMAMBA_LARGE === '1';
/** The whole book on two slow cores. */
const BOOK_MS = 10 * 60_000;
const MINUTE = 60_000;
/** The text in which a key is hidden: half of the book, or five books. */
const KEY_MS = LARGE ? 4 * BOOK_MS : BOOK_MS;

let leg: CodeServerLeg;
let browser: BrowserContext;
let wb: Workbench | undefined;

const workbench = (): Workbench => {
  if (!wb) throw new Error('No workbench is open.');
  return wb;
};

beforeAll(async () => {
  leg = await CodeServerLeg.start();
  browser = await leg.browser({ webgpu: true });
});
afterAll(() => leg.dispose());
beforeEach(() => wb?.tidy());
screenshotOnFailure(() => wb);

describe('on the WebGPU engine', () => {
  let chapter: string;

  beforeAll(async () => {
    chapter = await beginning(1_600);
    const folder = await leg.workspace('webgpu', { 'memmamba.engine': 'webgpu' }, { 'chapter.md': chapter });
    wb = await leg.open(folder, browser);
  });

  it('lists its commands in the palette', async () => {
    const listed = await workbench().quickInput.commands('MemMamba: ', 7);
    expect(listed).toEqual(
      expect.arrayContaining([
        'MemMamba: Summarize with MemMamba',
        'MemMamba: Find Passages…',
        'MemMamba: Find Passkey…',
        'MemMamba: Show Memory Fidelity',
        'MemMamba: Show State Pool',
        'MemMamba: Compare with Plain Mamba',
        'MemMamba: Check WebGPU',
      ]),
    );
  });

  it('reports the adapter and the self-test of every kernel', async () => {
    await workbench().command('MemMamba: Check WebGPU');
    await workbench().tab('WebGPU.md').waitFor({ timeout: MINUTE });
    const report = await until('the report', async () => {
      const text = await workbench().editor.text();
      return text.includes('Self-test') && text;
    });
    expect(report).toMatch(/swiftshader/i);
    expect(report).toMatch(/\| passed \|/);
    expect(report).not.toMatch(/\*\*failed\*\*/);
    await workbench().page.keyboard.press('Control+Home');
    await workbench().screenshot('check-webgpu');
  });

  it('summarizes a chapter', async () => {
    const { about, links, headings } = await summarize(workbench(), 'chapter.md', BOOK_MS);
    expect(about).toMatch(/100 % of the document read/);
    expect(about).toMatch(/webgpu/);
    expect(headings).toContain('Overview');
    expect(links.length).toBeGreaterThan(2);
    await workbench().screenshot('summary-webgpu');
  });
});

describe('on the CPU engine', () => {
  // However slow the machine is, these are read whole.
  const SETTINGS = { 'memmamba.engine': 'cpu', 'memmamba.stages.afterMinutes': 0 };
  let folder: string;
  let book: string;

  beforeAll(async () => {
    book = await wholeBook();
    folder = await leg.workspace('cpu', SETTINGS, {
      'The Warden.md': book,
      'chapters.md': await beginning(30_000),
      'chapter.md': await beginning(4_000),
      // The summary of a text is kept; these were not summarized before.
      'after-death.md': await beginning(5_000),
      'after-reload.md': await beginning(6_500),
      'edited.md': await beginning(3_000),
      'key.md': await haystack(16_000, 0.3, KEY),
      'haystack.md': await haystack(LARGE ? 2_000_000 : 200_000, 0.4, KEY),
      'huge.md': await haystack(2_000_000, 0.5, KEY),
      'line.txt': 'The bishop spoke to the warden and the warden wept. '.repeat(200_000),
    });
    wb = await leg.open(folder, browser);
  });

  it('follows a link of the summary to its passage', async () => {
    const { frame, links } = await summarize(workbench(), 'chapters.md', 2 * MINUTE);
    const [first = ''] = links;
    await frame.locator('#summary li a').first().click();
    await until(
      'the passage selected',
      async () => oneLine(await workbench().editor.selectedText()) === first,
    );
  });

  it('tells in a hover what the model retains of a word', async () => {
    await workbench().openFile('chapters.md');
    const hover = await workbench().editor.hover('Barchester', /retained/);
    expect(hover).toMatch(/\d %/);
    expect(hover).toMatch(/layers 1 to 8/);
    expect(hover).toMatch(/state pool/);
    await workbench().screenshot('hover');
  });

  it('shows the state pool and the memory fidelity, each with its table', async () => {
    await workbench().openFile('chapters.md');
    await workbench().command('MemMamba: Show State Pool');
    const pool = await workbench().webview(
      '[data-panel="pool"] [role="row"], [data-panel="pool"] tr',
      MINUTE,
    );
    expect(await pool.locator('[data-panel="pool"]').innerText()).toMatch(/layer/i);
    await workbench().screenshot('state-pool');
    await workbench().openFile('chapters.md');
    await workbench().command('MemMamba: Show Memory Fidelity');
    const fidelity = await workbench().webview('[data-panel="fidelity"] #etmf-chart svg', 3 * MINUTE);
    await fidelity.getByText('ETMF as a table').click();
    await workbench().webview('#etmf-table tbody tr', MINUTE);
  });

  it('follows the text with the map, and the map with the text', async () => {
    await workbench().openFile('chapters.md');
    await workbench().command('MemMamba: Show Memory Fidelity');
    const frame = await workbench().webview('#heat-map', MINUTE);
    const inView = () => frame.locator('#heat-map').getAttribute('aria-label');
    const before = await until('the lines in view', async () => {
      const label = await inView();
      return /the [1-9]\d* tokens in view/.test(label ?? '') && label;
    });
    const map = frame.locator('#mini-map');
    const { height } = (await map.boundingBox())!;
    await map.click({ position: { x: 40, y: 0.6 * height } });
    await until('the editor further down', async () => {
      const numbers = await workbench().page.locator('.editor-group-container .line-numbers').allInnerTexts();
      return Math.max(...numbers.map(Number)) > 40;
    });
    await until('other lines in the map', async () => (await inView()) !== before);
    await workbench().screenshot('memory-fidelity');
  });

  it('says that the text was edited, goes to where its words are now, and reads it again', async () => {
    // The text in the first group, wherever the test before this left the keyboard: the panel is in the second.
    await workbench().command('View: Focus First Editor Group');
    await workbench().openFile('edited.md');
    await workbench().command('MemMamba: Show State Pool');
    const frame = await workbench().webview('#pool-words li', MINUTE);
    await workbench().idle();
    // Its first lines may be out of view, where a click on one hits something else.
    await workbench().command('View: Focus First Editor Group');
    await workbench().page.keyboard.press('Control+Home');
    await workbench().page.keyboard.type(`${TYPED}\n`);
    await frame.locator('#edit-notice', { hasText: 'edited since it was read' }).waitFor();
    await workbench().statusBar(/edited since/);
    const chip = frame.locator('#pool-words button', { hasText: 'Barchester' }).first();
    await chip.click();
    await until('the word selected where it is now', async () => {
      return (await workbench().editor.selectedText()).trim() === 'Barchester';
    });
    await frame.locator('#read-again').click();
    await until('no notice', async () => (await frame.locator('#edit-notice').innerText()) === '');
    await workbench().command('File: Save');
  });

  it('shows above headings what their sections say, where that is wanted', async () => {
    await writeSettings(folder, { ...SETTINGS, 'memmamba.codeLens.enabled': true });
    await workbench().command('View: Focus First Editor Group');
    await workbench().openFile('edited.md');
    await workbench().command('View: Focus First Editor Group');
    await workbench().page.keyboard.press('Control+Home');
    const lens = workbench().page.locator('.codelens-decoration a:visible').first();
    await lens.waitFor({ timeout: MINUTE });
    const sentence = plain(await lens.innerText()).replace(/…$/, '');
    expect(oneLine(`${TYPED}\n${book}`)).toContain(sentence);
    await lens.click();
    await until('its sentence selected', async () =>
      oneLine(await workbench().editor.selectedText()).startsWith(sentence),
    );
    await writeSettings(folder, SETTINGS);
  });

  it('compares with the pool off: both answers side by side', async () => {
    await workbench().openFile('key.md');
    await workbench().command('MemMamba: Compare with Plain Mamba');
    await workbench().quickInput.answer(/key, a code/, 'What is the pass key?');
    const frame = await workbench().webview('#compare-off .answer', BOOK_MS);
    expect(await frame.locator('#compare-on .answer').innerText()).toBe(KEY);
    expect(await frame.locator('#compare-on').innerText()).toContain('found in the text');
    expect(await frame.locator('#compare-off').innerText()).toContain('plain Mamba, same weights');
    await workbench().idle();
    await workbench().screenshot('compare');
    await frame.locator('#compare-on vscode-link').first().click();
    await until('the key selected', async () => (await workbench().editor.selectedText()).includes(KEY));
  });

  it('finds passages for a query in plain words', async () => {
    await workbench().openFile('chapters.md');
    await workbench().command('MemMamba: Find Passages…');
    await workbench().quickInput.answer(/plain words/, 'the money that the bedesmen are to have');
    const rows = workbench().quickInput.rows();
    await rows.first().waitFor({ timeout: MINUTE });
    expect(await rows.first().innerText()).toMatch(/Line \d+/);
    await workbench().page.keyboard.press('Enter');
    await until('a passage selected', async () => (await workbench().editor.selectedText()).length > 20);
  });

  it('summarizes a whole book, in the words of the book', async () => {
    const { about, headings, links } = await summarize(workbench(), 'The Warden.md', BOOK_MS);
    expect(about).toMatch(/100 % of the document read/);
    expect(about).toMatch(/cpu/);
    expect(headings.length).toBeGreaterThan(10);
    expect(links.length).toBeGreaterThan(10);
    const text = oneLine(book);
    // “…” stands for what a long sentence was cut off.
    const sentences = links
      .filter((link) => link.split(' ').length > 4)
      .map((link) => link.replace(/^… | …$/gu, ''));
    expect(sentences.filter((sentence) => !text.includes(sentence))).toEqual([]);
    expect(await workbench().statusBar(/100 % read/)).toBeTruthy();
  });

  it(
    `finds a passkey hidden in ${LARGE ? '2 MB' : '200 kB'}, and verifies it`,
    { timeout: KEY_MS + 2 * MINUTE },
    async () => {
      await workbench().openFile('haystack.md');
      await workbench().command('MemMamba: Find Passkey…');
      await workbench().quickInput.answer(/key, a code/, 'What is the pass key?');
      const rows = workbench().quickInput.rows();
      await rows.filter({ hasText: KEY }).first().waitFor({ timeout: KEY_MS });
      const title = await workbench().quickInput.title();
      expect(title).toContain(KEY);
      expect(title).toMatch(/found in the text/);
      await workbench().screenshot('passkey');
      await workbench().page.keyboard.press('Enter');
      await until('the key selected', async () => (await workbench().editor.selectedText()).includes(KEY));
    },
  );

  it('stops at once when cancelled, and summarizes what it has read', async () => {
    await workbench().openFile('huge.md');
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(/reading huge\.md[\s\S]*tokens/, MINUTE);
    expect(await workbench().notifications.ofWork()).toBe(1);
    const start = Date.now();
    await workbench().notifications.press(/reading huge\.md/, 'Cancel');
    const { about } = await shownSummary(workbench(), 'huge.md', MINUTE);
    expect(Date.now() - start).toBeLessThan(MINUTE / 2);
    expect(about).toMatch(/\b\d{1,2} % of the document read/);
    expect(about).toMatch(/stopped before the end/);
    await workbench().idle();
  });

  it('reads one line of 10 MB without hanging', async () => {
    await workbench().openFile('line.txt');
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(/reading line\.txt[\s\S]*tokens/, 2 * MINUTE);
    await workbench().command('MemMamba: Cancel Reading');
    const { about } = await shownSummary(workbench(), 'line.txt', MINUTE);
    expect(about).toMatch(/stopped before the end/);
  });

  it('says so when its page is closed while it works, and starts over', async () => {
    await workbench().openFile('huge.md');
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(/reading huge\.md[\s\S]*tokens/, MINUTE);
    await workbench().closeTab('MemMamba');
    await workbench().notifications.shown(/closed while it worked/);
    const { about } = await summarize(workbench(), 'chapter.md', MINUTE);
    expect(about).toMatch(/100 % of the document read/);
  });

  it('works again after its extension host died', async () => {
    expect(await leg.killExtensionHosts()).toBeGreaterThan(0);
    await workbench().closeAllTabs();
    const { about } = await summarize(workbench(), 'after-death.md', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
  });

  it('works after the window was reloaded', async () => {
    await workbench().reload();
    await workbench().closeAllTabs();
    const { about } = await summarize(workbench(), 'after-reload.md', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
  });

  it.each([
    ['light', 'Default Light Modern', 'vs'],
    ['dark', 'Default Dark Modern', 'vs-dark'],
    ['high-contrast', 'Default High Contrast', 'hc-black'],
    ['high-contrast-light', 'Default High Contrast Light', 'hc-light'],
  ])('is legible in a %s theme', async (name, theme, kind) => {
    await writeSettings(folder, { ...SETTINGS, 'workbench.colorTheme': theme });
    await workbench().page.locator(`.monaco-workbench.${kind}`).waitFor();
    const { frame } = await summarize(workbench(), 'chapter.md', 2 * MINUTE);
    expect(await contrast(frame, '#summary')).toBeGreaterThan(4.5);
    await workbench().idle();
    await workbench().screenshot(`summary-${name}`);
    await workbench().command('MemMamba: Show State Pool');
    const pool = await workbench().webview('#pool-words li', MINUTE);
    expect(await contrast(pool, '[data-panel="pool"]')).toBeGreaterThan(4.5);
    await workbench().idle();
    await workbench().screenshot(`state-pool-${name}`);
  });
});

describe('with files that cannot be read', () => {
  beforeAll(async () => {
    const folder = await leg.workspace(
      'files',
      { 'memmamba.engine': 'cpu' },
      {
        'empty.txt': '',
        'binary.dat': Uint8Array.from({ length: 4_096 }, (_, i) => i % 7),
        'latin1.txt': Buffer.from('Señor, ¿dónde está el niño? '.repeat(50), 'latin1'),
      },
    );
    wb = await leg.open(folder, browser);
  });

  it.each([
    ['empty.txt', /empty\.txt is empty/],
    ['binary.dat', /binary\.dat is a binary file/],
    ['latin1.txt', /latin1\.txt is not valid UTF-8/],
  ])('says what is wrong with %s', async (file, message) => {
    await workbench().openFile(file);
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(message);
  });
});

describe('with a file that something writes to', () => {
  let folder: string;
  let writer: ReturnType<typeof setInterval> | undefined;

  beforeAll(async () => {
    folder = await leg.workspace('growing', { 'memmamba.engine': 'cpu' }, { 'growing.log': 'start\n' });
    wb = await leg.open(folder, browser);
  });
  afterAll(() => clearInterval(writer));

  it('says that it changed while it was read, and reads it once it is at rest', async () => {
    const file = path.join(folder, 'growing.log');
    let lines = 0;
    writer = setInterval(() => appendFileSync(file, `${++lines} the warden spoke to the bishop.\n`), 20);
    // Not opened: what an editor shows is a copy that does not change under its reader.
    await workbench().explorerMenu('growing.log', 'Summarize with MemMamba');
    await workbench().notifications.shown(/growing\.log changed while it was being read/, MINUTE);
    clearInterval(writer);
    await workbench().explorerMenu('growing.log', 'Summarize with MemMamba');
    const { about } = await shownSummary(workbench(), 'growing.log', MINUTE);
    expect(about).toMatch(/100 % of the document read/);
  });
});

describe('with a file that VS Code hands to no extension', () => {
  beforeAll(async () => {
    const folder = await leg.workspace(
      'large',
      {
        'memmamba.engine': 'cpu',
        'memmamba.stages.afterMinutes': 2,
        'memmamba.stages.budgetSeconds': 15,
      },
      { 'server.log': serverLog(LARGE ? 300_000_000 : 60_000_000, 0.6, LINE) },
    );
    wb = await leg.open(folder, browser);
  });

  it('finds a key in it, goes there in a view of its own, and tells what was read by what', async () => {
    const start = Date.now();
    await workbench().explorerMenu('server.log', 'Analyze File…');
    await workbench().quickInput.choose('Find Passkey');
    await workbench().quickInput.answer(/key, a code/, 'What is the pass key?');
    const rows = workbench().quickInput.rows();
    await rows.filter({ hasText: KEY }).first().waitFor({ timeout: BOOK_MS });
    if (LARGE) console.log(`Found in 300 MB after ${(Date.now() - start) / 1000} s.`);
    const title = await workbench().quickInput.title();
    expect(title).toMatch(/found in the text/);
    expect(title).toMatch(/\d % of the document read by the model, 100 % by the fast pass/);
    await workbench().page.keyboard.press('Enter');
    const view = await workbench().webview('.rows mark', MINUTE);
    expect(await view.locator('.rows mark').allInnerTexts()).toContain(`The pass key is ${KEY}.`);
    await workbench().screenshot('large-file');
    const offer = await workbench().notifications.past(/The model read [\d.]+ % of server\.log/);
    expect(offer).toMatch(/Read Everything/);
  });

  it('tells in a hover of the view what the model retains of a word', async () => {
    const view = await workbench().webview('.rows mark', MINUTE);
    await view.locator('.rows').press('Enter');
    const tooltip = view.locator('.tooltip');
    await until(
      'a hover',
      async () => (await tooltip.innerText({ timeout: 5_000 })).includes('retained'),
      MINUTE,
    );
  });
});

describe('with such a file in a tab of text', () => {
  beforeAll(async () => {
    const folder = await leg.workspace(
      'large-text',
      {
        'memmamba.engine': 'cpu',
        'memmamba.stages.afterMinutes': 2,
        'memmamba.stages.budgetSeconds': 15,
        // In remote windows VS Code asks before it shows more than 10 MB as text.
        'workbench.editorLargeFileConfirmation': 1_024,
      },
      { 'access.log': serverLog(LARGE ? 300_000_000 : 60_000_000, 0.3, LINE) },
    );
    wb = await leg.open(folder, browser);
    await workbench().openFile('access.log');
    await workbench()
      .page.locator('.view-line')
      .first()
      .waitFor({ timeout: 2 * MINUTE });
  });

  it('finds a key in the active tab, of which extensions see no editor, and goes to it there', async () => {
    await workbench().command('MemMamba: Find Passkey…');
    await workbench().quickInput.answer(/key, a code/, 'What is the pass key?');
    const rows = workbench().quickInput.rows();
    await rows.filter({ hasText: KEY }).first().waitFor({ timeout: BOOK_MS });
    expect(await workbench().quickInput.title()).toMatch(/found in the text.*100 % by the fast pass/);
    await workbench().page.keyboard.press('Enter');
    await until('the key selected', async () => (await workbench().editor.selectedText()).includes(KEY));
    expect(await workbench().tab('access.log').count()).toBe(1);
  });

  it('summarizes the active tab, and its links lead into it', async () => {
    await workbench().command('MemMamba: Summarize with MemMamba');
    const { about, frame, links } = await shownSummary(workbench(), 'access.log', BOOK_MS);
    expect(about).toMatch(/by the model, 100 % by the fast pass/);
    await frame.locator('#summary li a').first().click();
    await until(
      'the line selected',
      async () => oneLine(await workbench().editor.selectedText()) === links[0],
    );
  });
});

describe('with a damaged model', () => {
  let model: string;
  let weights: Buffer;

  beforeAll(async () => {
    const [installed = ''] = (await readdir(leg.extensions)).filter((name) => name.startsWith('memmamba.'));
    model = path.join(leg.extensions, installed, 'models/artifacts/tiny/model.safetensors');
    weights = await readFile(model);
    const damaged = Buffer.from(weights);
    damaged.fill(0xa5, damaged.length - 1_000);
    await writeFile(model, damaged);
    const folder = await leg.workspace(
      'damaged',
      { 'memmamba.engine': 'cpu' },
      { 'chapter.md': await beginning(2_000) },
    );
    // The workbench keeps what webviews have loaded; a new browser has to fetch it.
    wb = await leg.open(folder, await leg.browser({ webgpu: false }));
  });
  afterAll(() => writeFile(model, weights));

  it('names the file instead of reading nonsense', async () => {
    await workbench().openFile('chapter.md');
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(/model\.safetensors/, MINUTE);
  });
});

describe('in a browser without WebGPU', () => {
  let withoutGpu: BrowserContext;

  beforeAll(async () => {
    withoutGpu = await leg.browser({ webgpu: false });
  });

  it('falls back to the CPU by itself, and says why', async () => {
    const folder = await leg.workspace('auto', {}, { 'chapter.md': await beginning(2_000) });
    wb = await leg.open(folder, withoutGpu);
    const { about } = await summarize(workbench(), 'chapter.md', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
    expect(about).toMatch(/cpu/);
    expect(about).toMatch(/WebGPU/);
  });

  it('says what is missing where WebGPU was asked for', async () => {
    const folder = await leg.workspace(
      'forced',
      { 'memmamba.engine': 'webgpu' },
      { 'chapter.md': await beginning(9_000) },
    );
    wb = await leg.open(folder, withoutGpu);
    await workbench().openFile('chapter.md');
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(/WebGPU/, MINUTE);
  });
});
