import type { Frame } from 'playwright-core';
import { Failure, plain, until } from '../../scripts/workbench/until.js';
import type { Workbench } from '../../scripts/workbench/workbench.js';

/** What a reader sees of a finished summary. */
export interface ShownSummary {
  readonly frame: Frame;
  /** The line that says how much was read, by what, and how fast. */
  readonly about: string;
  readonly headings: readonly string[];
  /** Texts of the links, which are sentences of the document. */
  readonly links: readonly string[];
}

/** Runs “Summarize with MemMamba” on an open file and waits for the whole summary. */
export async function summarize(wb: Workbench, file: string, timeoutMs: number): Promise<ShownSummary> {
  await wb.openFile(file);
  await wb.command('MemMamba: Summarize with MemMamba');
  return shownSummary(wb, file, timeoutMs);
}

/** Waits for the summary of `file` that is being made. */
export async function shownSummary(wb: Workbench, file: string, timeoutMs: number): Promise<ShownSummary> {
  return until(
    `the summary of ${file}`,
    async () => {
      const frame = await wb.webview('#summary h1', 1_000);
      // All at once: the page is drawn anew while the document is read.
      const shown = await frame.locator('#summary').evaluate((summary) => {
        const texts = (selector: string) =>
          [...summary.querySelectorAll<HTMLElement>(selector)].map((element) => element.innerText);
        return {
          title: texts('h1').join(),
          about: texts('blockquote').join('\n').trim(),
          headings: texts('h2, h3'),
          links: texts('li a'),
        };
      });
      if (!plain(shown.title).includes(file)) return undefined;
      const about = plain(shown.about);
      if (shown.headings.length === 0) {
        // Still loading or reading, or a message instead of a summary.
        if (/^(Loading|Reading)/.test(about) || about === '') return undefined;
        throw new Failure(about);
      }
      return { frame, about, headings: shown.headings, links: shown.links };
    },
    timeoutMs,
  );
}

/** One line, as the summary shows text that has line breaks in the document. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * Contrast of an element's text against what is behind it, from 1 to 21 (WCAG 2, relative luminance);
 * 4.5 is the least for body text.
 */
export async function contrast(frame: Frame, selector: string): Promise<number> {
  return frame
    .locator(selector)
    .first()
    .evaluate((element) => {
      const rgba = (css: string): number[] =>
        (/[\d.]+(?:, ?[\d.]+)*/.exec(css)?.[0] ?? '').split(',').map(Number);
      const luminance = (css: string): number => {
        const [r = 0, g = 0, b = 0] = rgba(css).map((value) => {
          const c = value / 255;
          return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const isOpaque = (css: string) => (rgba(css)[3] ?? 1) > 0.99;
      let behind: Element | null = element;
      while (behind && !isOpaque(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
      // A webview's own background is see-through: the editor's colour is behind it.
      const probe = document.createElement('div');
      probe.style.backgroundColor = 'var(--vscode-editor-background)';
      document.body.append(probe);
      const background = getComputedStyle(behind ?? probe).backgroundColor;
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(background)].sort(
        (x, y) => y - x,
      );
      probe.remove();
      return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
    });
}
