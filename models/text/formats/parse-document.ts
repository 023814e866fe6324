import type { Block } from '../block.js';
import { withoutBoilerplate } from '../boilerplate.js';
import { linesOf, type TextLine } from '../lines.js';
import { listsIn } from '../record-context.js';
import { asItStands, parsedWithin, type Parsed, type Parser } from '../parsed.js';
import { parseAsciiDoc } from './asciidoc.js';
import { parseCaptions } from './captions.js';
import { parseChat } from './chat.js';
import { documentFormatOf, type DocumentFormat, type FormatOption } from './document-format.js';
import { parseDelimited } from './delimited.js';
import { parseHtml } from './html.js';
import { recordBlocks } from './json-lines.js';
import { parseJson } from './json.js';
import { latexBlocks } from './latex.js';
import { latexWords } from './latex-words.js';
import { logBlocks } from './log.js';
import { parseMail } from './mail.js';
import { parseMarkdown } from './markdown.js';
import { parseNotebook } from './notebook.js';
import { parseOrg } from './org.js';
import { withoutPageLines } from './pages.js';
import { plainWords } from './plain-words.js';
import { parseRoff } from './roff.js';
import { parseSettings } from './settings.js';
import { sqlBlocks } from './sql.js';
import { codeBlocks } from './source-code.js';
import { textBlocks } from './text.js';
import { turnBlocks } from './transcript.js';
import { seen } from './unseen.js';
import { parseYaml } from './yaml.js';

/** Running text: what every page repeats is left out, and words divided at a line's end are whole. */
function parseText(text: string, lines: readonly TextLine[]): Parsed {
  const pages = withoutPageLines(lines);
  return { ...asItStands(text, textBlocks(pages.lines)), decoded: plainWords(text, pages.gaps) };
}

export interface ParsedDocument extends Parsed {
  /** That was given, or that the content shows. */
  readonly format: DocumentFormat;
}

/** A format that is read line by line. */
const byLines =
  (parse: (text: string, lines: readonly TextLine[]) => Parsed): Parser =>
  (text) =>
    parse(text, linesOf(text));

/** A format whose lines are blocks, and that encodes nothing. */
const plainly = (blocksIn: (lines: readonly TextLine[]) => readonly Block[]): Parser =>
  byLines((text, lines) => asItStands(text, blocksIn(lines)));

const PARSERS: Readonly<Record<DocumentFormat, Parser>> = {
  text: byLines(parseText),
  rst: byLines(parseText),
  markdown: parseMarkdown,
  asciidoc: byLines(parseAsciiDoc),
  org: byLines(parseOrg),
  roff: byLines(parseRoff),
  latex: byLines((text, lines) => ({ ...asItStands(text, latexBlocks(lines)), decoded: latexWords(text) })),
  html: parseHtml,
  csv: parseDelimited,
  json: parseJson,
  jsonl: plainly(recordBlocks),
  yaml: parseYaml,
  settings: byLines(parseSettings),
  notebook: parseNotebook,
  mail: byLines(parseMail),
  subtitles: byLines(parseCaptions),
  transcript: plainly(turnBlocks),
  chat: byLines(parseChat),
  log: plainly(logBlocks),
  sql: plainly(sqlBlocks),
  code: plainly(codeBlocks),
};

/**
 * Reads a document by its format. What nobody sees (control characters, soft hyphens) is left out first, so that no parser
 * meets it; every offset is one of `text` all the same.
 */
export function parseDocument(text: string, option: FormatOption = 'auto'): ParsedDocument {
  const visible = seen(text);
  const shown = visible?.text ?? text;
  // The lines are made again where the format is read by them: until then they would take more room than the text.
  const format = option === 'auto' ? documentFormatOf(shown, linesOf(shown)) : option;
  const parse = (part: string): Parsed => finished(part, PARSERS[format](part));
  const parsed = visible ? parsedWithin(visible, [{ start: 0, end: shown.length, parse }]) : parse(text);
  return { ...parsed, format };
}

function finished(text: string, parsed: Parsed): Parsed {
  const { blocks, records } = parsed;
  const lists = listsIn(text, blocks);
  return {
    ...parsed,
    blocks: withoutBoilerplate(text, blocks),
    records: lists.length > 0 ? [...records, ...lists].sort((a, b) => a.start - b.start) : records,
  };
}

/** Cuts `text` into blocks, in order, by the format that its lines show (see {@link documentFormatOf}). */
export function blocksOf(text: string): readonly Block[] {
  return parseDocument(text).blocks;
}
