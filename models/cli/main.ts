/**
 * The terminal runner: the same code as in the editor, for scripts, benchmarks and evaluation.
 *
 *   npm run --silent memmamba -- COMMAND FILE [options]
 */
import type { ReadProgress } from '../document/index.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';
import { runBatch } from './batch.js';
import { HELP, parseCommandLine, type Invocation, type Settings } from './command-line.js';
import { perform, type Workplace } from './commands.js';
import { Documents } from './documents.js';
import { startEngine } from './engine.js';
import { UsageError } from './errors.js';
import { openModel } from './model-folder.js';
import { describe } from './print.js';
import { messageOf } from '../../kernels/message.js';

const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const invocation = parseCommandLine(args);
  if (invocation.kind === 'help') {
    await print(HELP.trimEnd());
    return EXIT.done;
  }
  const workplace = await open(invocation.settings, showsProgress(invocation), signal);
  try {
    if (invocation.kind === 'batch') {
      await runBatch(process.stdin, workplace, print);
    } else {
      const outcome = await perform(invocation.request, workplace);
      await print(invocation.json ? JSON.stringify(outcome.result) : describe(outcome));
    }
    return EXIT.done;
  } finally {
    workplace.documents.dispose();
    await workplace.dispose();
  }
}

async function open(
  { model: name, engine: option, pool, budget, format }: Settings,
  progress: boolean,
  signal: AbortSignal,
): Promise<Workplace & { dispose(): Promise<void> }> {
  const model = await openModel(name);
  const { tokenizer } = model;
  let live: Promise<ChosenEngine> | undefined;
  const chosen = () => {
    const current = (live ??= startEngine(option, model));
    const forget = () => {
      if (live === current) live = undefined;
    };
    current.then((started) => started.engine.lost.then(forget), forget);
    return current;
  };
  const engine = async () => (await chosen()).engine;
  const documents = new Documents({
    engine,
    tokenizer,
    pool,
    budget,
    format,
    signal,
    ...(progress && { onProgress: showProgress }),
  });
  const dispose = async () => {
    await live?.then((started) => started.engine.dispose()).catch(() => undefined);
  };
  return { engine, chosen, tokenizer, documents, pool, signal, dispose };
}

function showsProgress(invocation: Invocation): boolean {
  return process.stderr.isTTY && invocation.kind === 'one' && !invocation.json;
}

function showProgress(name: string, { bytes, totalBytes, tokensPerSecond }: ReadProgress): void {
  const isDone = totalBytes !== undefined && bytes >= totalBytes;
  const share = totalBytes === undefined ? `${bytes} bytes` : `${Math.floor((100 * bytes) / totalBytes)} %`;
  process.stderr.write(
    isDone ? '\r\x1b[K' : `\rReading ${name}: ${share}, ${Math.round(tokensPerSecond)} tokens/s\x1b[K`,
  );
}

/** Writes a line to standard output and waits until it is taken. */
function print(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

// npm runs scripts in the package's folder; files are named from where the user stands.
const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
if (script === 'memmamba' && folder !== undefined) process.chdir(folder);

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('Interrupted.')));
// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', () => process.exit(EXIT.done));
try {
  process.exitCode = await main(process.argv.slice(2), interrupt.signal);
} catch (error) {
  if (interrupt.signal.aborted) {
    process.exitCode = EXIT.interrupted;
  } else {
    process.stderr.write(`memmamba: ${messageOf(error)}\n`);
    if (error instanceof UsageError) process.stderr.write('Try --help.\n');
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}
// A GPU device or a runtime's thread may keep the process alive after its work is done.
process.exit();
