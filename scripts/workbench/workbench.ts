import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { repository } from '../hosts/repository.js';
import { Notifications } from './notifications.js';
import { QuickInput } from './quick-input.js';
import { TextEditor } from './text-editor.js';
import { plain, until } from './until.js';

const output = path.join(repository, 'test/e2e/output');

/**
 * A workbench in a page, used as a reader would: by keyboard and mouse. Palette, hovers and notifications
 * come and go with the load of the machine, so every step here is repeated until it has shown its effect.
 */
export class Workbench {
  readonly quickInput: QuickInput;
  readonly notifications: Notifications;
  readonly editor: TextEditor;

  private constructor(readonly page: Page) {
    this.quickInput = new QuickInput(page);
    this.notifications = new Notifications(page, this.quickInput);
    this.editor = new TextEditor(page);
  }

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

  /** The same as VS Code does it, which keeps first which tabs are open. */
  async reloadWindow(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** Runs a command by its title in the palette, category included. */
  async command(title: string): Promise<void> {
    await this.quickInput.run(title);
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
      await this.quickInput.fill(name);
      await this.page.waitForTimeout(700);
      await this.page.keyboard.press('Enter');
      await this.page.waitForTimeout(500);
      return (await this.tab(name).count()) > 0;
    });
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
    await until('nothing going on', async () => (await this.#busy.count()) === 0, 60_000);
    await until('no notice of work', async () => (await this.notifications.ofWork()) === 0, 5_000);
  }

  get #busy(): Locator {
    return this.page.locator('.statusbar-item', { hasText: /MemMamba( \d+ %)?$/ });
  }

  /** Ends what a test before may have left: a reading, menus, notifications. */
  async tidy(): Promise<void> {
    if (await this.#busy.count()) await this.#busy.first().click();
    await this.notifications.clear();
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

  /** Saves what is on the screen under `test/e2e/output`. */
  async screenshot(name: string): Promise<void> {
    await mkdir(output, { recursive: true });
    await this.page.screenshot({ path: path.join(output, `${name}.png`) });
  }
}
