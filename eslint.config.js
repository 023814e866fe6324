import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * A class of so many lines does more than one thing. ESLint counts lines of files and of functions only.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
const maxLinesPerClass = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'integer', minimum: 1 }],
    messages: { tooLong: 'A class of {{lines}} lines; {{most}} at most. Divide it by what it does.' },
  },
  create(context) {
    const [most] = context.options;
    /** @param {import('estree').Class} node */
    const check = (node) => {
      const lines = node.loc ? node.loc.end.line - node.loc.start.line + 1 : 0;
      if (lines > most) context.report({ node, messageId: 'tooLong', data: { lines, most } });
    };
    return { ClassDeclaration: check, ClassExpression: check };
  },
};

const privateMembers = {
  selector: '[accessibility="private"]:not([kind="constructor"])',
  message: 'Private members are written with #.',
};

/** An engine takes some 100,000 arguments and no more; a document has more lines than that. */
const unboundedArguments = {
  selector:
    'CallExpression[callee.property.name=/^(push|unshift|splice|max|min|fromCharCode|fromCodePoint)$/] > SpreadElement',
  message: 'A spread of a long list overflows the stack. Use append, largest, smallest (models/text/lists).',
};

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    'test/.cache/',
    'test/e2e/output/',
    'node_modules/',
    'kernels/simd/assembly/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Typed arrays are read in inner loops; `!` costs nothing there, a check would.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['models/**/*.ts', 'extension/**/*.ts', 'webview/**/*.ts', 'scripts/**/*.ts'],
    plugins: { memmamba: { rules: { 'max-lines-per-class': maxLinesPerClass } } },
    rules: { 'max-lines-per-function': ['error', 50], 'memmamba/max-lines-per-class': ['error', 250] },
  },
  {
    files: ['**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', privateMembers, unboundedArguments] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', privateMembers] },
  },
  prettier,
);
