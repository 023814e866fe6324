import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PanelName, VisibleText } from '../../extension/protocol/page.js';
import { haystack } from '../../scripts/workbench/texts.js';
import { THEMES } from './browser-page.js';
import { contrast } from './contrast.js';
import { PanelPage } from './panel-page.js';

const DOCUMENT = 'file:///chapters.md';
const KEY = '48213';
const PANELS: readonly PanelName[] = ['overview', 'fidelity', 'pool', 'compare'];
/** Width of the names of the lanes. */
const LABELS = 62;
const WIDE = { width: 1000, height: 900 };
const NARROW = { width: 340, height: 900 };

let panels: PanelPage;
let text: string;
let visible: VisibleText;

beforeAll(async () => {
  text = await haystack(4_000, 0.5, KEY);
  const at = text.indexOf(KEY);
  visible = { start: at - 300, end: at + 300, selection: { start: at, end: at + KEY.length } };
  panels = await PanelPage.open();
  await panels.page.setViewportSize(WIDE);
  await panels.read(DOCUMENT, 'chapters.md', text);
  await panels.peer.request('compare', { document: DOCUMENT, question: 'What is the pass key?' });
});
afterAll(() => panels.close());

async function show(panel: PanelName): Promise<void> {
  await panels.peer.request('show', { panel, document: DOCUMENT, visible });
  const ready = {
    overview: '#documents li',
    fidelity: '#eclmf-chart svg',
    pool: '#pool-words li',
    compare: '.side',
  };
  await panels.page.locator(ready[panel]).first().waitFor();
}

describe.each(PANELS)('%s', (panel) => {
  beforeAll(() => show(panel));
  afterAll(() => panels.browser.theme('light'));

  it('has no fault that axe finds, its tables open', async () => {
    await panels.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    expect(await panels.browser.faults()).toEqual([]);
  });

  it.each(THEMES)('is legible in the theme %s', async (theme) => {
    await panels.browser.theme(theme);
    expect(await panels.browser.faults('color-contrast')).toEqual([]);
  });
});

describe.each(PANELS)('%s in a narrow tab', (panel) => {
  beforeAll(() => panels.page.setViewportSize(NARROW));
  afterAll(() => panels.page.setViewportSize(WIDE));

  it('has no fault that axe finds, and does not scroll sideways', async () => {
    await show(panel);
    expect(await panels.browser.faults()).toEqual([]);
    expect(await panels.browser.overflow()).toBeLessThanOrEqual(0);
    const tab = await panels.page.locator(`#tab-${panel}`).boundingBox();
    expect(tab?.x).toBeGreaterThanOrEqual(0);
    expect((tab?.x ?? 0) + (tab?.width ?? 0)).toBeLessThanOrEqual(NARROW.width);
  });
});

describe('what is said to screen readers', () => {
  const said = () => panels.page.locator('#announcement').innerText();

  it('is that a text has been read, and how far a reading is, whichever panel is in front', async () => {
    await show('pool');
    // Longer than a segment: its progress is told on the way.
    const reading = panels.read('file:///said.md', 'said.md', await haystack(30_000, 0.5, KEY));
    await expect.poll(said).toMatch(/^Reading said\.md: \d*0 %$/);
    await reading;
    expect(await said()).toBe('said.md has been read.');
  });

  it('is what a comparison shows, when it is there', async () => {
    await panels.peer.request('compare', { document: DOCUMENT, question: 'What is the pass key?' });
    await show('compare');
    expect(await said()).toBe(await panels.page.locator('#compare-verdict').innerText());
  });

  it('names live regions that stay in the page, whose words alone change', async () => {
    await show('pool');
    const count = await panels.page.locator('#pool-count').elementHandle();
    const before = await count.innerText();
    await panels.page.locator('#pool-here').click();
    await expect.poll(() => count.innerText()).not.toBe(before);
    expect(await count.evaluate((element) => element.isConnected)).toBe(true);
    await panels.page.locator('#pool-here').click();
  });
});

describe('the overview', () => {
  it('leads to the panels about each document, by keyboard', async () => {
    await show('overview');
    const row = panels.page.locator('#documents li', { hasText: 'chapters.md' });
    await row.getByText('State Pool').focus();
    await panels.page.keyboard.press('Enter');
    await panels.page.getByRole('heading', { name: 'State pool of chapters.md' }).waitFor();
    expect(await panels.page.locator('#tab-pool').getAttribute('aria-selected')).toBe('true');
  });
});

