import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { repository } from '../hosts/repository.js';

const output = path.join(repository, 'test/e2e/output');

/** What was waited for can not come any more. */
export class Failure extends Error {}

/**
 * Asks again and again until the answer is one, and returns it.
 *
 * @throws after `timeoutMs`, saying what was waited for and, where `probe` threw, the last reason; at once where
 *   `probe` throws a `Failure`.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let reason: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Failure) throw error;
      reason = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs / 1000} s in vain: ${what}`, { cause: reason });
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Text as a reader sees it: the editor shows every space as a no-break one, or as a middle dot. */
export function plain(text: string): string {
  return text.replace(/[\u00a0\u00b7]/g, ' ');
}

/**
 * A workbench in a page, used as a reader would: by keyboard and mouse. Palette, hovers and notifications
 * come and go with the load of the machine, so every step here is repeated until it has shown its effect.
 */
export class Workbench {
  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, address: string): Promise<Workbench> {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(address);
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  /** Waits until the workbench is drawn and its explorer lists files. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 90_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
  }

  /** Loads the window anew: the extension host, and every extension in it, starts again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Commands that the palette offers for what is typed, once there are `least` that begin with it. */
  async palette(typed: string, least: number): Promise<string[]> {
    const labels = await until(`${least} palette entries for "${typed}"`, async () => {
      await this.openPalette(`>${typed}`);
      const rows = this.quickInput.locator('.monaco-list-row .label-name');
      const names = (await rows.allInnerTexts()).map(plain).filter((name) => name.startsWith(typed));
      return names.length >= least && names;
    });
    await this.page.keyboard.press('Escape');
    return labels;
  }

  private async openPalette(text: string): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('F1');
    await this.quickInput.locator('input').first().fill(text, { timeout: 5_000 });
    await this.page.waitForTimeout(300);
  }

  /** Runs a command by its title in the palette, category included. */
  async command(title: string): Promise<void> {
    await until(
      `command "${title}"`,
      async () => {
        await this.openPalette(`>${title}`);
        const row = this.quickInput.locator('.monaco-list-row').filter({ hasText: title }).first();
        await row.waitFor({ timeout: 3_000 });
        await row.click({ timeout: 3_000 });
        // The list may be drawn anew under the pointer; what was chosen takes it away, or asks for something.
        await until('the palette gone', async () => !(await this.isPalette()), 5_000);
        return true;
      },
      60_000,
    );
  }

  private async isPalette(): Promise<boolean> {
    if ((await this.quickInput.count()) === 0) return false;
    const input = this.quickInput.locator('input').first();
    return (await input.inputValue({ timeout: 1_000 })).startsWith('>');
  }

  /** Answers an input box, once it asks for something that matches `prompt`. */
  async answer(prompt: RegExp, text: string): Promise<void> {
    const box = this.quickInput.filter({ hasText: prompt });
    const placeholder = this.quickInput.locator('input');
    await until(`input box ${String(prompt)}`, async () => {
      if (await box.count()) return true;
      return prompt.test((await placeholder.first().getAttribute('placeholder', { timeout: 1_000 })) ?? '');
    });
    await placeholder.first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Picks an entry of the context menu of a file in the explorer. */
  async explorerMenu(name: string, entry: string): Promise<void> {
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    await until(
      `"${entry}" in the menu of ${name}`,
      async () => {
        await this.page.keyboard.press('Escape');
        await row.first().click({ button: 'right', timeout: 5_000 });
        const item = this.page.getByRole('menuitem', { name: entry }).first();
        await item.waitFor({ timeout: 3_000 });
        // For a tenth of a second a menu that has just opened takes no click, longer where the page is busy; so the
        // same menu is clicked again, since another one would be as new. It closes when it has taken one.
        await until(
          'the menu gone',
          async () => {
            if (!(await item.isVisible())) return true;
            await this.page.waitForTimeout(200);
            await item.click({ timeout: 2_000 });
            return item.waitFor({ state: 'hidden', timeout: 500 }).then(() => true);
          },
          10_000,
        );
        return true;
      },
      60_000,
    );
  }

  /** Chooses an entry of the quick pick that is shown. */
  async choose(label: string): Promise<void> {
    const row = this.quickPickRows().filter({ hasText: label }).first();
    await row.click({ timeout: 30_000 });
  }

  /** Rows of the quick pick that is shown, top first. */
  quickPickRows(): Locator {
    return this.quickInput.locator('.monaco-list-row');
  }

  /** Types into the focused editor at its beginning. */
  async typeAtStart(text: string): Promise<void> {
    await this.page.keyboard.press('Control+Home');
    await this.page.keyboard.type(text);
  }

  /** Gives the path in the dialog for a file to write (the workbench's own, `files.simpleDialog.enable`). */
  async saveAs(file: string): Promise<void> {
    const input = this.quickInput.locator('input').first();
    await until('the dialog filled in', async () => {
      await input.fill(file, { timeout: 2_000 });
      await this.page.waitForTimeout(500);
      return (await input.inputValue({ timeout: 1_000 })) === file;
    });
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace's root from the explorer, to stay. */
  async openFile(name: string): Promise<void> {
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    await until(`"${name}" in a tab`, async () => {
      await row.first().dblclick({ timeout: 5_000 });
      return (await this.tab(name).count()) > 0;
    });
  }

  /** Opens a file of the workspace by its name, whether the explorer is shown or not. */
  async openQuickly(name: string): Promise<void> {
    await until(`"${name}" in a tab`, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Control+p');
      await this.quickInput.locator('input').first().fill(name, { timeout: 2_000 });
      await this.page.waitForTimeout(700);
      await this.page.keyboard.press('Enter');
      await this.page.waitForTimeout(500);
      return (await this.tab(name).count()) > 0;
    });
  }

  /** Title of the quick pick that is shown. */
  async quickPickTitle(): Promise<string> {
    return plain(await this.quickInput.locator('.quick-input-title').innerText());
  }

  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name });
  }

  /** The tab of the engine's page, if there is one. */
  engineTab(): Locator {
    return this.page.locator('.tabs-container .tab', {
      has: this.page.locator('.label-name', { hasText: /^MemMamba$/ }),
    });
  }

  async closeTab(name: string): Promise<void> {
    const label = this.page.locator('.label-name', { hasText: new RegExp(`^${name}$`) });
    const tab = this.page.locator('.tabs-container .tab').filter({ has: label }).first();
    await until(`"${name}" closed`, async () => {
      if ((await tab.count()) === 0) return true;
      await tab.hover({ timeout: 2_000 });
      await tab.locator('.tab-actions .action-label').click({ timeout: 2_000 });
      return false;
    });
  }

  /** Closes every tab, saving nothing; the engine's page is one of them. */
  async closeAllTabs(): Promise<void> {
    await this.command('View: Close All Editors');
    const discard = this.page.locator('.monaco-dialog-box').getByRole('button', { name: "Don't Save" });
    await until('no tab', async () => {
      if (await discard.count()) await discard.first().click({ timeout: 2_000 });
      return (await this.page.locator('.tabs-container .tab').count()) === 0;
    });
  }

  /** Waits until the extension has nothing more to do, and its notice of that is gone. */
  async idle(): Promise<void> {
    await until('nothing going on', async () => (await this.busy.count()) === 0, 60_000);
    await until('no notice of work', async () => (await this.noticesOfWork()) === 0, 5_000);
  }

  /** How many notices with a progress bar are up. */
  noticesOfWork(): Promise<number> {
    return this.page.locator('.notifications-toasts .monaco-progress-container.active').count();
  }

  private get busy(): Locator {
    return this.page.locator('.statusbar-item', { hasText: /MemMamba( \d+ %)?$/ });
  }

  /** Ends what a test before may have left: a reading, menus, notifications. */
  async tidy(): Promise<void> {
    if (await this.busy.count()) await this.busy.first().click();
    await this.command('Notifications: Clear All Notifications');
  }

  /** The whole text of the focused editor. */
  async editorText(): Promise<string> {
    await this.page.keyboard.press('Control+A');
    return this.selectedText();
  }

  /** Text of the notifications on the screen. */
  async notifications(): Promise<string[]> {
    const items = this.page.locator('.notifications-toasts .notification-list-item');
    return (await items.allInnerTexts()).map(plain);
  }

  /** The first notification that matches, once there is one. */
  async notification(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    return until(
      `notification ${String(pattern)}`,
      async () => (await this.notifications()).find((text) => pattern.test(text)),
      timeoutMs,
    );
  }

  /** A notification that matches among all that have not been cleared; toasts go by themselves. */
  async pastNotification(pattern: RegExp): Promise<string> {
    await this.command('Notifications: Show Notifications');
    const items = this.page.locator('.notifications-center .notification-list-item');
    const text = await until(`past notification ${String(pattern)}`, async () =>
      (await items.allInnerTexts()).map(plain).find((item) => pattern.test(item)),
    );
    await this.page.keyboard.press('Escape');
    return text;
  }

  /** Presses a button of the notification that matches. */
  async pressInNotification(pattern: RegExp, button: string): Promise<void> {
    await until(`button "${button}" in ${String(pattern)}`, async () => {
      const item = this.page
        .locator('.notifications-toasts .notification-list-item')
        .filter({ hasText: pattern });
      await item.first().hover({ timeout: 2_000 });
      await item.first().locator(`[role="button"]:has-text("${button}")`).first().click({ timeout: 2_000 });
      return true;
    });
  }

  /** Text of the status bar item that matches, once there is one. */
  async statusBar(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const items = this.page.locator('.statusbar-item');
    return until(
      `status bar item ${String(pattern)}`,
      async () => (await items.allInnerTexts()).map(plain).find((text) => pattern.test(text)),
      timeoutMs,
    );
  }

  /** The document of the webview in which `selector` is visible, once there is one. */
  async webview(selector: string, timeoutMs = 30_000): Promise<Frame> {
    return until(
      `webview with ${selector}`,
      async () => {
        for (const frame of this.page.frames()) {
          if (frame === this.page.mainFrame()) continue;
          const isThere = await frame
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false);
          if (isThere) return frame;
        }
        return undefined;
      },
      timeoutMs,
    );
  }

  /** The text that the focused editor has selected. */
  async selectedText(): Promise<string> {
    await this.page.evaluate(() => navigator.clipboard.writeText('')).catch(() => undefined);
    await this.page.keyboard.press('Control+C');
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** How many pieces of the visible text are decorated; the heat is, and little else. */
  tinted(): Promise<number> {
    return this.page.locator('.view-overlays .cdr[class*="ced-"]').count();
  }

  /** Rests the pointer on a word of the visible text until a hover that matches appears; returns its text. */
  async hover(word: string, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    return until(
      `hover ${String(pattern)} on "${word}"`,
      async () => {
        await this.page.mouse.move(5, 5);
        await this.page.waitForTimeout(300);
        const box = await this.wordBox(word);
        if (!box) throw new Error(`"${word}" is not in the visible text.`);
        await this.page.mouse.move(box.x - 3, box.y + 1);
        await this.page.mouse.move(box.x, box.y, { steps: 4 });
        await this.page.waitForTimeout(1_500);
        const texts = await this.page.locator('.monaco-hover:visible').allInnerTexts();
        return texts.map(plain).find((text) => pattern.test(text));
      },
      timeoutMs,
    );
  }

  /** The middle of the first visible occurrence of `word` in an editor, in page coordinates. */
  private async wordBox(word: string): Promise<{ x: number; y: number } | null> {
    return this.page.evaluate((wanted) => {
      for (const line of document.querySelectorAll('.view-lines .view-line')) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = (node.textContent ?? '').replace(/\u00a0/g, ' ').indexOf(wanted);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + wanted.length);
          const { left, top, width, height } = range.getBoundingClientRect();
          if (width > 0) return { x: left + width / 2, y: top + height / 2 };
        }
      }
      return null;
    }, word);
  }

  /** Saves what is on the screen under `test/e2e/output`. */
  async screenshot(name: string): Promise<void> {
    await mkdir(output, { recursive: true });
    await this.page.screenshot({ path: path.join(output, `${name}.png`) });
  }
}
