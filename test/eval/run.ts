/**
 * Runs an evaluation: `npm run eval -- passkey DATA [options]`. DATA is the folder that holds `eval/`; each
 * script's header lists its options.
 */
import { spawnSync } from 'node:child_process';

const SCRIPTS = [
  'passkey',
  'passkeys',
  'recall',
  'notes',
  'bits-per-byte',
  'summaries',
  'retrieval',
  'fit-summaries',
];
const [name, ...options] = process.argv.slice(2);
if (name === undefined || !SCRIPTS.includes(name) || options.length === 0) {
  console.error(`usage: npm run eval -- ${SCRIPTS.join('|')} DATA [options]`);
  process.exit(2);
}
const { status } = spawnSync('npx', ['tsx', `test/eval/${name}.ts`, ...options], { stdio: 'inherit' });
process.exit(status ?? 1);
