import type { Archive } from '../archive.js';
import { letters, roman } from '../numerals.js';
import { localName } from '../xml.js';

interface Level {
  start: number;
  format: string;
  /** `%1.%2` and the like. */
  text: string;
}

type Levels = Map<number, Level>;

/** The most levels that Word has. */
const DEEPEST = 9;

/** Counts the items of lists and gives each its number as Word prints it. */
export class Numbering {
  readonly #abstract = new Map<string, Levels>();
  /** By the id that paragraphs name: the abstract list, and what this one changes. */
  readonly #lists = new Map<string, { abstract: string; starts: Map<number, number> }>();
  /** By abstract list: the last number of each level. */
  readonly #counts = new Map<string, number[]>();
  readonly #begun = new Set<string>();

  constructor(archive: Archive, part: string) {
    let levels: Levels | undefined;
    let level: Level | undefined;
    let list: { abstract: string; starts: Map<number, number> } | undefined;
    let overridden = 0;
    archive.readAside(part, {
      open: (qualified, attributes) => {
        const value = attributes['w:val'] ?? '';
        switch (localName(qualified)) {
          case 'abstractNum':
            this.#abstract.set(attributes['w:abstractNumId'] ?? '', (levels = new Map<number, Level>()));
            break;
          case 'lvl':
            level = { start: 1, format: 'decimal', text: '' };
            if (!list) levels?.set(Number(attributes['w:ilvl']), level);
            break;
          case 'start':
            if (level) level.start = Number(value);
            break;
          case 'numFmt':
            if (level) level.format = value;
            break;
          case 'lvlText':
            if (level) level.text = value;
            break;
          case 'num':
            list = { abstract: '', starts: new Map() };
            this.#lists.set(attributes['w:numId'] ?? '', list);
            break;
          case 'abstractNumId':
            if (list) list.abstract = value;
            break;
          case 'lvlOverride':
            overridden = Number(attributes['w:ilvl']);
            break;
          case 'startOverride':
            list?.starts.set(overridden, Number(value));
            break;
        }
      },
      close: (qualified) => {
        const name = localName(qualified);
        if (name === 'lvl') level = undefined;
        else if (name === 'num') list = undefined;
      },
    });
  }

  /** Counts an item. Undefined where the list is not known; an empty string where it prints nothing. */
  next(id: string, level: number): string | undefined {
    const list = this.#lists.get(id);
    const levels = list && this.#abstract.get(list.abstract);
    const own = levels?.get(level);
    if (!list || !own || level < 0 || level >= DEEPEST) return undefined;
    const counts = this.#counts.get(list.abstract) ?? [];
    this.#counts.set(list.abstract, counts);
    // A list that starts anew does so with its first item.
    const start = list.starts.get(level);
    if (start !== undefined && !this.#begun.has(`${id} ${level}`)) counts[level] = start - 1;
    this.#begun.add(`${id} ${level}`);
    counts[level] = (counts[level] ?? own.start - 1) + 1;
    counts.length = level + 1;
    if (own.format === 'bullet') return '•';
    if (own.format === 'none') return '';
    return own.text.replace(/%([1-9])/gu, (_, digit: string) => {
      const at = Number(digit) - 1;
      const shown = levels?.get(at);
      return shown ? numeral(counts[at] ?? shown.start, shown.format) : '';
    });
  }
}

function numeral(value: number, format: string): string {
  switch (format) {
    case 'lowerLetter':
      return letters(value);
    case 'upperLetter':
      return letters(value).toUpperCase();
    case 'lowerRoman':
      return roman(value);
    case 'upperRoman':
      return roman(value).toUpperCase();
    case 'decimalZero':
      return String(value).padStart(2, '0');
    default:
      return String(value);
  }
}
