import type { Locator, Page } from 'playwright-core';
import { plain, until } from './until.js';

/** The box at the top of a workbench: command palette, quick picks, input boxes and the dialog for files. */
export class QuickInput {
  readonly #page: Page;
  readonly #widget: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator('.quick-input-widget:visible');
  }

  /** Commands that the palette offers for what is typed, once there are `least` that begin with it. */
  async commands(typed: string, least: number): Promise<string[]> {
    const labels = await until(`${least} palette entries for "${typed}"`, async () => {
      await this.#openPalette(`>${typed}`);
      const rows = this.#widget.locator('.monaco-list-row .label-name');
      const names = (await rows.allInnerTexts()).map(plain).filter((name) => name.startsWith(typed));
      return names.length >= least && names;
    });
    await this.#page.keyboard.press('Escape');
    return labels;
  }

  async #openPalette(text: string): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.#page.keyboard.press('F1');
    await this.fill(text);
    await this.#page.waitForTimeout(300);
  }

  /** Runs a command by its title in the palette, category included. */
  async run(title: string): Promise<void> {
    await until(
      `command "${title}"`,
      async () => {
        await this.#openPalette(`>${title}`);
        const row = this.#widget.locator('.monaco-list-row').filter({ hasText: title }).first();
        await row.waitFor({ timeout: 3_000 });
        await row.click({ timeout: 3_000 });
        // The list may be drawn anew under the pointer; what was chosen takes it away, or asks for something.
        await until('the palette gone', async () => !(await this.#isPalette()), 5_000);
        return true;
      },
      60_000,
    );
  }

  async #isPalette(): Promise<boolean> {
    if ((await this.#widget.count()) === 0) return false;
    const input = this.#widget.locator('input').first();
    return (await input.inputValue({ timeout: 1_000 })).startsWith('>');
  }

  /** Answers an input box, once it asks for something that matches `prompt`. */
  async answer(prompt: RegExp, text: string): Promise<void> {
    const box = this.#widget.filter({ hasText: prompt });
    const placeholder = this.#widget.locator('input');
    await until(`input box ${String(prompt)}`, async () => {
      if (await box.count()) return true;
      return prompt.test((await placeholder.first().getAttribute('placeholder', { timeout: 1_000 })) ?? '');
    });
    await placeholder.first().fill(text);
    await this.#page.keyboard.press('Enter');
  }

  /** Chooses an entry of the quick pick that is shown. */
  async choose(label: string): Promise<void> {
    const row = this.rows().filter({ hasText: label }).first();
    await row.click({ timeout: 30_000 });
  }

  /** Rows of the quick pick that is shown, top first. */
  rows(): Locator {
    return this.#widget.locator('.monaco-list-row');
  }

  /** Gives the path in the dialog for a file to write (the workbench's own, `files.simpleDialog.enable`). */
  async saveAs(file: string): Promise<void> {
    const input = this.#widget.locator('input').first();
    await until('the dialog filled in', async () => {
      await input.fill(file, { timeout: 2_000 });
      await this.#page.waitForTimeout(500);
      return (await input.inputValue({ timeout: 1_000 })) === file;
    });
    await this.#page.keyboard.press('Enter');
  }

  /** Title of the quick pick that is shown. */
  async title(): Promise<string> {
    return plain(await this.#widget.locator('.quick-input-title').innerText());
  }

  /** Types into its box. */
  async fill(text: string): Promise<void> {
    await this.#widget.locator('input').first().fill(text, { timeout: 5_000 });
  }
}
