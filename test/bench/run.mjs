/**
 * Bundles a benchmark that imports shaders, which plain Node cannot, and runs it:
 *
 *   node test/bench/run.mjs kernels [OPTIONS]
 */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const name = process.argv[2];
if (name === undefined) {
  console.error('usage: node test/bench/run.mjs NAME [OPTIONS]');
  process.exit(2);
}
const outfile = path.join(root, 'dist/bench', `${name}.mjs`);
await esbuild.build({
  absWorkingDir: root,
  entryPoints: [`test/bench/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['esbuild', 'onnxruntime-web', 'webgpu'],
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
});
process.argv.splice(2, 1);
await import(pathToFileURL(outfile).href);
