/**
 * The terminal runner: the same code as in the editor, for scripts, benchmarks and evaluation.
 *
 *   npm run --silent memmamba -- COMMAND FILE [options]
 */
import { EXIT, runTerminal } from './terminal.js';

// npm runs scripts in the package's folder; files are named from where the user stands.
const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
if (script === 'memmamba' && folder !== undefined) process.chdir(folder);

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('Interrupted.')));
// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', () => process.exit(EXIT.done));
// A GPU device or a runtime's thread may keep the process alive after its work is done.
process.exit(await runTerminal(process.argv.slice(2), process, interrupt.signal));
