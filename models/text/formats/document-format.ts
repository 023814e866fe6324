import { sampleOf, type TextLine } from '../lines.js';
import { isAsciiDoc } from './asciidoc.js';
import { isChat } from './chat.js';
import { delimiterOf } from './delimited.js';
import { formatOf } from './detect-format.js';
import { frontMatterOf } from './front-matter.js';
import { walkJson } from './json.js';
import { RECORD } from './json-lines.js';
import { STAMP } from './log.js';
import { isMail } from './mail.js';
import { isNotebook } from './notebook.js';
import { areRest } from './rest-directives.js';
import { isRoff } from './roff.js';
import { isSql } from './sql.js';

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
  if (isRoff(lines)) return 'roff';
  if (isChat(sample)) return 'chat';
  const byLines = formatOf(lines);
  if (byLines === 'records') return 'jsonl';
  if (byLines === 'turns') return 'transcript';
  if (byLines === 'captions') return 'subtitles';
  if (byLines === 'log' && share(RECORD) > 0.4) return 'log';
  if (isJson(text)) return 'json';
  if (isOrg(lines, share)) return 'org';
  const isStamped = STAMP.test(sample[0]?.trimmed ?? '');
  // Statements and settings repeat themselves as well as entries of a log.
  const isSaid = isStamped || (!isSql(sample) && !isSettings(sample) && delimiterOf(text) === undefined);
  if (byLines === 'log' && isSaid) return 'log';
  if (byLines === 'latex' || byLines === 'html') return byLines;
  if (frontMatterOf(text) > 0) return 'markdown';
  if (areRest(lines)) return 'rst';
  if (isAsciiDoc(lines)) return 'asciidoc';
  if (isSql(sample)) return 'sql';
  if (isMarkdown(lines, share)) return 'markdown';
  if (isSettings(sample)) return 'settings';
  if (isYaml(text, sample)) return 'yaml';
  if (delimiterOf(text) !== undefined) return 'csv';
  return byLines === 'log' || byLines === 'code' ? byLines : 'text';
}

/** Units whose tokens tell whether a text is JSON. */
const HEAD = 1 << 16;

