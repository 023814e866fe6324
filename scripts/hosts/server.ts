import { spawn } from 'node:child_process';
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
  // A group of its own, so that stopping it also ends the extension hosts it has started.
  const child = spawn(command, args, { env: { ...process.env, ...options.env }, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has ended by itself.
    }
  };
  const stopOnExit = () => signalGroup('SIGKILL');
  process.once('exit', stopOnExit);

  const stop = async () => {
    process.removeListener('exit', stopOnExit);
    if (child.pid === undefined) return;
    signalGroup('SIGTERM');
    const killer = setTimeout(() => signalGroup('SIGKILL'), 5_000);
    await exit;
    clearTimeout(killer);
    signalGroup('SIGKILL');
  };

  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  for (;;) {
    if (ended() || Date.now() > deadline) {
      await stop();
      const why =
        failure?.message ?? (child.exitCode === null ? 'it does not answer' : `exit ${child.exitCode}`);
      throw new Error(`${command} could not be started (${why}):\n${output.slice(-2_000)}`);
    }
    try {
      const response = await fetch(options.url, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) break;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url: options.url, pid: child.pid ?? 0, log: () => output, stop };
}