describe('the Tab key', () => {
  /** Ids of what has the keyboard one after the other, or classes where there is no id. */
  async function stops(): Promise<string[]> {
    await panels.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = false;
    });
    await panels.page.locator('[role=tab][aria-selected=true]').focus();
    const passed: string[] = [];
    for (let i = 0; i < 40; i++) {
      await panels.page.keyboard.press('Tab');
      const at = await panels.page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const { width, height } = element.getBoundingClientRect();
        if (width === 0 || height === 0) return `unseen ${element.outerHTML.slice(0, 80)}`;
        return element.id || element.className || element.localName;
      });
      if (at === undefined || at === 'table' || at.startsWith('tab-')) break;
      passed.push(at);
    }
    return passed;
  }

  it.each([
    ['overview', ['vscode-link', 'vscode-link', 'vscode-link']],
    ['pool', ['pool-layer', 'pool-logarithmic', 'pool-position', 'chip', 'pool-here']],
    [
      'fidelity',
      [
        ...['heat-layer', 'heat-scale', 'heat-counted', 'mini-map', 'heat-map'],
        ...['summary', 'summary', 'etmf-layer', 'etmf-chart', 'summary', 'eclmf-chart', 'summary'],
      ],
    ],
    ['compare', ['compare-question', 'compare-ask', 'vscode-link', 'compare-chart', 'summary']],
  ] as const)('goes through %s in the order in which it is read', async (panel, order) => {
    await show(panel);
    // While the map of retention fills, there is a button more, to pause it.
    await panels.page.locator('#map-pause').waitFor({ state: 'hidden' });
    const passed = await stops();
    expect(passed.slice(0, order.length)).toEqual(order);
  });
});

describe('with reduced motion', () => {
  beforeAll(() => panels.page.emulateMedia({ reducedMotion: 'reduce' }));
  afterAll(() => panels.page.emulateMedia({ reducedMotion: 'no-preference' }));

  it('says in words that something is computed, and nothing turns', async () => {
    await panels.read('file:///still.md', 'still.md', text);
    // What is shown while the engine still reads another text.
    const busy = panels.read('file:///busy.md', 'busy.md', await haystack(30_000, 0.5, KEY));
    await panels.peer.request('show', { panel: 'fidelity', document: 'file:///still.md', visible });
    await panels.page.getByText('Computing fidelity…').waitFor();
    expect(await panels.page.locator('vscode-progress-ring').count()).toBe(0);
    const durations = await panels.page.evaluate(() =>
      [...document.querySelectorAll('*')].map((element) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element);
        return Math.max(parseFloat(animationDuration), parseFloat(transitionDuration));
      }),
    );
    expect(Math.max(...durations)).toBeLessThan(0.01);
    await busy;
  });
});

describe('memory fidelity', () => {
  beforeAll(() => show('fidelity'));

  it('says what each token retains, to the keyboard too', async () => {
    const map = panels.page.locator('#heat-map');
    await map.focus();
    await panels.page.keyboard.press('Home');
    const first = await map.getAttribute('aria-valuetext');
    expect(first).toMatch(/“.+”: [\d.]+ % retained/);
    await panels.page.keyboard.press('ArrowRight');
    expect(await map.getAttribute('aria-valuetext')).not.toBe(first);
    panels.revealed.length = 0;
    await panels.page.keyboard.press('Enter');
    await expect.poll(() => panels.revealed.length).toBe(1);
    const [place] = panels.revealed;
    expect(place?.preview).toBe(false);
    expect(place?.start).toBeGreaterThanOrEqual(visible.start - 20);
    expect(place?.end).toBeLessThanOrEqual(visible.end);
  });

  it('goes to the place in the text that is clicked in the map, and leaves the keyboard in the page', async () => {
    panels.revealed.length = 0;
    const box = await panels.page.locator('#mini-map').boundingBox();
    await panels.page.mouse.click((box?.x ?? 0) + 40, (box?.y ?? 0) + 0.75 * (box?.height ?? 0));
    await expect.poll(() => panels.revealed.length).toBe(1);
    const [place] = panels.revealed;
    expect(place?.preview).toBe(true);
    expect((place?.start ?? 0) / text.length).toBeGreaterThan(0.7);
    expect((place?.start ?? 0) / text.length).toBeLessThan(0.8);
  });

  it('computes the whole map by itself', async () => {
    await show('fidelity');
    await panels.page.getByText('All rows computed.').waitFor({ timeout: 60_000 });
  });

  it('counts a note in the pool as kept only when asked to', async () => {
    await show('fidelity');
    const table = panels.page.locator('#heat-table');
    if (!(await table.isVisible())) await panels.page.getByText('The tokens in view as a table').click();
    const shares = async () =>
      (await table.locator('tbody td:nth-child(2)').allInnerTexts()).map((share) => Number.parseFloat(share));
    const noted = async () =>
      (await table.locator('tbody td:nth-child(3)').allInnerTexts()).map((s) => s === 'yes');
    const counted = await shares();
    expect(await noted()).toContain(true);
    await panels.page.locator('#heat-counted').click();
    const alone = await shares();
    const isNoted = await noted();
    for (const [i, share] of alone.entries()) {
      if (isNoted[i]) expect(share).toBeLessThan(counted[i]!);
      else expect(share).toBe(counted[i]);
    }
    await panels.page.locator('#heat-counted').click();
  });
});

