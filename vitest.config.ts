import { readFile } from 'node:fs/promises';
import { defineConfig, type Plugin } from 'vitest/config';
import { isUnhandledRejection } from './models/packed/pdf/unhandled-rejections.js';

/** Imports a `.wgsl` file as its text, as `build.mjs` does with esbuild's text loader. */
function wgsl(): Plugin {
  return {
    name: 'wgsl-as-text',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.wgsl')) return null;
      return `export default ${JSON.stringify(await readFile(id, 'utf8'))};`;
    },
  };
}

/** Software WebGPU compiles and runs shaders slowly; a test that takes longer than this hangs. */
const DEVICE_TIMEOUT_MS = 180_000;
/** A test in a workbench may read a whole book on the CPU. */
const WORKBENCH_TIMEOUT_MS = 12 * 60_000;

export default defineConfig({
  test: {
    pool: 'forks',
    // Two at once at most: every fork that uses WebGPU or ONNX Runtime fills a core by itself.
    maxWorkers: 2,
    // `npm test` merges what the steps `unit`, `kernels` and `models` ran and holds it to the floor; extension and
    // webview run in workbenches and browsers, where nothing is counted.
    coverage: {
      provider: 'v8',
      include: ['kernels/**/*.ts', 'models/**/*.ts'],
      exclude: ['kernels/simd/assembly/**'],
      reporter: ['text-summary', 'html'],
      thresholds: { statements: 95.5, branches: 88 },
    },
    // The terminal passes over the same errors.
    onUnhandledError: (error) => (isUnhandledRejection(error) ? false : undefined),
    projects: [
      { plugins: [wgsl()], test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        plugins: [wgsl()],
        test: {
          name: 'kernels',
          include: ['test/kernels/**/*.test.ts'],
          testTimeout: DEVICE_TIMEOUT_MS,
          hookTimeout: DEVICE_TIMEOUT_MS,
        },
      },
      {
        plugins: [wgsl()],
        test: {
          name: 'models',
          include: ['test/models/**/*.test.ts'],
          testTimeout: DEVICE_TIMEOUT_MS,
          hookTimeout: DEVICE_TIMEOUT_MS,
        },
      },
      {
        // The engine's page in a browser, with the shipped model; its tests follow each other.
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.ts'],
          testTimeout: DEVICE_TIMEOUT_MS,
          hookTimeout: DEVICE_TIMEOUT_MS,
          fileParallelism: false,
        },
      },
      {
        test: { name: 'package', include: ['test/package/**/*.test.ts'], hookTimeout: DEVICE_TIMEOUT_MS },
      },
      {
        // Each leg drives one workbench through a day of a reader; its tests follow each other.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: WORKBENCH_TIMEOUT_MS,
          hookTimeout: WORKBENCH_TIMEOUT_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
