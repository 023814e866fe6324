import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Imports point downwards: kernels <- models <- webview, and the extension meets the webview only through
 * `extension/protocol.ts`. What a layer must not import is listed here, so the structure is checked with
 * every run of the linter.
 */
/** @param {string[]} folders */
const above = (...folders) => ({
  regex: `^\\.\\.?/(.*/)?(${folders.join('|')})/`,
  message: 'Imports point downwards: kernels <- models <- webview; see docs/architecture.md.',
});
const nodeOnly = {
  regex: '^node:',
  message:
    'This code also runs in a browser; only the terminal runner and kernels/device/node.ts may use Node.',
};
const vscodeOnly = { regex: '^vscode$', message: 'Only extension/ may import vscode.' };
/**
 * @param {{ regex: string, message: string, allowTypeImports?: boolean }[]} patterns
 * @returns {import('eslint').Linter.RulesRecord}
 */
const restrict = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });

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
    files: ['kernels/**/*.ts'],
    ignores: ['kernels/device/node.ts'],
    rules: restrict(above('models', 'webview', 'extension', 'test'), nodeOnly, vscodeOnly),
  },
  {
    files: ['kernels/device/node.ts'],
    rules: restrict(above('models', 'webview', 'extension', 'test'), vscodeOnly),
  },
  {
    files: ['models/**/*.ts'],
    ignores: ['models/cli/**', 'models/tokenizer/train.ts'],
    rules: restrict(above('webview', 'extension', 'test', 'cli', 'training'), nodeOnly, vscodeOnly),
  },
  {
    files: ['models/cli/**/*.ts', 'models/tokenizer/train.ts'],
    rules: restrict(above('webview', 'extension', 'test'), vscodeOnly),
  },
  {
    files: ['webview/**/*.ts'],
    rules: restrict(
      above('test', 'cli', 'training'),
      {
        regex: '^\\.\\.?/(.*/)?extension/(?!protocol\\.js$)',
        message: 'The webview meets the extension only through extension/protocol.ts.',
      },
      nodeOnly,
      vscodeOnly,
    ),
  },
  {
    files: ['extension/**/*.ts'],
    rules: restrict(
      above('webview', 'kernels', 'test'),
      {
        regex: '^\\.\\.?/(.*/)?models/(?!text/|staged/|answers/(?!recall/))',
        allowTypeImports: true,
        message:
          'Of the models the extension may import types and pure text logic; the engine runs in the webview.',
      },
      nodeOnly,
    ),
  },
  prettier,
);