describe('the map of the document', () => {
  const shown = () => panels.page.locator('#map-status').innerText();
  let length: number;
  beforeAll(async () => {
    // Of a short text the rows are as short as they get.
    const long = await haystack(20_000, 0.5, KEY);
    length = long.length;
    await panels.read('file:///long.md', 'long.md', long);
    await panels.peer.request('show', { panel: 'fidelity', document: 'file:///long.md' });
    await panels.page.getByText('rows computed').waitFor();
  });

  it('zooms about the row under the pointer, by Ctrl and the wheel', async () => {
    const map = panels.page.locator('#mini-map');
    await map.scrollIntoViewIfNeeded();
    const { x, y, height } = (await map.boundingBox())!;
    await panels.page.mouse.move(x + 40, y + 0.9 * height);
    const under = async () =>
      Number(/character ([\d,]+)/.exec((await map.getAttribute('aria-valuetext'))!)![1]!.replace(/,/g, ''));
    const before = await under();
    expect(await shown()).toContain('the whole text');
    await panels.page.keyboard.down('Control');
    await panels.page.mouse.wheel(0, -100);
    await expect.poll(shown).toContain('50 % of the text');
    await panels.page.keyboard.up('Control');
    expect(Math.abs((await under()) - before)).toBeLessThan(0.02 * length);
  });

  it('zooms and goes on by keyboard', async () => {
    await panels.page.locator('#mini-map').focus();
    await panels.page.keyboard.press('0');
    await expect.poll(shown).toContain('the whole text');
    await panels.page.keyboard.press('Home');
    await panels.page.keyboard.press('+');
    await expect.poll(shown).toContain('50 % of the text');
    const said = async () => {
      const words = await panels.page.locator('#mini-map').getAttribute('aria-valuetext');
      return Number(/character ([\d,]+)/.exec(words ?? '')?.[1]?.replace(/,/g, ''));
    };
    await panels.page.keyboard.press('End');
    const last = await said();
    expect(last).toBeLessThan(0.51 * length);
    await panels.page.keyboard.press('ArrowDown');
    await panels.page.keyboard.press('End');
    expect(await said()).toBeGreaterThan(last + 0.2 * length);
    await panels.page.keyboard.press('0');
    await expect.poll(shown).toContain('the whole text');
  });
});

describe('a text that was edited', () => {
  const notice = () => panels.page.locator('#edit-notice');
  beforeAll(async () => {
    await show('fidelity');
    await panels.peer.request('edited', { document: DOCUMENT, edited: true, placesKnown: true });
  });
  afterAll(() => panels.browser.theme('light'));

  it.each(THEMES)('is said to be edited, legibly in the theme %s', async (theme) => {
    await panels.browser.theme(theme);
    expect(await notice().innerText()).toMatch(/edited since it was read/);
    expect(await panels.browser.faults()).toEqual([]);
  });

  it('is read again where the reader wants it, and shows what it was showing', async () => {
    await panels.page.locator('#read-again').click();
    await expect.poll(() => panels.readAgain).toEqual([DOCUMENT]);
    const layer = panels.page.locator('#heat-layer');
    await layer.focus();
    await panels.page.keyboard.press('ArrowDown');
    const chosen = await layer.getAttribute('current-value');
    const edited = `${text.slice(0, 2_000)} The bishop wept. ${text.slice(2_000)}`;
    await panels.read(DOCUMENT, 'chapters.md', edited);
    await expect.poll(() => notice().innerText()).toBe('');
    await expect.poll(() => panels.page.locator('#map-status').innerText()).toMatch(/rows computed/);
    expect(chosen).toBe('0');
    expect(await layer.getAttribute('current-value')).toBe(chosen);
    await panels.read(DOCUMENT, 'chapters.md', text);
  });
});

