import type { Readable, Writable } from 'node:stream';
import type { ReadProgress } from '../document/index.js';
import type { ChosenEngine } from '../memmamba/create-engine.js';
import { runBatch } from './batch.js';
import { HELP, parseCommandLine, type Invocation } from './command-line.js';
import { perform, type Workplace } from './commands.js';
import { Documents } from './documents.js';
import { startEngine } from './engine.js';
import { UsageError } from './errors.js';
import { openModel } from './model-folder.js';
import { describe } from './print.js';
import { messageOf } from '../../kernels/message.js';

/** Exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What the runner reads from and writes to. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Errors go here, and where it `isTTY`, how far the model has read. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/**
 * Does what a command line says and returns the exit code. An error is written to `stderr`.
 *
 * @param signal ends what is going on
 */
export async function runTerminal(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    await run(parseCommandLine(args), terminal, signal);
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    const isUsage = error instanceof UsageError;
    await write(terminal.stderr, `memmamba: ${messageOf(error)}\n${isUsage ? 'Try --help.\n' : ''}`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

async function run(invocation: Invocation, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const print = (line: string) => write(terminal.stdout, `${line}\n`);
  if (invocation.kind === 'help') {
    await print(HELP.trimEnd());
    return;
  }
  const workplace = await open(invocation, terminal, signal);
  try {
    if (invocation.kind === 'batch') {
      await runBatch(terminal.stdin, workplace, print);
    } else {
      const outcome = await perform(invocation.request, workplace);
      await print(invocation.json ? JSON.stringify(outcome.result) : describe(outcome));
    }
  } finally {
    workplace.documents.dispose();
    await workplace.dispose();
  }
}

async function open(
  invocation: Exclude<Invocation, { kind: 'help' }>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Workplace & { dispose(): Promise<void> }> {
  const { model: name, engine: option, pool, budget, format } = invocation.settings;
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
    ...(showsProgress(invocation, terminal) && { onProgress: progressOn(terminal.stderr) }),
  });
  const dispose = async () => {
    await live?.then((started) => started.engine.dispose()).catch(() => undefined);
  };
  return { engine, chosen, tokenizer, documents, pool, stdin: terminal.stdin, signal, dispose };
}

function showsProgress(invocation: Invocation, { stderr }: Terminal): boolean {
  return stderr.isTTY === true && invocation.kind === 'one' && !invocation.json;
}

function progressOn(stderr: Writable) {
  return (name: string, { bytes, totalBytes, tokensPerSecond }: ReadProgress): void => {
    const isDone = totalBytes !== undefined && bytes >= totalBytes;
    const share = totalBytes === undefined ? `${bytes} bytes` : `${Math.floor((100 * bytes) / totalBytes)} %`;
    const rate = Math.round(tokensPerSecond);
    stderr.write(isDone ? '\r\x1b[K' : `\rReading ${name}: ${share}, ${rate} tokens/s\x1b[K`);
  };
}

/** Writes a text and waits until it is taken. */
function write(to: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
