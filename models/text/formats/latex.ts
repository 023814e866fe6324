import { blockOf, type Block } from '../block.js';
import { latexWords } from './latex-words.js';
import type { TextLine } from '../lines.js';

const LEVELS = ['part', 'chapter', 'section', 'subsection', 'subsubsection', 'paragraph'];
const HEADING = /^\\(part|chapter|section|subsection|subsubsection|paragraph)\*?(?:\[[^\]]*\])?\{/u;
/** What is no text: formulas, pictures, tables, listings, the list of works cited. */
const ENVIRONMENT =
  /^\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|figure|table|tabular|lstlisting|verbatim|minted|tikzpicture|algorithm|thebibliography)\*?)\}/u;
/** A line of commands only, such as `\maketitle` or `\begin{itemize}`. */
const COMMANDS = /^(?:\\[a-zA-Z]+\*?(?:\[[^\]]*\]|\{[^{}]*\})*\s*)+$/u;

/** Blocks of LaTeX source; what stands before `\begin{document}` sets it up and is left out. */
export function latexBlocks(lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  let paragraph: TextLine[] = [];
  const flush = (kind: Block['kind'] = 'prose') => {
    const block = blockOf(paragraph, kind);
    if (block) blocks.push(block);
    paragraph = [];
  };
  const begin = lines.findIndex(({ trimmed }) => trimmed.startsWith('\\begin{document}'));
  if (begin >= 0) {
    paragraph = lines.slice(0, begin + 1);
    flush('boilerplate');
  }
  for (let i = begin + 1; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    const heading = HEADING.exec(trimmed);
    const isAbstract = trimmed.startsWith('\\begin{abstract}');
    const environment = ENVIRONMENT.exec(trimmed)?.[1];
    if (trimmed === '') flush(kindOf(paragraph));
    else if (heading || isAbstract) {
      flush(kindOf(paragraph));
      const block = blockOf([line], 'heading')!;
      // An abstract stands beside the highest sections.
      const level = heading ? LEVELS.indexOf(heading[1]!) + 1 : 3;
      const title = heading ? titleOf(trimmed.slice(heading[0].length)) : 'Abstract';
      blocks.push({ ...block, level, title });
    } else if (environment !== undefined) {
      flush(kindOf(paragraph));
      for (; i < lines.length; i++) {
        paragraph.push(lines[i]!);
        if (lines[i]!.trimmed.includes(`\\end{${environment}}`)) break;
      }
      flush('code');
    } else if (COMMANDS.test(trimmed) || trimmed.startsWith('%')) {
      flush(kindOf(paragraph));
      paragraph = [line];
      flush('boilerplate');
    } else {
      if (trimmed.startsWith('\\item')) flush(kindOf(paragraph));
      paragraph.push(line);
    }
  }
  flush(kindOf(paragraph));
  return blocks;
}

/** What stands before the brace that closes the title, or the line's end, in words. */
function titleOf(rest: string): string {
  let depth = 1;
  let end = 0;
  for (; end < rest.length; end++) {
    if (rest[end] === '{') depth++;
    else if (rest[end] === '}') depth--;
    if (depth === 0) break;
  }
  return latexWords(rest.slice(0, end)).text.trim();
}

function kindOf(lines: readonly TextLine[]): Block['kind'] {
  return lines[0]?.trimmed.startsWith('\\item') ? 'item' : 'prose';
}
