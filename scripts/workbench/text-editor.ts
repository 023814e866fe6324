import type { Page } from 'playwright-core';
import { plain, until } from './until.js';

/** The text editor of a workbench that has the focus, or is in sight. */
export class TextEditor {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Types into the focused editor at its beginning. */
  async typeAtStart(text: string): Promise<void> {
    await this.#page.keyboard.press('Control+Home');
    await this.#page.keyboard.type(text);
  }

  /** The whole text of the focused editor. */
  async text(): Promise<string> {
    await this.#page.keyboard.press('Control+A');
    return this.selectedText();
  }

  /** The text that the focused editor has selected. */
  async selectedText(): Promise<string> {
    await this.#page.evaluate(() => navigator.clipboard.writeText('')).catch(() => undefined);
    await this.#page.keyboard.press('Control+C');
    return this.#page.evaluate(() => navigator.clipboard.readText());
  }

  /** How many pieces of the visible text are decorated; the heat is, and little else. */
  tinted(): Promise<number> {
    return this.#page.locator('.view-overlays .cdr[class*="ced-"]').count();
  }

  /** Rests the pointer on a word of the visible text until a hover that matches appears; returns its text. */
  async hover(word: string, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    return until(
      `hover ${String(pattern)} on "${word}"`,
      async () => {
        await this.#page.mouse.move(5, 5);
        await this.#page.waitForTimeout(300);
        const box = await this.#wordBox(word);
        if (!box) throw new Error(`"${word}" is not in the visible text.`);
        await this.#page.mouse.move(box.x - 3, box.y + 1);
        await this.#page.mouse.move(box.x, box.y, { steps: 4 });
        await this.#page.waitForTimeout(1_500);
        const texts = await this.#page.locator('.monaco-hover:visible').allInnerTexts();
        return texts.map(plain).find((text) => pattern.test(text));
      },
      timeoutMs,
    );
  }

  /** The middle of the first visible occurrence of `word` in an editor, in page coordinates. */
  async #wordBox(word: string): Promise<{ x: number; y: number } | null> {
    return this.#page.evaluate((wanted) => {
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
}
