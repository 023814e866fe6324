import { blockOf, type Block } from '../block.js';
import { indentOf, type TextLine } from '../lines.js';

/** A comment that fills its line: of C and its kin, of scripts, of SQL and Lua. */
const COMMENT =
  /^(?:\/\/[/!]?|#(?![a-z!]*(?:include|define|if|endif|pragma))|--(?!-)|;;|\/\*|\*(?:\s|\/|$))/u;
/** What opens or closes a string that documents. */
const DOCSTRING = /^[rbu]?("""|''')/u;
/** Definitions, with their name. */
const DEFINITION =
  /^(?:(?:export|default|public|private|protected|internal|static|abstract|final|async|pub(?:\([a-z]+\))?|unsafe|extern "C"|override|virtual)\s+)*(?:def|class|func(?:\s+\([^)]*\))?|fn|function\*?|struct|enum|trait|impl(?:<[^>]*>)?|interface|module|mod|namespace|type|object)\s+([A-Za-z_$][\w$]*)/u;
/** Deepest indent, in columns of four, at which a definition is a section of the file: members of classes are. */
const DEEPEST = 1;

/**
 * Blocks of source code: comments and documenting strings are prose, definitions head what follows them, and the
 * rest is code.
 */
export function codeBlocks(lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  let open: TextLine[] = [];
  let kind: 'prose' | 'code' = 'code';
  const flush = () => {
    const block = blockOf(open, kind);
    if (block) blocks.push(block);
    open = [];
  };
  const add = (line: TextLine, as: 'prose' | 'code') => {
    if (as !== kind) flush();
    kind = as;
    open.push(line);
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    const quote = DOCSTRING.exec(trimmed)?.[1];
    if (trimmed === '') {
      flush();
    } else if (quote !== undefined) {
      add(line, 'prose');
      let closes = trimmed.length >= 6 && trimmed.endsWith(quote);
      while (!closes && i + 1 < lines.length) {
        const inside = lines[++i]!;
        closes = inside.trimmed.endsWith(quote);
        if (inside.trimmed === '') flush();
        else add(inside, 'prose');
      }
      flush();
    } else if (COMMENT.test(trimmed)) {
      add(line, 'prose');
      if (trimmed.startsWith('/*')) {
        while (i + 1 < lines.length && !lines[i]!.trimmed.includes('*/')) add(lines[++i]!, 'prose');
      }
    } else {
      const name = indentOf(line) <= 4 * DEEPEST ? DEFINITION.exec(trimmed)?.[1] : undefined;
      if (name === undefined) add(line, 'code');
      else {
        flush();
        const block = blockOf([line], 'heading')!;
        blocks.push({ ...block, level: indentOf(line) === 0 ? 1 : 2, title: name });
      }
    }
  }
  flush();
  return blocks;
}
