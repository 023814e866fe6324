import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largeFilePageHtml, summaryPageHtml } from '../../extension/webviews/page-html.js';
import type { LargeFileHostMethods, LargeFilePageMethods } from '../../extension/protocol/large-file.js';
import { dispatch, Peer, type Message } from '../../extension/protocol/rpc.js';
import type { SummaryHostMessage } from '../../extension/protocol/summary.js';
import { BrowserPage, THEMES } from './browser-page.js';

const WIDE = { width: 1000, height: 700 };
const NARROW = { width: 340, height: 700 };

/** As VS Code's Markdown engine makes it of a summary: links to files carry their target in `data-href`. */
const SUMMARY = `
<h1 id="summary">Summary of chapter.md</h1>
<blockquote><p><strong>100 % of the document read</strong> · 854 tokens · 2 s, 395 tokens/s · MemMamba tiny, cpu</p>
<p>The document has been edited since; this is about the text as it was.</p></blockquote>
<h2 id="overview">Overview</h2>
<ul><li><a href="chapter.md#L3,1-3,40" data-href="chapter.md#L3,1-3,40" title="Line 3">The Rev. Septimus Harding was,
a few years since, a beneficed clergyman residing in the cathedral town of ----; let us call it Barchester.</a></li></ul>
<h2 id="section">Section by Section</h2>
<h3 id="one"><a href="chapter.md#L1,1-1,1" data-href="chapter.md#L1,1-1,1">Chapter I</a></h3>
<ul><li><a href="chapter.md#L5,1-5,9" data-href="chapter.md#L5,1-5,9" title="Line 5">Early in life.</a></li></ul>
<h2 id="terms">Key Terms</h2>
<ul><li><a href="chapter.md#L3,9-3,19" data-href="chapter.md#L3,9-3,19">Barchester</a> 9 ×, first in line 3</li></ul>`;

describe('the rendered summary', () => {
  let summary: BrowserPage;
  const posted: unknown[] = [];

  beforeAll(async () => {
    summary = await BrowserPage.open(['summary'], summaryPageHtml, (message) => posted.push(message));
    const message: SummaryHostMessage = { type: 'content', text: '', html: SUMMARY };
    await summary.post(message);
    await summary.page.locator('#summary h1').waitFor();
  });
  afterAll(() => summary.close());

  it.each(THEMES)('has no fault that axe finds, in the theme %s', async (theme) => {
    await summary.theme(theme);
    for (const size of [WIDE, NARROW]) {
      await summary.page.setViewportSize(size);
      expect(await summary.faults()).toEqual([]);
      expect(await summary.overflow()).toBeLessThanOrEqual(0);
    }
  });

  it('says to screen readers how far it is, every ten percent, and when it is there', async () => {
    const region = summary.page.locator('#announcement');
    const reading = (percent: number): SummaryHostMessage => ({
      type: 'content',
      text: '',
      html: `<h1>Summary of chapter.md</h1><blockquote><p><strong>Reading: ${percent} %</strong> · 256 tokens</p></blockquote>`,
    });
    const changes: string[] = [];
    await summary.page.exposeFunction('noteSaid', (words: string) => changes.push(words));
    await region.evaluate((element) => {
      const note = Reflect.get(window, 'noteSaid') as (words: string) => void;
      new MutationObserver(() => note(element.textContent)).observe(element, { childList: true });
    });
    for (const percent of [11, 14, 19, 23]) await summary.post(reading(percent));
    await summary.post({ type: 'content', text: '', html: SUMMARY });
    await expect
      .poll(() => changes)
      .toEqual(['Reading: 10 %', 'Reading: 20 %', 'Summary of chapter.md: 100 % of the document read']);
    expect(await summary.page.locator('main').getAttribute('aria-live')).toBeNull();
  });

  it('hands its links to the extension, by keyboard too', async () => {
    posted.length = 0;
    await summary.page.locator('#summary li a').first().focus();
    await summary.page.keyboard.press('Enter');
    await expect.poll(() => posted).toEqual([{ type: 'open', href: 'chapter.md#L3,1-3,40' }]);
  });
});

describe('the view of large files', () => {
  const LINES = 5_000;
  const lineAt = (i: number) =>
    `${String(i + 1).padStart(5, '0')} the warden spoke to the bishop, and the bishop wept.`;
  const LENGTH = lineAt(0).length + 1;
  let view: BrowserPage;
  const peer = new Peer<LargeFilePageMethods>(
    (message) => void view.post(message),
    dispatch<LargeFileHostMethods>({
      ready: () => undefined,
      rows: ({ from, count }) =>
        Array.from({ length: Math.min(count, LINES - from) }, (_, i) => ({
          text: lineAt(from + i),
          start: (from + i) * LENGTH,
          line: from + i + 1,
          startsLine: true,
        })),
      hover: ({ start, end }) => `<p><strong>MemMamba</strong>: ${start} to ${end}</p>`,
    }),
  );

  beforeAll(async () => {
    await BrowserPage.open(['large-file'], largeFilePageHtml, (message, page) => {
      view = page;
      peer.receive(message as Message);
    });
    await peer.request('open', { rows: LINES, lines: LINES });
    const row = 3_000;
    const start = row * LENGTH + 10;
    await peer.request('select', { start, end: start + 6, row, line: row + 1, focus: true });
    await view.page.locator('mark').waitFor();
  });
  afterAll(() => view.close());

  it.each(THEMES)('has no fault that axe finds, its hover open, in the theme %s', async (theme) => {
    await view.theme(theme);
    for (const size of [WIDE, NARROW]) {
      await view.page.setViewportSize(size);
      await view.page.locator('.rows').focus();
      await view.page.keyboard.press('Enter');
      await view.page.locator('.tooltip').getByText('MemMamba').waitFor();
      expect(await view.faults()).toEqual([]);
      expect(await view.overflow()).toBeLessThanOrEqual(0);
    }
  });

  it('scrolls by keyboard to both ends', async () => {
    await view.page.locator('.rows').focus();
    await view.page.keyboard.press('Control+Home');
    await view.page.getByText(lineAt(0)).waitFor();
    await view.page.keyboard.press('Control+End');
    await view.page.getByText(lineAt(LINES - 1)).waitFor();
  });

  it('says why a file cannot be shown', async () => {
    await peer.request('open', { rows: 0, lines: 0, error: 'line.txt is a binary file.' });
    expect(await view.page.getByRole('alert').innerText()).toContain('binary');
    expect(await view.faults()).toEqual([]);
  });
});
