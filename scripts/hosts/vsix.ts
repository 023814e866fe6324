import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';

const PREFIX = 'extension/';

/** Files of a packaged extension: path inside the extension's folder -> contents. A .vsix is a zip archive. */
export async function readVsix(vsix: string): Promise<Map<string, Uint8Array>> {
  const files = unzipSync(await readFile(vsix), { filter: ({ name }) => name.startsWith(PREFIX) });
  return new Map(Object.entries(files).map(([name, data]) => [name.slice(PREFIX.length), data]));
}

/** Unpacks a packaged extension into `folder`, for a host that takes folders only. */
export async function unpackVsix(vsix: string, folder: string): Promise<void> {
  for (const [name, data] of await readVsix(vsix)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data);
  }
}
