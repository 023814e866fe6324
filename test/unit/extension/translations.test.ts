import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const json = (file: string) =>
  JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, string>;
const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();

/** Every node of the sources that have words for the reader, with its file's source. */
function* nodes(): Generator<{ node: ts.Node; source: ts.SourceFile }> {
  for (const folder of ['extension', 'webview']) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const file = path.join(entry.parentPath, entry.name);
      const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
      const open: ts.Node[] = [source];
      for (let node = open.pop(); node; node = open.pop()) {
        yield { node, source };
        ts.forEachChild(node, (child) => void open.push(child));
      }
    }
  }
}

/** Messages given to `t` or `l10n.t`. */
function messages(): Set<string> {
  const found = new Set<string>();
  for (const { node, source } of nodes()) {
    if (!ts.isCallExpression(node)) continue;
    const [first] = node.arguments;
    if (first && ts.isStringLiteralLike(first) && /(^|\bl10n\.)t$/.test(node.expression.getText(source)))
      found.add(first.text);
  }
  return found;
}

/** Names that are the same in every language, and what is no word. */
const isName = (text: string) => !/\p{L}{2}/u.test(text.replace(/MemMamba|WebGPU|Markdown|JSON/g, ''));

/** Where words reach the reader: properties of what VS Code shows, and attributes of elements. */
const SHOWN =
  /^(title|label|placeHolder|placeholder|prompt|description|detail|tooltip|openLabel|text|message|'?aria-(label|valuetext)'?)$/;

/** Words in places that the reader sees, written there without `t`. */
function untranslated(): string[] {
  const found: string[] = [];
  for (const { node, source } of nodes()) {
    const note = (value: ts.Expression | undefined) => {
      if (value && ts.isStringLiteralLike(value) && !isName(value.text))
        found.push(`${path.basename(source.fileName)}: ${value.text}`);
    };
    if (ts.isPropertyAssignment(node) && SHOWN.test(node.name.getText(source))) note(node.initializer);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const { left, right } = node;
      if (
        ts.isPropertyAccessExpression(left) &&
        /^(textContent|title|label|tooltip|text)$/.test(left.name.text)
      )
        note(right);
    }
    if (!ts.isCallExpression(node)) continue;
    const callee = node.expression.getText(source);
    if (/\.show(Information|Warning|Error)Message$/.test(callee)) node.arguments.forEach(note);
    if (callee === 'el') node.arguments.slice(2).forEach(note);
  }
  return found;
}

describe('the Chinese bundle', () => {
  const bundle = json('extension/l10n/bundle.l10n.zh-cn.json');

  it('translates every message, and none that is no more', () => {
    expect(Object.keys(bundle).sort()).toEqual([...messages()].sort());
  });

  it('keeps the placeholders', () => {
    for (const [message, translation] of Object.entries(bundle)) {
      expect(placeholders(translation), message).toEqual(placeholders(message));
    }
  });
});

describe('the sources', () => {
  it('have no words for the reader that cannot be translated', () => {
    expect(untranslated()).toEqual([]);
  });
});

describe('the manifest', () => {
  it('has no words for the reader that cannot be translated either', () => {
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      contributes: unknown;
    };
    const found: string[] = [];
    // For models, which are addressed in English: what a tool does, and what its parameters are.
    const forModels = new Set(['modelDescription', 'inputSchema']);
    const shown =
      /^(title|label|description|displayName|userDescription|markdownDescription|contents|altText|category)$/;
    const visit = (value: unknown, key: string): void => {
      if (typeof value === 'string') {
        const isShown = shown.test(key) || key === 'enumDescriptions' || key === 'markdownEnumDescriptions';
        if (isShown && !/^%[\w.]+%$/.test(value) && !isName(value)) found.push(`${key}: ${value}`);
      } else if (Array.isArray(value)) {
        for (const item of value) visit(item, key);
      } else if (typeof value === 'object' && value !== null) {
        for (const [name, item] of Object.entries(value)) if (!forModels.has(name)) visit(item, name);
      }
    };
    visit(manifest.contributes, '');
    expect(found).toEqual([]);
  });

  const keys = [...readFileSync(path.join(root, 'package.json'), 'utf8').matchAll(/"%([\w.]+)%"/g)].map(
    ([, key = '']) => key,
  );

  it.each(['package.nls.json', 'package.nls.zh-cn.json'])('finds its strings in %s', (file) => {
    expect(Object.keys(json(file)).sort()).toEqual([...new Set(keys)].sort());
  });
});
