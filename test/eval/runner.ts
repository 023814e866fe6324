import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Options of the terminal runner that every evaluation takes. */
export const RUNNER_OPTIONS = {
  model: { type: 'string', default: 'tiny' },
  engine: { type: 'string', default: 'cpu' },
  pool: { type: 'string', default: 'on' },
} as const;

/** The terminal runner as a process that answers one request after another (`--batch`). */
export class Runner {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(settings: { model: string; engine: string; pool: string; budget?: string }) {
    const { model, engine, pool, budget = 'all' } = settings;
    const built = spawnSync('node', ['build.mjs', 'runner', '--if-stale', '--quiet'], { stdio: 'inherit' });
    if (built.status !== 0) throw new Error('The runner could not be built; run this from the repository.');
    const options = ['--batch', '--model', model, '--engine', engine, '--pool', pool, '--budget', budget];
    this.#process = spawn('node', ['dist/runner.mjs', ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** The answer to one request. */
  async request<T>(fields: { readonly command: string; readonly [option: string]: unknown }): Promise<T> {
    this.#process.stdin!.write(`${JSON.stringify({ id: 0, ...fields })}\n`);
    const next = await this.#answers.next();
    if (next.done === true) throw new Error('The runner ended before it answered.');
    const answer = JSON.parse(next.value) as T & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  close(): void {
    this.#process.stdin!.end();
  }
}
