/** What begins with two dots in reStructuredText (docutils and Sphinx). */
import type { TextLine } from '../lines.js';

/** A directive, a target, a comment. */
const MARKUP = /^\.\.(?:\s|$)/u;
const DIRECTIVE = /^\.\. [\w:.+-]+::/u;
/** Directives whose body is code, data or machinery. */
const MACHINERY =
  /^\.\. (?:code|code-block|sourcecode|highlight|literalinclude|parsed-literal|prompt|doctest|test(?:code|output|setup|cleanup)|math|productionlist|raw|include|image|figure|table|csv-table|list-table|tabularcolumns|toctree|contents|index|meta|replace|unicode|role|default-role|graphviz|digraph|graph|plot|mermaid|uml|ipython|jupyter-execute)::/u;
/** Directives that are called and then say something in the same line. */
const REMARK =
  /^\.\. (?:note|warning|important|tip|hint|caution|danger|error|attention|seealso|versionadded|versionchanged|deprecated|rubric|topic|sidebar|epigraph|pull-quote|admonition|todo)::/u;

/**
 * `machinery`: no text, with all that is indented below it. `description`: its name and what stands right below are
 * signatures and options, what follows is text, of a function, an option, a variable. `remark`: text from `call` on,
 * the words by which it is called, on.
 */
export type Directive =
  { readonly kind: 'machinery' | 'description' } | { readonly kind: 'remark'; readonly call: string };

/** @param line without white space around it */
export function directiveOf(line: string): Directive | undefined {
  if (!MARKUP.test(line)) return undefined;
  const call = REMARK.exec(line)?.[0];
  if (call !== undefined) return { kind: 'remark', call };
  return { kind: DIRECTIVE.test(line) && !MACHINERY.test(line) ? 'description' : 'machinery' };
}

/** Whether the lines are reStructuredText: they hold a directive. */
export function areRest(lines: readonly TextLine[]): boolean {
  return lines.some(({ trimmed }) => DIRECTIVE.test(trimmed));
}
