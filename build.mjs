/**
 * Builds the bundles into `dist/`.
 *
 *   node build.mjs [TARGET…] [--watch] [--production] [--if-stale] [--quiet]
 *
 * Without a target all of them are built. `--if-stale` leaves a bundle alone that is newer than every file
 * it was made from. With every bundle goes `dist/meta/TARGET.json`, esbuild's list of what went into it:
 * the third-party notices and the staleness check are computed from it.
 */
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const ort = path.join(root, 'node_modules/onnxruntime-web/dist');
const maps = path.join(root, 'node_modules/pdfjs-dist/cmaps');

/** ONNX Runtime's binaries: the one with the WebGPU provider. The CPU engine needs none. */
const ORT_BINARIES = ['ort-wasm-simd-threaded.asyncify.wasm'];

/** pdf.js's character maps, for fonts of Chinese, Japanese and Korean that name one. */
const CHARACTER_MAPS = readdirSync(maps).filter((name) => name.endsWith('.bcmap'));

/**
 * For every file that imports a CommonJS module esbuild copies the module's names, which for the editor's API takes
 * longer than all the rest of loading. Behind a module that hands them on there is one copy of them.
 * @type {esbuild.Plugin}
 */
const oneCopyOfApi = {
  name: 'one-copy-of-api',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/, namespace: 'file' }, () => ({ path: 'vscode', namespace: 'api' }));
    onLoad({ filter: /^vscode$/, namespace: 'api' }, () => ({ contents: "export * from 'vscode';" }));
  },
};

/**
 * Leaves to a bundle of its own what the extension imports with the first request (`import('./providers.js')`).
 * @type {esbuild.Plugin}
 */
const providersApart = {
  name: 'providers-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/providers\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './providers.cjs', external: true } : undefined,
    );
  },
};

/** @type {Record<string, { options: esbuild.BuildOptions, copy?: { from: string, to: string }[] }>} */
export const targets = {
  /** The extension in a Node extension host (desktop, remote): what it registers, and what does the work. */
  extension: {
    options: {
      entryPoints: ['extension/extension.ts', 'extension/providers.ts'],
      outdir: 'dist',
      outExtension: { '.js': '.cjs' },
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['vscode'],
      plugins: [oneCopyOfApi, providersApart],
      // So that `import()` becomes `require`, which the host serves `vscode` to.
      supported: { 'dynamic-import': false },
    },
  },
  /**
   * The same extension in a web worker extension host (VS Code for the Web). The host takes what ends in
   * `.cjs` for a CommonJS script, as it must: our manifest says `"type": "module"`. A script there cannot load
   * another, so this is one file; what does the work still runs with the first request.
   */
  web: {
    options: {
      entryPoints: ['extension/extension.ts'],
      outfile: 'dist/web/extension.cjs',
      platform: 'browser',
      target: 'es2022',
      format: 'cjs',
      external: ['vscode'],
      plugins: [oneCopyOfApi],
    },
  },
  /** The rendered view of a summary: hands clicks on its links to the extension. */
  summary: {
    options: {
      entryPoints: ['webview/summary/summary.ts'],
      outfile: 'dist/webview/summary.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
    },
  },
  /** The view of files that VS Code hands to no extension. */
  'large-file': {
    options: {
      entryPoints: ['webview/large-file/large-file.ts'],
      outfile: 'dist/webview/large-file.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
    },
  },
  /** The webview's document: panels, and the client of the worker. */
  page: {
    options: {
      entryPoints: ['webview/page/page.ts'],
      outfile: 'dist/webview/page.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
    },
  },
  /**
   * The engine. Webviews load workers only from `blob:` URLs, so this is one classic script that imports
   * nothing at run time; the page fetches the binaries and hands them over.
   */
  worker: {
    options: {
      entryPoints: ['webview/worker/worker.ts'],
      outfile: 'dist/webview/worker.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
      define: { 'import.meta.url': 'self.location.href' },
    },
    copy: ORT_BINARIES.map((name) => ({ from: path.join(ort, name), to: `dist/webview/${name}` })),
  },
  /**
   * Reads PDF, Office files, e-books and gzip: a classic script too, started for each such file. pdf.js runs on the
   * worker's own thread, and the page hands over the character maps that it asks for.
   */
  unpack: {
    options: {
      entryPoints: ['webview/unpack/worker.ts'],
      outfile: 'dist/webview/unpack.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
      define: { 'import.meta.url': 'self.location.href' },
    },
    copy: CHARACTER_MAPS.map((name) => ({ from: path.join(maps, name), to: `dist/webview/cmaps/${name}` })),
  },
  /** The terminal runner. ONNX Runtime, Dawn and pdf.js stay in node_modules: they load files beside themselves. */
  runner: {
    options: {
      entryPoints: ['models/cli/main.ts'],
      outfile: 'dist/runner.mjs',
      platform: 'node',
      target: 'node20',
      format: 'esm',
      external: ['onnxruntime-web', 'webgpu', 'pdfjs-dist'],
    },
  },
};

