import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PanelName, VisibleText } from '../../extension/protocol.js';
import { haystack } from '../e2e/texts.js';
import { PanelPage, THEMES } from './panelPage.js';

const DOCUMENT = 'file:///chapters.md';
const KEY = '48213';
const PANELS: readonly PanelName[] = ['overview', 'fidelity', 'pool', 'compare'];
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

/** What axe finds wrong with the page as it is, in one line each; all its rules, or these. */
async function faults(...rules: string[]): Promise<string[]> {
  await panels.page.evaluate(axe.source);
  const { violations } = await panels.page.evaluate((only) => {
    const { run } = Reflect.get(window, 'axe') as typeof axe;
    return run(document, { resultTypes: ['violations'], ...(only.length > 0 && { runOnly: only }) });
  }, rules);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`),
  );
}

describe.each(PANELS)('%s', (panel) => {
  beforeAll(() => show(panel));
  afterAll(() => panels.theme('light'));

  it('has no fault that axe finds, its tables open', async () => {
    await panels.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    expect(await faults()).toEqual([]);
  });

  it.each(THEMES)('is legible in the theme %s', async (theme) => {
    await panels.theme(theme);
    expect(await faults('color-contrast')).toEqual([]);
  });
});

describe.each(PANELS)('%s in a narrow tab', (panel) => {
  beforeAll(() => panels.page.setViewportSize(NARROW));
  afterAll(() => panels.page.setViewportSize(WIDE));

  it('has no fault that axe finds, and does not scroll sideways', async () => {
    await show(panel);
    expect(await faults()).toEqual([]);
    const [scroll, client] = await panels.page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(scroll).toBeLessThanOrEqual(client);
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

describe('state pool', () => {
  beforeAll(() => show('pool'));

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
