import { gzipSync, strToU8 } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CodeServerLeg, VscodeWebLeg } from '../../scripts/workbench/leg.js';
import { beginning } from '../../scripts/workbench/texts.js';
import { plain, until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';
import { bookPdf } from '../support/book-pdf.js';
import { packedFixture } from '../support/packed.js';
import { screenshotOnFailure } from './failures.js';
import { oneLine, shownSummary, summarize } from './reader.js';

const KEY = '60417';
const FACT = `The pass key is ${KEY}. Remember it. ${KEY} is the pass key.`;
const MINUTE = 60_000;
/** A busy machine takes its time to start a model or a window. */
const LONG = 5 * MINUTE;
const SETTINGS = { 'memmamba.engine': 'cpu', 'memmamba.stages.afterMinutes': 0 };

let wb: Workbench | undefined;

const workbench = (): Workbench => {
  if (!wb) throw new Error('No workbench is open.');
  return wb;
};

beforeEach(() => wb?.tidy());
screenshotOnFailure(() => wb);

async function files() {
  return {
    'story.pdf': bookPdf(await beginning(9_000), { page: 3, text: FACT }),
    'report.docx': packedFixture('report.docx'),
    'letter.odt': packedFixture('report.odt'),
    'locked.pdf': packedFixture('locked.pdf'),
    'notes.rtf': '{\\rtf1 The gate.}',
    'story.txt.gz': gzipSync(strToU8(await beginning(3_000))),
  };
}

/** Asks for the key, and goes to the place that is found. */
async function findKey(question: string, key: string): Promise<string> {
  await workbench().quickInput.answer(/key, a code/, question);
  const hit = workbench().quickInput.rows().filter({ hasText: key }).first();
  await hit.waitFor({ timeout: LONG });
  const shown = plain(await hit.innerText());
  await workbench().page.keyboard.press('Enter');
  await until('the key selected', async () => (await workbench().editor.selectedText()).includes(key));
  return shown;
}

async function summaryOfPdf(): Promise<void> {
  const { frame, about, links } = await summarize(workbench(), 'story.pdf', LONG);
  expect(about).toMatch(/100 % of the document read/);
  expect(plain(await frame.locator('#summary li').first().innerText())).toMatch(/Page \d+$/);
  await frame.locator('#summary li a').first().click();
  await until(
    'the passage selected',
    async () => oneLine(await workbench().editor.selectedText()) === links[0],
  );
  await workbench().tab('story.pdf.memmamba.txt').first().waitFor();
}

describe('in a Node extension host', () => {
  let leg: CodeServerLeg;

  beforeAll(async () => {
    leg = await CodeServerLeg.start();
    const folder = await leg.workspace('packed', SETTINGS, await files());
    wb = await leg.open(folder, await leg.browser({ webgpu: true }));
  });
  afterAll(() => leg.dispose());

  it('a PDF is summarized from the tab in which it lies, and links lead into its text', async () => {
    await summaryOfPdf();
    await workbench().screenshot('packed-summary');
  });

  it('its text shows where pages begin, and on which page a key stands', async () => {
    await workbench().openFile('story.pdf');
    await workbench().command('MemMamba: Find Passkey…');
    expect(await findKey('What is the pass key?', KEY)).toMatch(/Page 3, line \d+/);
    const text = workbench().page.locator('.view-lines');
    await text.filter({ hasText: 'Page 3' }).first().waitFor();
    await workbench().screenshot('packed-passkey');
  });

  it('a DOCX is opened from the explorer as a text, and asked', async () => {
    await workbench().explorerMenu('report.docx', 'Analyze File');
    await workbench().tab('report.docx.memmamba.txt').first().waitFor({ timeout: MINUTE });
    await workbench().quickInput.choose('Find Passkey');
    await findKey('What is the code of the south gate?', '48213');
    await workbench().screenshot('packed-docx');
  });

  it('what is dropped on the view of documents is opened too', async () => {
    await workbench().command('Explorer: Focus on MemMamba View');
    const { page } = workbench();
    const row = page.locator('.explorer-folders-view .monaco-list-row[aria-label^="letter.odt"]');
    const view = page.locator('.pane', { hasText: 'MemMamba' }).last().locator('.monaco-list-row').first();
    await until('the text of what was dropped', async () => {
      await row.first().dragTo(view, { timeout: 5_000 });
      await workbench().tab('letter.odt.memmamba.txt').first().waitFor({ timeout: 5_000 });
      return true;
    });
    await page.keyboard.press('Escape');
    await workbench().command('Explorer: Focus on Folders View');
  });

  it.each([
    ['locked.pdf', /locked\.pdf asks for a password/],
    ['notes.rtf', /notes\.rtf cannot be read: it is an RTF document/],
  ])('of %s it is said why it is not read', async (name, words) => {
    await workbench().openFile(name);
    await workbench().command('MemMamba: Summarize with MemMamba');
    await workbench().notifications.shown(words, MINUTE);
  });

  it('a text in gzip is summarized', async () => {
    const { about } = await summarize(workbench(), 'story.txt.gz', LONG);
    expect(about).toMatch(/100 % of the document read/);
  });

  it('a summary is there again after the window was reloaded', async () => {
    await workbench().closeAllTabs();
    await summarize(workbench(), 'story.pdf', LONG);
    await workbench().reloadWindow();
    const { links } = await shownSummary(workbench(), 'story.pdf', LONG);
    expect(links.length).toBeGreaterThan(2);
  });
});

describe('in VS Code for the Web', () => {
  let leg: VscodeWebLeg;

  beforeAll(async () => {
    leg = await VscodeWebLeg.start();
    const settings = { ...SETTINGS, 'workbench.colorTheme': 'Default Dark Modern' };
    const folder = await leg.workspace('packed', settings, await files());
    wb = await leg.open(folder, await leg.browser({ webgpu: true }));
  });
  afterAll(() => leg.dispose());

  it('a PDF is summarized, and links lead into its text', async () => {
    await summaryOfPdf();
    await workbench().screenshot('packed-web');
  });

  it('a DOCX is asked', async () => {
    await workbench().explorerMenu('report.docx', 'Analyze File');
    await workbench().quickInput.choose('Find Passkey');
    await findKey('What is the code of the south gate?', '48213');
  });
});
