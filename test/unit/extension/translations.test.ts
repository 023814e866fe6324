import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const json = (file: string) =>
  JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, string>;
const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();

/** Messages given to `t` or `l10n.t` in the sources that have words for the reader. */
function messages(): Set<string> {
  const found = new Set<string>();
  for (const folder of ['extension', 'webview']) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const file = path.join(entry.parentPath, entry.name);
      const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node)) {
          const [first] = node.arguments;
          const callee = node.expression.getText(source);
          if (first && ts.isStringLiteralLike(first) && /(^|\bl10n\.)t$/.test(callee)) found.add(first.text);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
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

describe('the manifest', () => {
  const keys = [...readFileSync(path.join(root, 'package.json'), 'utf8').matchAll(/"%([\w.]+)%"/g)].map(
    ([, key = '']) => key,
  );

  it.each(['package.nls.json', 'package.nls.zh-cn.json'])('finds its strings in %s', (file) => {
    expect(Object.keys(json(file)).sort()).toEqual([...new Set(keys)].sort());
  });
});
