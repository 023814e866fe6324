import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Documents of an evaluation set, `FOLDER/eval/NAME.jsonl.xz`, one JSON object a line. */
export async function* documentsOf<T>(folder: string, name: string): AsyncGenerator<T, void, undefined> {
  for await (const line of linesOfXz(path.join(folder, 'eval', `${name}.jsonl.xz`)))
    yield JSON.parse(line) as T;
}

/** Lines of a file compressed with xz. */
export async function* linesOfXz(file: string): AsyncGenerator<string, void, undefined> {
  const xz = spawn('xz', ['--decompress', '--stdout', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    xz.once('error', () => reject(new Error('xz is not installed: sudo apt-get install --yes xz-utils')));
    xz.once('close', resolve);
  });
  // Whoever stops early closes the pipe; then the exit status says nothing.
  ended.catch(() => undefined);
  try {
    for await (const line of createInterface({ input: xz.stdout })) yield line;
  } finally {
    xz.stdout.destroy();
  }
  const status = await ended;
  if (status !== 0) throw new Error(`${file} cannot be read; give the folder that holds eval/ and corpus/.`);
}
