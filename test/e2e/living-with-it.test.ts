import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { screenshotOnFailure } from './failures.js';
import { CodeServerLeg } from '../../scripts/workbench/leg.js';
import { oneLine, shownSummary, summarize } from './reader.js';
import { beginning, haystack } from '../../scripts/workbench/texts.js';
import { plain, until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';

const KEY = '60417';
const MINUTE = 60_000;
/** Room for the analyses of all documents here, and for little else. */
const CACHE_MB = 1;

let leg: CodeServerLeg;
let folder: string;
let wb: Workbench;
let one: string;

beforeAll(async () => {
  leg = await CodeServerLeg.start({ probe: true, settings: { 'memmamba.cache.sizeMB': CACHE_MB } });
  one = await beginning(3_000);
  folder = await leg.workspace(
    'living',
    {
      'memmamba.engine': 'cpu',
      'memmamba.stages.afterMinutes': 0,
      'memmamba.incremental': true,
      'files.simpleDialog.enable': true,
    },
    {
      'one.md': one,
      'two.md': await beginning(4_500),
      'three.md': await beginning(2_000),
      'key.md': await haystack(6_000, 0.4, KEY),
      'minutes.txt': await haystack(4_000, 0.6, '90125'),
    },
  );
  wb = await leg.open(folder, await leg.browser({ webgpu: true }));
});
afterAll(() => leg.dispose());
beforeEach(() => wb.tidy());
screenshotOnFailure(() => wb);

/** What a language model tool says, called by another extension. */
async function invokeTool(name: string, input: Record<string, unknown>): Promise<string> {
  await wb.command('Probe: Invoke Tool');
  await wb.quickInput.answer(/Tool and input/, `${name} ${JSON.stringify(input)}`);
  const said = await until(
    `${name} to answer`,
    async () => {
      const text = await wb.editor.text();
      return text.includes('(end)') && text;
    },
    2 * MINUTE,
  );
  await wb.command('View: Revert and Close Editor');
  return said;
}

describe('language model tools', () => {
  it('answer from a file, verified, with the lines', async () => {
    const said = await invokeTool('memmamba_ask', { file: 'key.md', question: 'What is the pass key?' });
    expect(said).toMatch(new RegExp(`^${KEY}\\n`));
    expect(said).toMatch(/stands verbatim/);
    const [, line = '0'] = /line (\d+): /.exec(said) ?? [];
    const lines = (await readFile(path.join(folder, 'key.md'), 'utf8')).split('\n');
    expect(lines[Number(line) - 1]).toContain(KEY);
  });

  it('summarize in the words of the file, and find passages in it', async () => {
    const summary = await invokeTool('memmamba_summarize', { file: 'one.md', sentences: 3 });
    expect(summary).toMatch(/^Extractive summary of one\.md\. All of it was read\./);
    const [, sentence = 'none'] = /line \d+: (.*)/.exec(summary) ?? [];
    expect(oneLine(one)).toContain(sentence);
    const passages = await invokeTool('memmamba_passages', { file: 'one.md', query: 'the warden', top: 2 });
    expect(passages).toMatch(/best first[\s\S]*line \d+: /);
  });

  it('say what is wrong', async () => {
    expect(await invokeTool('memmamba_summarize', { file: 'none.md' })).toMatch(/none\.md cannot be read/);
  });
});

describe('documents that are no files', () => {
  it('are read from their editors, and links lead into them', async () => {
    await wb.command('File: New Untitled Text File');
    await wb.page.keyboard.insertText(await haystack(3_000, 0.2, KEY));
    await wb.command('MemMamba: Summarize with MemMamba');
    const { frame, about, links } = await shownSummary(wb, 'Untitled-', 2 * MINUTE);
    expect(about).toMatch(/100 % of the document read/);
    await frame.locator('#summary li a').first().click();
    await until('the passage selected', async () => oneLine(await wb.editor.selectedText()) === links[0]);
    // The summary's view sees to it once more that the passage has the keyboard.
    await wb.page.waitForTimeout(1_000);
    await wb.command('View: Revert and Close Editor');
  });

  it('may be of another extension', async () => {
    await wb.command('Probe: Open Virtual Document');
    await wb.quickInput.answer(/Name/, 'minutes.txt');
    await wb.tab('minutes.txt').first().waitFor();
    await wb.command('MemMamba: Find Passkey…');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    const hit = wb.quickInput.rows().filter({ hasText: '90125' }).first();
    await hit.waitFor({ timeout: 2 * MINUTE });
    await wb.page.keyboard.press('Enter');
    await until('the key selected', async () => (await wb.editor.selectedText()).includes('90125'));
    await wb.closeAllTabs();
  });
});

describe('a file that the reader has opened in the view of large files', () => {
  it('is searched and followed there, whatever its size', async () => {
    await wb.openFile('key.md');
    await wb.command('View: Reopen Editor With...');
    await wb.quickInput.choose('MemMamba Large File');
    await wb.webview('.rows .row', MINUTE);
    await wb.command('MemMamba: Find Passkey…');
    await wb.quickInput.answer(/key, a code/, 'What is the pass key?');
    const hit = wb.quickInput.rows().filter({ hasText: KEY }).first();
    await hit.waitFor({ timeout: 2 * MINUTE });
    expect(plain(await hit.innerText())).toContain('It stands here');
    await wb.page.keyboard.press('Enter');
    const view = await wb.webview('.rows mark', MINUTE);
    expect((await view.locator('.rows mark').allInnerTexts()).join(' ')).toContain(KEY);
    expect(await wb.tab('key.md').count()).toBe(1);
    await wb.closeAllTabs();
  });
});

describe('several documents', () => {
  it('are remembered side by side', async () => {
    await summarize(wb, 'one.md', 2 * MINUTE);
    await summarize(wb, 'two.md', 2 * MINUTE);
    for (const file of ['one.md', 'two.md']) {
      await wb.openFile(file);
      expect(await wb.editor.hover('Barchester', /retained/)).toMatch(/layers 1 to 8/);
    }
  });

  it('are listed in the explorer, with what was read of them', async () => {
    await wb.command('Explorer: Focus on MemMamba View');
    const rows = wb.page.locator('.pane', { hasText: 'MemMamba' }).locator('.monaco-list-row');
    await until('both documents', async () => {
      const shown = (await rows.allInnerTexts()).map((text) => plain(text).replace(/\s/g, ''));
      return shown.includes('one.md100%read') && shown.includes('two.md100%read');
    });
    await wb.screenshot('explorer-view');
    await wb.command('Explorer: Focus on Folders View');
  });
});

describe('while one types', () => {
  it('what follows the edit is read again, and the new word has its hover', async () => {
    await wb.openFile('two.md');
    await wb.editor.typeAtStart('Quixotic ');
    expect(await wb.editor.hover('Quixotic', /retained/, 2 * MINUTE)).toMatch(/layers 1 to 8/);
    await wb.command('View: Revert and Close Editor');
  });
});

describe('heat', () => {
  it('tints words in view, and stops when it is switched off', async () => {
    await wb.openFile('one.md');
    const before = await wb.editor.tinted();
    await wb.command('MemMamba: Toggle Heat of Retained Words');
    await until('tinted words', async () => (await wb.editor.tinted()) > before + 5, MINUTE);
    await wb.screenshot('heat');
    await wb.command('MemMamba: Toggle Heat of Retained Words');
    await until('no tint', async () => (await wb.editor.tinted()) === before);
  });
});

describe('an export', () => {
  async function exported(name: string): Promise<string> {
    await wb.openFile('one.md');
    await wb.command('MemMamba: Export Analysis…');
    const target = path.join(folder, name);
    await wb.quickInput.saveAs(target);
    return until(
      `${name} written`,
      async () => {
        const text = await readFile(target, 'utf8').catch(() => '');
        return text.length > 0 && text;
      },
      MINUTE,
    );
  }

  it('as Markdown has the summary, the searches, and links to the document', async () => {
    const text = await exported('one.analysis.md');
    expect(text).toMatch(/^# Summary of one\.md/);
    expect(text).toMatch(/\]\(one\.md#L\d+/);
    expect(text).toContain('the warden');
  });

  it('as JSON has the notes in the pools too', async () => {
    const { coverage, summary, passages, pool } = JSON.parse(await exported('one.json')) as {
      coverage: { complete: boolean };
      summary: { overview: { start: number; end: number; text: string }[] };
      passages: { query: string }[];
      pool: { start: number; end: number }[];
    };
    expect(coverage.complete).toBe(true);
    expect(passages.map(({ query }) => query)).toContain('the warden');
    expect(pool.length).toBeGreaterThan(50);
    const [first] = summary.overview;
    expect(first && one.slice(first.start, first.end)).toBe(first?.text);
  });
});

describe('kept analyses', () => {
  it('are there after a reload, without the engine', async () => {
    await wb.closeAllTabs();
    const { links } = await summarize(wb, 'one.md', MINUTE);
    expect(links.length).toBeGreaterThan(2);
    await wb.reload();
    await wb.closeAllTabs();
    const again = await summarize(wb, 'one.md', MINUTE);
    expect(again.links).toEqual(links);
    expect(await wb.engineTab().count()).toBe(0);
  });

  it('take no more room than the setting gives them: the one used longest ago goes', async () => {
    const old = path.join(leg.kept, 'used-long-ago.json');
    await writeFile(old, Buffer.alloc(CACHE_MB * 1e6 - 1_000, ' '));
    await utimes(old, new Date(2020, 0), new Date(2020, 0));
    const newer = (await readdir(leg.kept)).filter((name) => name !== path.basename(old));
    expect(newer.length).toBeGreaterThan(0);
    await summarize(wb, 'three.md', 2 * MINUTE);
    await until('the old one gone', async () => !(await readdir(leg.kept)).includes(path.basename(old)));
    expect(await readdir(leg.kept)).toEqual(expect.arrayContaining(newer));
  });

  it('are deleted on request', async () => {
    await wb.command('MemMamba: Clear Kept Analyses');
    await wb.notifications.shown(/has deleted [1-9]\d* kB/);
    expect(await readdir(leg.kept)).toEqual([]);
  });
});
