import type { Page } from 'playwright-core';
import type { QuickInput } from './quick-input.js';
import { plain, until } from './until.js';

/** The notifications of a workbench. */
export class Notifications {
  readonly #page: Page;
  readonly #quickInput: QuickInput;

  constructor(page: Page, quickInput: QuickInput) {
    this.#page = page;
    this.#quickInput = quickInput;
  }

  /** How many notices with a progress bar are up. */
  ofWork(): Promise<number> {
    return this.#page.locator('.notifications-toasts .monaco-progress-container.active').count();
  }

  /** Text of the notifications on the screen. */
  async texts(): Promise<string[]> {
    const items = this.#page.locator('.notifications-toasts .notification-list-item');
    return (await items.allInnerTexts()).map(plain);
  }

  /** The first notification that matches, once there is one. */
  async shown(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    return until(
      `notification ${String(pattern)}`,
      async () => (await this.texts()).find((text) => pattern.test(text)),
      timeoutMs,
    );
  }

  /** A notification that matches among all that have not been cleared; toasts go by themselves. */
  async past(pattern: RegExp): Promise<string> {
    await this.#quickInput.run('Notifications: Show Notifications');
    const items = this.#page.locator('.notifications-center .notification-list-item');
    const text = await until(`past notification ${String(pattern)}`, async () =>
      (await items.allInnerTexts()).map(plain).find((item) => pattern.test(item)),
    );
    await this.#page.keyboard.press('Escape');
    return text;
  }

  /** Presses a button of the notification that matches. */
  async press(pattern: RegExp, button: string): Promise<void> {
    await until(`button "${button}" in ${String(pattern)}`, async () => {
      const item = this.#page
        .locator('.notifications-toasts .notification-list-item')
        .filter({ hasText: pattern });
      await item.first().hover({ timeout: 2_000 });
      await item.first().locator(`[role="button"]:has-text("${button}")`).first().click({ timeout: 2_000 });
      return true;
    });
  }

  /** Clears them all. */
  async clear(): Promise<void> {
    await this.#quickInput.run('Notifications: Clear All Notifications');
  }
}
