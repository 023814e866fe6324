import { gzipSync, strToU8 } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CodeServerLeg } from '../../scripts/workbench/leg.js';
import { beginning } from '../../scripts/workbench/texts.js';
import { plain, until, type Workbench } from '../../scripts/workbench/workbench.js';
import { packedFixture } from '../support/packed.js';
import { bookPdf } from '../support/book-pdf.js';
import { screenshotOnFailure } from './failures.js';
import { oneLine, summarize } from './reader.js';

const KEY = '60417';
const MINUTE = 60_000;

let leg: CodeServerLeg;
let wb: Workbench;

beforeAll(async () => {
  leg = await CodeServerLeg.start();
  const story = await beginning(9_000);
  const folder = await leg.workspace(
    'packed',
    { 'memmamba.engine': 'cpu', 'memmamba.stages.afterMinutes': 0 },
    {
      'story.pdf': bookPdf(story, {
        page: 3,
        line: `The pass key is ${KEY}. Remember it. ${KEY} is the pass key.`,
      }),
      'report.docx': packedFixture('report.docx'),
      'locked.pdf': packedFixture('locked.pdf'),
      'system.log.1.gz': gzipSync(strToU8(await beginning(3_000))),
    },
  );
  wb = await leg.open(folder, await leg.browser({ webgpu: true }));
});
afterAll(() => leg.dispose());
beforeEach(() => wb.tidy());
screenshotOnFailure(() => wb);

describe('a PDF', () => {
  it('is summarized from the tab in which it lies, and links lead into its text', async () => {
    const { frame, about, links } = await summarize(wb, 'story.pdf', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
    expect(plain(await frame.locator('#summary li').first().innerText())).toMatch(/Page \d+$/);
    await frame.locator('#summary li a').first().click();
    await until('the passage selected', async () => oneLine(await wb.selectedText()) === links[0]);
    await wb.tab('story.pdf.memmamba.txt').first().waitFor();
    await wb.screenshot('packed-summary');
  });

  it('says on which page a key stands', async () => {
    await wb.openFile('story.pdf');
    await wb.command('MemMamba: Find Passkey…');
    await wb.answer(/key, a code/, 'What is the pass key?');
    const hit = wb.quickPickRows().filter({ hasText: KEY }).first();
    await hit.waitFor({ timeout: 2 * MINUTE });
    expect(plain(await hit.innerText())).toMatch(/Page 3, line \d+/);
    await wb.screenshot('packed-passkey');
    await wb.page.keyboard.press('Enter');
    await until('the key selected', async () => (await wb.selectedText()).includes(KEY));
  });

  it('that asks for a password says so', async () => {
    await wb.openFile('locked.pdf');
    await wb.command('MemMamba: Summarize with MemMamba');
    expect(await wb.notification(/locked\.pdf/, MINUTE)).toMatch(/asks for a password/);
  });
});

describe('a DOCX', () => {
  it('is opened from the explorer as a text, and asked', async () => {
    await wb.explorerMenu('report.docx', 'Analyze File');
    await wb.tab('report.docx.memmamba.txt').first().waitFor({ timeout: MINUTE });
    await wb.choose('Find Passkey');
    await wb.answer(/key, a code/, 'What is the code of the south gate?');
    const hit = wb.quickPickRows().filter({ hasText: '48213' }).first();
    await hit.waitFor({ timeout: 2 * MINUTE });
    await wb.page.keyboard.press('Enter');
    await until('the code selected', async () => (await wb.selectedText()).includes('48213'));
    await wb.screenshot('packed-docx');
  });
});

describe('a log in gzip', () => {
  it('is summarized', async () => {
    const { about } = await summarize(wb, 'system.log.1.gz', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
  });
});

describe('an unpacked text', () => {
  it('is there again after the window was reloaded', async () => {
    await wb.closeAllTabs();
    await wb.explorerMenu('report.docx', 'Analyze File');
    await wb.tab('report.docx.memmamba.txt').first().waitFor({ timeout: MINUTE });
    await wb.page.keyboard.press('Escape');
    await wb.reload();
    await wb.page
      .locator('.view-lines', { hasText: 'The harbour has two gates' })
      .waitFor({ timeout: MINUTE });
  });
});
