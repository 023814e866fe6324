import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** A server process of ours, with what it printed. */
export interface Server {
  readonly url: string;
  /** Its process, which leads the group of all those that it has started. */
  readonly pid: number;
  /** Everything the server wrote to its output so far. */
  log(): string;
  stop(): Promise<void>;
}

/** A port that is free now, on the loopback interface. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No TCP port is free.');
  return address.port;
}

/** A process that leads a group of its own, so that stopping it also ends the extension hosts it has started. */
class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #output = '';
  #failure: Error | undefined;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv | undefined) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#child.once('error', (error) => (this.#failure = error));
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
    process.once('exit', this.#kill);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get log(): string {
    return this.#output;
  }

  /** Why it does not run any more, or `undefined` while it does. */
  get end(): string | undefined {
    if (this.#failure) return this.#failure.message;
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? undefined : `exit ${exitCode ?? String(signalCode)}`;
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.#kill);
    if (this.#child.pid === undefined) return;
    this.#signal('SIGTERM');
    const killer = setTimeout(this.#kill, 5_000);
    await this.#closed;
    clearTimeout(killer);
    this.#kill();
  }

  readonly #kill = () => this.#signal('SIGKILL');

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // The group has ended by itself.
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

/**
 * Starts a server and waits until it answers on `url`.
 *
 * @throws if it ends or does not answer within `timeoutMs`; the message holds the end of its output.
 */
export async function startServer(
  command: string,
  args: readonly string[],
  options: { url: string; env?: NodeJS.ProcessEnv; timeoutMs?: number },
): Promise<Server> {
  const server = new ServerProcess(command, args, options.env);
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  while (server.end !== undefined || !(await answers(options.url))) {
    if (server.end !== undefined || Date.now() > deadline) {
      const why = server.end ?? 'it does not answer';
      await server.stop();
      throw new Error(`${command} could not be started (${why}):\n${server.log.slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url: options.url, pid: server.pid, log: () => server.log, stop: () => server.stop() };
}
