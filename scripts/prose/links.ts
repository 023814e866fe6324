import { existsSync } from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';

/** A place that a page leads to, where there is nothing. */
export interface DeadLink {
  readonly file: string;
  readonly line: number;
  readonly to: string;
}

const markdown = new MarkdownIt();
const EXTERNAL = /^[a-z]+:/u;
/** Code that names a file or a folder of this project; capitals stand for what the reader puts in. */
const NAMED = /^(?:docs|extension|kernels|media|models|scripts|test|webview)(?:\/[a-z0-9_.-]+)+\/?$/u;
/** What is made by a command. */
const MADE = /^test\/(?:\.cache|e2e\/output)(?:\/|$)/u;

/**
 * Links of a Markdown page to files or headings that are not there, and files that it names and that are not there.
 *
 * @param file of the page, from `root`
 */
export function deadLinks(
  root: string,
  file: string,
  text: string,
  headingsOf: (file: string) => Set<string>,
): DeadLink[] {
  const dead: DeadLink[] = [];
  for (const { type, map, children } of markdown.parse(text, {})) {
    if (type !== 'inline') continue;
    const line = (map?.[0] ?? 0) + 1;
    for (const child of children ?? []) {
      const href =
        child.type === 'link_open'
          ? child.attrGet('href')
          : child.type === 'image'
            ? child.attrGet('src')
            : null;
      if (href !== null && !EXTERNAL.test(href)) {
        const [target = '', anchor] = decodeURI(href).split('#');
        const to = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
        const isThere = existsSync(path.join(root, to));
        if (!isThere || (anchor !== undefined && to.endsWith('.md') && !headingsOf(to).has(anchor)))
          dead.push({ file, line, to: href });
      } else if (child.type === 'code_inline' && NAMED.test(child.content) && !MADE.test(child.content)) {
        if (!existsSync(path.join(root, child.content))) dead.push({ file, line, to: child.content });
      }
    }
  }
  return dead;
}

/** What links to the headings of a Markdown page end with, as GitHub and VS Code make it. */
export function headingAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  const tokens = markdown.parse(text, {});
  for (const [i, { type }] of tokens.entries()) {
    if (type !== 'heading_open') continue;
    const title = (tokens[i + 1]?.children ?? []).map(({ content }) => content).join('');
    anchors.add(
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    );
  }
  return anchors;
}