describe('state pool', () => {
  beforeAll(() => show('pool'));
  afterAll(() => panels.browser.theme('light'));

  it.each(THEMES)('has a slider that is seen in the theme %s', async (theme) => {
    await panels.browser.theme(theme);
    const [track, background] = await panels.page.locator('#pool-position').evaluate((slider) => {
      const { accentColor } = getComputedStyle(slider);
      return [accentColor, getComputedStyle(document.documentElement).backgroundColor];
    });
    expect(contrast(track, background)).toBeGreaterThan(3);
  });

  it('names whole words, and goes to them', async () => {
    const chip = panels.page.locator('#pool-words button', { hasText: KEY }).first();
    panels.revealed.length = 0;
    await chip.click();
    await expect.poll(() => panels.revealed.length).toBe(1);
    const [{ start, end } = { start: 0, end: 0 }] = panels.revealed;
    expect(text.slice(start, end)).toBe(KEY);
  });

  it('shows the pool at any point of the document, moved by the keyboard', async () => {
    const position = panels.page.locator('#pool-position');
    await position.focus();
    await panels.page.keyboard.press('Home');
    const title = panels.page.locator('#pool-words-title');
    await expect.poll(() => title.innerText()).toMatch(/after token 0: 0 notes/);
    await panels.page.keyboard.press('End');
    await expect.poll(() => title.innerText()).toMatch(/now: [1-9]\d* notes/);
  });

  it('shows it where the line of the timeline is dragged to', async () => {
    const timeline = panels.page.locator('#pool-timeline');
    await timeline.scrollIntoViewIfNeeded();
    const { x, y, width } = (await timeline.boundingBox())!;
    // The line is at the end; it has no bars behind it there.
    await panels.page.mouse.move(x + width - 10, y + 40);
    await panels.page.mouse.down();
    await panels.page.mouse.move(x + (LABELS + width) / 2, y + 40, { steps: 4 });
    await panels.page.mouse.up();
    const title = panels.page.locator('#pool-words-title');
    const tokens = async () =>
      Number((/after token ([\d,]+): [1-9]/.exec(await title.innerText())?.[1] ?? '0').replace(/,/g, ''));
    const entries = await panels.peer.request('pool', { document: DOCUMENT });
    const all = Math.max(...entries.map(({ enteredAt }) => enteredAt));
    await expect.poll(async () => Math.abs((await tokens()) / all - 0.5)).toBeLessThan(0.1);
  });

  it('sorts its table by how long notes stayed', async () => {
    const stays = async () =>
      (await panels.page.locator('#pool-table tbody td:nth-child(6)').allInnerTexts()).map((stay) =>
        Number(stay.replace(/\D/g, '')),
      );
    const header = panels.page.locator('#pool-table th', { hasText: 'Stayed' });
    await header.locator('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    const rising = await stays();
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    await header.locator('button').click();
    expect((await stays())[0]).toBeGreaterThanOrEqual(rising.at(-1) ?? Infinity);
  });
});

describe('comparison', () => {
  it('shows both answers, and which of them stands in the text', async () => {
    const comparison = await panels.peer.request('compare', {
      document: DOCUMENT,
      question: 'What is the pass key?',
    });
    await show('compare');
    for (const [id, { answer }] of [
      ['#compare-on', comparison.withPool],
      ['#compare-off', comparison.withoutPool],
    ] as const) {
      const side = await panels.page.locator(id).innerText();
      if (answer.answer !== 'none') expect(side).toContain(answer.answer);
      expect(side.includes('✓')).toBe(answer.verified);
    }
    expect(comparison.withoutPool.kept?.layers ?? []).toEqual([]);
  });

  it('reads the text again with the pool off, with progress, and can be called off', async () => {
    await panels.read('file:///other.md', 'other.md', text);
    await panels.peer.request('show', { panel: 'compare', document: 'file:///other.md' });
    await panels.page.locator('#compare-ask').click();
    await panels.page.locator('#compare-progress').waitFor();
    await panels.page.locator('#compare-cancel').click();
    await panels.page.locator('#compare-progress').waitFor({ state: 'hidden' });
    expect(await panels.page.locator('#compare-result').innerText()).toBe('');
  });
});
