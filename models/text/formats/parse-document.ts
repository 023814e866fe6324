import type { Block } from '../block.js';
import { withoutBoilerplate } from '../boilerplate.js';
import { linesOf, type TextLine } from '../lines.js';
import { listsIn } from '../record-context.js';
import { asItStands, parsedWithin, type Parsed } from '../parsed.js';
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

const PARSERS: Readonly<Record<DocumentFormat, (text: string, lines: readonly TextLine[]) => Parsed>> = {
  text: parseText,
  rst: parseText,
  markdown: parseMarkdown,
  asciidoc: parseAsciiDoc,
  org: parseOrg,
  roff: parseRoff,
  latex: (text, lines) => ({ ...asItStands(text, latexBlocks(lines)), decoded: latexWords(text) }),
  html: parseHtml,
  csv: parseDelimited,
  json: parseJson,
  jsonl: (text, lines) => asItStands(text, recordBlocks(lines)),
  yaml: parseYaml,
  settings: parseSettings,
  notebook: parseNotebook,
  mail: parseMail,
  subtitles: parseCaptions,
  transcript: (text, lines) => asItStands(text, turnBlocks(lines)),
  chat: parseChat,
  log: (text, lines) => asItStands(text, logBlocks(lines)),
  sql: (text, lines) => asItStands(text, sqlBlocks(lines)),
  code: (text, lines) => asItStands(text, codeBlocks(lines)),
};

/**
 * Reads a document by its format. What nobody sees (control characters, soft hyphens) is left out first, so that no parser
 * meets it; every offset is one of `text` all the same.
 */
export function parseDocument(text: string, option: FormatOption = 'auto'): ParsedDocument {
  const visible = seen(text);
  const shown = visible?.text ?? text;
  const lines = linesOf(shown);
  const format = option === 'auto' ? documentFormatOf(shown, lines) : option;
  const parse = (part: string): Parsed => {
    const { blocks, records, decoded } = PARSERS[format](part, lines);
    const lists = listsIn(part, blocks);
    return {
      decoded,
      blocks: withoutBoilerplate(part, blocks),
      records: lists.length > 0 ? [...records, ...lists].sort((a, b) => a.start - b.start) : records,
    };
  };
  const parsed = visible ? parsedWithin(visible, [{ start: 0, end: shown.length, parse }]) : parse(text);
  return { ...parsed, format };
}

/** Cuts `text` into blocks, in order, by the format that its lines show (see {@link documentFormatOf}). */
export function blocksOf(text: string): readonly Block[] {
  return parseDocument(text).blocks;
}
