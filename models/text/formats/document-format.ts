import { sampleOf, type TextLine } from '../lines.js';
import { isAsciiDoc } from './asciidoc.js';
import { isChat } from './chat.js';
import { delimiterOf } from './delimited.js';
import { formatOf } from './detect-format.js';
import { frontMatterOf } from './front-matter.js';
import { isHtml } from './html-evidence.js';
import { isJson } from './json.js';
import { RECORD } from './json-lines.js';
import { STAMP } from './log.js';
import { isMail } from './mail.js';
import { isMarkdown } from './markdown-evidence.js';
import { isNotebook } from './notebook.js';
import { isOrg } from './org.js';
import { areRest } from './rest-directives.js';
import { isRoff } from './roff.js';
import { isSettings } from './settings.js';
import { isSql } from './sql.js';
import { isYaml } from './yaml-evidence.js';

/** Formats that a document may be read as. `settings` is TOML, INI, properties and environment files. */
export const DOCUMENT_FORMATS = [
  'text',
  'markdown',
  'html',
  'latex',
  'rst',
  'asciidoc',
  'org',
  'roff',
  'csv',
  'json',
  'jsonl',
  'yaml',
  'settings',
  'notebook',
  'mail',
  'subtitles',
  'transcript',
  'chat',
  'log',
  'sql',
  'code',
] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** `auto`: the content says it. */
export type FormatOption = DocumentFormat | 'auto';
export const FORMAT_OPTIONS: readonly FormatOption[] = ['auto', ...DOCUMENT_FORMATS];

/** Lines looked at. */
const SAMPLE = 2000;

/**
 * The format of a document, told from its content alone, never from its name: files lie. What is told by how it begins
 * comes first, then what most lines look like.
 */
export function documentFormatOf(text: string, lines: readonly TextLine[]): DocumentFormat {
  const sample = sampleOf(lines, SAMPLE);
  const share = (pattern: RegExp) =>
    sample.filter(({ trimmed }) => pattern.test(trimmed)).length / Math.max(1, sample.length);

  if (isMail(lines)) return 'mail';
  if (isNotebook(text)) return 'notebook';
  if (isHtml(text)) return 'html';
  if (isRoff(lines)) return 'roff';
  if (isChat(sample)) return 'chat';
  const byLines = formatOf(lines);
  if (byLines === 'records') return 'jsonl';
  if (byLines === 'turns') return 'transcript';
  if (byLines === 'captions') return 'subtitles';
  if (byLines === 'log' && share(RECORD) > 0.4) return 'log';
  if (isJson(text)) return 'json';
  if (isOrg(lines, share)) return 'org';
  if (byLines === 'log' && isLog(text, lines, sample, share)) return 'log';
  if (byLines === 'latex' || byLines === 'html') return byLines;
  if (frontMatterOf(text) > 0) return 'markdown';
  if (areRest(lines)) return 'rst';
  if (isAsciiDoc(lines)) return 'asciidoc';
  if (isSql(sample)) return 'sql';
  if (isMarkdown(lines, share, byLines === 'code')) return 'markdown';
  if (isSettings(sample)) return 'settings';
  if (isYaml(lines)) return 'yaml';
  if (delimiterOf(text) !== undefined) return 'csv';
  return byLines === 'code' ? byLines : 'text';
}

/** Statements, settings, rows and the items of a list repeat themselves as well as entries of a log without times. */
function isLog(
  text: string,
  lines: readonly TextLine[],
  sample: readonly TextLine[],
  share: (pattern: RegExp) => number,
): boolean {
  if (share(STAMP) > 0.4) return true;
  return (
    !isSql(sample) &&
    !isSettings(sample) &&
    delimiterOf(text) === undefined &&
    share(/^(?:[-*+•] |<\/?[a-z])/u) < 0.25 &&
    !isMarkdown(lines, share, false)
  );
}
