import { append } from './lists.js';

/**
 * Templates of log lines, by dividing them again and again at the place where they differ least (the idea of IPLoM:
 * Makanju et al., “Clustering Event Logs Using Iterative Partitioning”, KDD 2009; the rules are ours).
 *
 * Lines of a template have the same number of words. While one of their places holds few different words, they are
 * divided by it: it holds what happened. A place that holds many holds what it happened to.
 */

/** Words that tell something; those without a letter are numbers and marks, those with a number names of things. */
const TELLING = /^[^#]*\p{L}[^#]*$/u;
/** Fewer lines that differ in a word are not of one template, but say different things. */
const ALIKE = 5;

/**
 * The template of each line, by the number of its first line.
 *
 * @param lines (N), words with one space between them, what is a number already replaced by `#`
 * @returns (N)
 */
export function templatesOf(lines: readonly string[]): Int32Array {
  const words = lines.map((line) => line.split(' '));
  const templates = new Int32Array(lines.length);
  const found = (group: readonly number[]) => {
    for (const line of group) templates[line] = group[0]!;
  };
  const open = dividedBy(
    lines.map((_, line) => line),
    (line) => words[line]!.length,
  );
  for (let group = open.pop(); group; group = open.pop()) {
    const places = words[group[0]!]!.map((_, place) => {
      const held = new Set(group.map((line) => words[line]![place]!));
      return { place, size: held.size, isTelling: [...held].some((word) => TELLING.test(word)) };
    });
    const varied = places.filter(({ size }) => size > 1).sort((a, b) => a.size - b.size || a.place - b.place);
    const isTemplate = hasTemplate(places, group.length);
    const most = isTemplate ? mostKinds(group.length) : group.length / 2;
    const next = varied.find(({ size }) => size <= most);
    if (next)
      append(
        open,
        dividedBy(group, (line) => words[line]![next.place]!),
      );
    else if (isTemplate) found(group);
    // Lines that have no more in common than their length are no template.
    else for (const same of dividedBy(group, (line) => lines[line]!)) found(same);
  }
  return templates;
}

/** Different words up to which a place tells what happened, in so many lines that have a template as they are. */
function mostKinds(lines: number): number {
  return Math.min(lines / 2, 3 * Math.log2(lines));
}

/** Words of a line, words in common and a share of all lines from which templates make a log. */
const LOG = { words: 3, common: 2, share: 0.6 };
/** Fewer lines say nothing. */
const FEWEST = 40;

/** Whether most lines say over and over what few templates say: a log, whether its lines have stamps or not. */
export function areRepetitive(lines: readonly string[]): boolean {
  if (lines.length < FEWEST) return false;
  const templates = templatesOf(lines);
  const groups = dividedBy(
    lines.map((_, line) => line),
    (line) => templates[line],
  );
  let repetitive = 0;
  for (const group of groups) {
    const words = group.map((line) => lines[line]!.split(' '));
    const common = words[0]!.filter(
      (word, place) => /\p{L}/u.test(word) && words.every((others) => others[place] === word),
    );
    if (words[0]!.length >= LOG.words && group.length >= ALIKE && common.length >= LOG.common)
      repetitive += group.length;
  }
  return repetitive >= LOG.share * lines.length;
}

/** Whether so many lines have a template: they differ in one place that tells something, or in a third of them. */
function hasTemplate(
  places: readonly { readonly size: number; readonly isTelling: boolean }[],
  lines: number,
): boolean {
  const telling = places.filter(({ isTelling }) => isTelling);
  const varied = telling.filter(({ size }) => size > 1).length;
  return (
    varied === 0 || (lines >= ALIKE && varied < telling.length && varied <= Math.max(1, telling.length / 3))
  );
}

/** Groups of equal key, each in order. */
function dividedBy(group: readonly number[], keyOf: (line: number) => unknown): number[][] {
  const parts = new Map<unknown, number[]>();
  for (const line of group) {
    const key = keyOf(line);
    const part = parts.get(key);
    if (part) part.push(line);
    else parts.set(key, [line]);
  }
  return [...parts.values()];
}