function isJson(text: string): boolean {
  const first = /^\s*([{[])\s*(?:["{}[\]\d/-]|true|false|null)/u.exec(text.slice(0, 4096))?.[1];
  if (first === undefined) return false;
  let leaves = 0;
  let named = 0;
  let words = 0;
  const head = text.slice(0, HEAD);
  walkJson(head, {
    leaf: ({ start, end, whole }, isString) => {
      leaves++;
      if (whole.start < start - 1) named++;
      if (!isString && !/^(?:true|false|null|-?\d[\d.eE+-]*)$/u.test(head.slice(start, end))) words++;
    },
  });
  if (leaves === 0) return /^\s*[[{][\s[\]{},]*$/u.test(head);
  return words <= leaves * 0.1 && (first === '[' || named > 0);
}

function isOrg(lines: readonly TextLine[], share: (pattern: RegExp) => number): boolean {
  const head = lines.slice(0, 2000);
  const some = (pattern: RegExp) => head.filter(({ text }) => pattern.test(text)).length;
  const marks = some(
    /^#\+(?:TITLE|AUTHOR|DATE|OPTIONS|STARTUP|BEGIN_\w+|PROPERTY|FILETAGS|TODO|LATEX_\w+|CAPTION|NAME)\b.*$/iu,
  );
  const drawers = some(/^\s*:(?:PROPERTIES|END|LOGBOOK):\s*$/u);
  const headlines = some(/^\*{1,8} \S/u);
  if (share(/^#{2,6} /u) > 0) return false;
  return (
    marks + drawers >= 2 ||
    (marks + drawers >= 1 && headlines >= 1) ||
    (headlines >= 3 &&
      some(/^\*{2,8} \S/u) >= 1 &&
      some(/^- |^\d+\. /u) >= 0 &&
      some(/^\*{2,} (?:TODO|DONE) /u) > 0)
  );
}

function isMarkdown(lines: readonly TextLine[], share: (pattern: RegExp) => number): boolean {
  const head = lines.slice(0, 20_000);
  const some = (pattern: RegExp) => head.some(({ text }) => pattern.test(text));
  const headings = head.filter(
    ({ text }, i) =>
      /^#{1,6} \S/u.test(text) && (head[i - 1]?.trimmed ?? '') === '' && (head[i + 1]?.trimmed ?? '') === '',
  ).length;
  const hasHeading = headings > 0 && share(/^#/u) < 0.6;
  const hasFence = some(/^ {0,3}(?:```[\w+#.-]* *$|~~~)/u);
  const hasTable = some(/^ {0,3}\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-+:?\s*)?$/u);
  const hasLink = some(/(?<!!)\[[^\]\n]{1,80}\]\((?:https?:|\.{0,2}\/|#|[\w-]+\.\w+)[^)\n]*\)/u);
  const hasFootnote = some(/^\[\^[^\]\s]{1,40}\]:\s/u);
  const hasMarked = some(/^#{1,6} \S/u) && share(/^#/u) < 0.5 && !some(/^#!/u) && hasList(head);
  return hasHeading || hasFence || hasTable || hasLink || hasFootnote || hasMarked;
}

function hasList(lines: readonly TextLine[]): boolean {
  return (
    lines.some(({ text }) => /^ {0,3}[-*+] \S/u.test(text)) || lines.some(({ text }) => text.startsWith('> '))
  );
}

/** Share of the lines that set something. */
const MOST = 0.75;

function isSettings(sample: readonly TextLine[]): boolean {
  const said = sample.filter(({ trimmed }) => !/^(?:#|;|!|\/\/)/u.test(trimmed));
  if (said.length < 2) return false;
  const sections = said.filter(({ trimmed }) => /^\[\[?[^[\]]+\]\]?$/u.test(trimmed)).length;
  const pairs = said.filter(
    ({ trimmed }) =>
      /^(?:export\s+)?["']?[\p{L}_][\p{L}\p{N}_.\\/ -]{0,60}["']?\s*=(?!=|>)(?!.*[{;]$)/u.test(trimmed) ||
      /^(?:export\s+)?[A-Z_][A-Z0-9_]*=/u.test(trimmed),
  ).length;
  const code = said.filter(
    ({ trimmed }) =>
      /^(?:const|let|var|val|int|return|if|for|def|import|export (?:const|default|function))\b|\w\(.*\)$|;$/u.test(
        trimmed,
      ) && !/^[A-Z_]+\w*=/u.test(trimmed),
  ).length;
  if (code > said.length * 0.2) return false;
  const own = pairs + sections;
  return pairs > 0 && own >= said.length * (sections > 0 ? 0.5 : MOST);
}

function isYaml(text: string, sample: readonly TextLine[]): boolean {
  const said = sample.filter(({ trimmed }) => !trimmed.startsWith('#'));
  if (said.length < 2 || /^\t/mu.test(text.slice(0, HEAD))) return false;
  const keys = said.filter(({ trimmed }) =>
    /^(?:- )*["']?[\p{L}_$@/.][\p{L}\p{N}_.$@/ -]{0,60}["']?:(?:\s|$)/u.test(trimmed),
  );
  const lists = said.filter(({ trimmed }) => /^- \S/u.test(trimmed)).length;
  const isMarked = /^(?:%YAML|---)/u.test(text.trimStart());
  const spoken = keys.filter(({ trimmed }) => /[.!?]$/u.test(trimmed) || trimmed.length > 160).length;
  const values = keys.filter(({ trimmed }) => trimmed.endsWith(':')).length;
  const rest = said.length - keys.length - lists;
  const isNested = values > 0 || said.some(({ text: line }) => /^ {1,8}\S/u.test(line));
  if (keys.length === 0 || (keys.length < 2 && !isMarked)) return false;
  return (
    rest <= said.length * (isMarked ? 0.4 : 0.25) &&
    spoken <= keys.length * 0.3 &&
    (isNested || isMarked || keys.every(({ trimmed }) => /^["']?[a-z_$][\w.-]*["']?:/u.test(trimmed)))
  );
}
