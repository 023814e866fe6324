import type { Block } from '../block.js';
import type { TextLine } from '../lines.js';

/** SQL, statement by statement: each is whole up to its semicolon or `GO`; comments are prose. */
export function sqlBlocks(lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  let open: TextLine[] = [];
  const flush = (kind: 'code' | 'prose') => {
    const [first] = open;
    const last = open.at(-1);
    if (first && last) {
      const start = first.start + first.text.length - first.text.trimStart().length;
      blocks.push({ kind, start, end: last.start + last.text.trimEnd().length });
    }
    open = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { trimmed } = line;
    if (trimmed === '' || /^GO;?$/iu.test(trimmed)) flush('code');
    else if (open.length === 0 && /^(?:--|#\s)/u.test(trimmed)) {
      open.push(line);
      flush('prose');
    } else if (open.length === 0 && trimmed.startsWith('/*') && !trimmed.startsWith('/*!')) {
      for (open.push(line); !lines[i]!.trimmed.includes('*/') && i + 1 < lines.length;)
        open.push(lines[++i]!);
      flush('prose');
    } else {
      open.push(line);
      if (trimmed.endsWith(';')) flush('code');
    }
  }
  flush('code');
  return blocks;
}

/** Share of the lines that are statements, or parts of some. */
const SQL =
  /^(?:CREATE (?:TABLE|INDEX|UNIQUE|VIEW|DATABASE|SCHEMA|TYPE|SEQUENCE|FUNCTION|PROCEDURE|TRIGGER)|ALTER TABLE|INSERT INTO|DROP (?:TABLE|INDEX|VIEW)|SELECT .* FROM|UPDATE \S+ SET|DELETE FROM|GO$|BEGIN;?$|COMMIT;?$|SET [@\w]+\s*=|USE [\w[\]`]+;?$|(?:UN)?LOCK TABLES|CONSTRAINT |PRIMARY KEY|FOREIGN KEY|\(\d+, |\(N?')/iu;

export function isSql(sample: readonly TextLine[]): boolean {
  const found = sample.filter(({ trimmed }) => SQL.test(trimmed));
  const begins = found.some(({ trimmed }) =>
    /^(?:CREATE|ALTER|INSERT|SELECT|UPDATE|DELETE|DROP)\b/iu.test(trimmed),
  );
  return begins && found.length > sample.length * 0.2 && sample.some(({ trimmed }) => trimmed.endsWith(';'));
}
