/**
 * What may import what, by folder. `npm test -- style` runs it:
 *
 *   depcruise --config dependency-rules.mjs kernels models webview extension test scripts
 *
 * Imports of types count as imports, except where a rule says otherwise.
 */
const OURS = '^(kernels|models|webview|extension|test|scripts)/';

/** @param {readonly string[]} folders folders, or files without their ending */
const within = (...folders) => `^(${folders.join('|')})(/|\\.ts$)`;

/**
 * Of this project's folders, `folder` imports itself and `below` only.
 *
 * @param {string} folder
 * @param {readonly string[]} below
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
const standsOn = (folder, ...below) => ({
  name: `${folder} stands on ${below.length > 0 ? below.join(', ') : 'nothing'}`,
  severity: 'error',
  from: { path: within(folder) },
  to: { path: OURS, pathNot: within(folder, ...below) },
});

/** Rooms of `models/` that every room above them may use. */
const ENGINE = ['models/scheduling', 'models/text', 'models/tokenizer', 'models/memmamba', 'kernels'];
const READING = ['models/reading', ...ENGINE];
const ANALYSES = ['models/fidelity', 'models/search', 'models/answers', 'models/summary'];
/** Of `models/`, what needs no engine, and so runs in the extension host. */
const WITHOUT_ENGINE = ['models/text', 'models/staged', 'models/answers', 'models/packed'];

/** Rooms of `extension/` that know what was read, and what they stand on. */
const WIRE = ['extension/protocol', 'models'];
const WINDOW = ['extension/ids', 'extension/formatting', 'extension/progress', 'extension/webviews', ...WIRE];
const READINGS = [
  'extension/readings',
  'extension/packed',
  'extension/engine',
  'extension/results',
  'extension/documents',
  ...WINDOW,
];

/** What of them asks an engine. */
const ASKING = ['models/answers/recall', 'models/answers/reader'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no cycle of files',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no cycle of folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },

    standsOn('kernels'),
    standsOn('models', 'kernels'),
    standsOn('webview', 'models', 'kernels', 'extension/protocol'),
    standsOn('extension', 'models'),
    {
      name: 'extension runs no engine: of models it takes types, and code from rooms without one',
      severity: 'error',
      from: { path: within('extension') },
      to: {
        path: within('models'),
        pathNot: within(...WITHOUT_ENGINE, 'models/scheduling'),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rooms without an engine load none',
      severity: 'error',
      from: { path: within(...WITHOUT_ENGINE), pathNot: within(...ASKING) },
      to: {
        path: OURS,
        pathNot: within(...WITHOUT_ENGINE, 'models/scheduling'),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'recall and the reader are asked only by rooms that have an engine',
      severity: 'error',
      from: { path: within('extension', ...WITHOUT_ENGINE), pathNot: within(...ASKING) },
      to: { path: within(...ASKING) },
    },

    standsOn('models/scheduling'),
    standsOn('models/text'),
    standsOn('models/tokenizer'),
    standsOn('models/packed', 'models/text'),
    {
      name: 'extension unpacks nothing itself: the readers are in bundles of their own',
      severity: 'error',
      from: { path: within('extension') },
      to: {
        path: within('models/packed'),
        pathNot: within('models/packed/kind', 'models/packed/types', 'models/packed/anchors'),
        dependencyTypesNot: ['type-only'],
      },
    },
    standsOn('models/memmamba', 'models/artifacts', 'models/scheduling', 'kernels'),
    standsOn('models/reading', ...ENGINE),
    standsOn('models/fidelity', ...READING),
    standsOn('models/search', ...READING),
    standsOn('models/answers', ...READING),
    standsOn('models/summary', ...READING),
    standsOn('models/staged', ...ANALYSES, 'models/reading', 'models/text', 'models/scheduling'),
    standsOn('models/document', 'models/staged', ...ANALYSES, ...READING),

    standsOn('extension/ids'),
    standsOn('extension/protocol', 'models'),
    standsOn('extension/formatting', ...WIRE),
    standsOn('extension/documents', 'extension/formatting', ...WIRE),
    standsOn('extension/webviews', ...WIRE),
    standsOn('extension/progress', 'extension/formatting', ...WIRE),
    standsOn('extension/results', 'extension/documents', 'extension/formatting', ...WIRE),
    standsOn('extension/packed', 'extension/documents', ...WINDOW),
    standsOn('extension/engine', ...WINDOW),
    standsOn('extension/readings', ...READINGS),
    standsOn('extension/home', ...READINGS),
    standsOn('extension/editor', ...READINGS),
    standsOn('extension/large-file', 'extension/editor', ...READINGS),
    standsOn('extension/summary', 'extension/editor', ...READINGS),
    standsOn('extension/commands', 'extension/summary', 'extension/editor', ...READINGS),
    standsOn('extension/tools', 'extension/commands', 'extension/editor', ...READINGS),
    standsOn('extension/chat', 'extension/commands', 'extension/editor', ...READINGS),

    standsOn('webview/elements', 'extension/protocol'),
    standsOn('webview/worker', 'models', 'kernels', 'extension/protocol'),
    standsOn('webview/panels', 'webview/elements', 'models', 'kernels', 'extension/protocol'),
    standsOn('webview/summary', 'webview/elements', 'extension/protocol'),
    standsOn('webview/large-file', 'webview/elements', 'models/text', 'extension/protocol'),
    standsOn('webview/unpack', 'webview/worker/comlink-errors', 'models', 'extension/protocol'),
    standsOn(
      'webview/page',
      'webview/panels',
      'webview/elements',
      'webview/worker',
      'webview/unpack',
      ...WIRE,
    ),

    {
      name: 'what ships, and scripts, import no test',
      severity: 'error',
      from: { path: within('kernels', 'models', 'webview', 'extension', 'scripts') },
      to: { path: within('test') },
    },
    {
      name: 'what ships imports no script',
      severity: 'error',
      from: { path: within('kernels', 'models', 'webview', 'extension') },
      to: { path: within('scripts') },
    },
    {
      name: 'only the terminal, the device of Node and the disk of Node import Node',
      severity: 'error',
      from: {
        path: within('kernels', 'models', 'webview', 'extension'),
        pathNot: within('kernels/device', 'models/cli', 'extension/documents/node'),
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only the extension imports vscode',
      severity: 'error',
      from: { path: within('kernels', 'models', 'webview', 'scripts') },
      to: { path: '(^|/)vscode(/|$)' },
    },
    {
      name: 'every import is found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|test/\\.cache|test/e2e/output|kernels/simd/assembly)/' },
  },
};
