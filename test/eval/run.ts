/**
 * Runs an evaluation: `npm run eval -- passkey DATA [options]`. DATA is the folder that holds `eval/`; each
 * script's header lists its options. Scripts are bundled first, since they may import shaders.
 */
import { spawnSync } from 'node:child_process';
import * as esbuild from 'esbuild';

const SCRIPTS = [
  'passkey',
  'passkeys',
  'recall',
  'notes',
  'bits-per-byte',
  'summaries',
  'retrieval',
  'fit-summaries',
  'fit-sentences',
  'sentence-labels',
  'retrieval-features',
  'documents',
  'packed-text',
  'answers',
  'calibrate',
];
const [name, ...options] = process.argv.slice(2);
/** Those that need no data. */
const ALONE = ['documents'];
if (name === undefined || !SCRIPTS.includes(name) || (options.length === 0 && !ALONE.includes(name))) {
  console.error(`usage: npm run eval -- ${SCRIPTS.join('|')} DATA [options]`);
  process.exit(2);
}
const outfile = `dist/eval/${name}.mjs`;
await esbuild.build({
  entryPoints: [`test/eval/${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
});
const { status } = spawnSync('node', [outfile, ...options], { stdio: 'inherit' });
process.exit(status ?? 1);