/** @param {string} name */
const metaFile = (name) => path.join(root, 'dist/meta', `${name}.json`);

/**
 * @param {string} name
 * @param {boolean} production
 * @returns {esbuild.BuildOptions}
 */
function optionsOf(name, production) {
  const target = targets[name];
  if (!target) throw new Error(`Unknown target "${name}"; there are ${Object.keys(targets).join(', ')}.`);
  return {
    absWorkingDir: root,
    bundle: true,
    // Modules before CommonJS, also for Node: some packages' CommonJS cannot be bundled.
    mainFields: target.options.platform === 'node' ? ['module', 'main'] : ['browser', 'module', 'main'],
    // For Node the package names its CommonJS only.
    alias: { yaml: './node_modules/yaml/browser/index.js' },
    metafile: true,
    minify: production,
    sourcemap: !production,
    loader: { '.wgsl': 'text', '.css': 'text' },
    define: { 'process.env.NODE_ENV': '"production"', ...target.options.define },
    // Without it functions lose their names in stack traces of minified bundles.
    keepNames: true,
    logLevel: 'warning',
    ...target.options,
  };
}

/** @param {string} name */
async function copyFiles(name) {
  for (const { from, to } of targets[name]?.copy ?? []) {
    await mkdir(path.dirname(path.join(root, to)), { recursive: true });
    await copyFile(from, path.join(root, to));
  }
}

/**
 * True if any file that the bundle was made from is newer than it, or none was made yet.
 * @param {string} name
 */
async function isStale(name) {
  try {
    const built = (await stat(metaFile(name))).mtimeMs;
    const meta = JSON.parse(await readFile(metaFile(name), 'utf8'));
    // `api:vscode` is no file.
    const files = Object.keys(meta.inputs).filter((f) => !f.includes(':'));
    const inputs = [...files, 'build.mjs', 'package-lock.json'];
    const times = await Promise.all(inputs.map(async (f) => (await stat(path.join(root, f))).mtimeMs));
    return times.some((t) => t > built);
  } catch {
    return true;
  }
}

/**
 * @param {string[]} names targets; all if empty
 * @param {{ production?: boolean, ifStale?: boolean, quiet?: boolean }} options
 */
export async function build(names = [], { production = false, ifStale = false, quiet = false } = {}) {
  for (const name of names.length > 0 ? names : Object.keys(targets)) {
    const options = optionsOf(name, production);
    if (ifStale && !(await isStale(name))) continue;
    const result = await esbuild.build(options);
    await copyFiles(name);
    await mkdir(path.dirname(metaFile(name)), { recursive: true });
    await writeFile(metaFile(name), JSON.stringify(result.metafile));
    if (quiet) continue;
    for (const [file, { bytes }] of Object.entries(result.metafile?.outputs ?? {})) {
      if (!file.endsWith('.map')) console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);
    }
  }
}

/** @param {string[]} names */
async function watch(names) {
  for (const name of names.length > 0 ? names : Object.keys(targets)) {
    const context = await esbuild.context({ ...optionsOf(name, false), logLevel: 'info' });
    await copyFiles(name);
    await context.watch();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flags = new Set(process.argv.slice(2).filter((a) => a.startsWith('--')));
  const names = process.argv.slice(2).filter((a) => !a.startsWith('--'));
  try {
    if (flags.has('--watch')) await watch(names);
    else {
      await build(names, {
        production: flags.has('--production'),
        ifStale: flags.has('--if-stale'),
        quiet: flags.has('--quiet'),
      });
    }
  } catch (error) {
    // esbuild has printed its own errors, with their places.
    if (!(error instanceof Error && 'errors' in error)) console.error(String(error));
    process.exitCode = 1;
  }
}
