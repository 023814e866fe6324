/**
 * Packs the extension into `memmamba-VERSION.vsix`.
 *
 *   tsx scripts/packaging/package.ts
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from '../../build.mjs';
import { BUNDLES } from './bundled-packages.js';
import { repository } from '../hosts/repository.js';

/** Builds and packs; returns the path of the .vsix. */
export async function packageExtension(): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const vsix = path.join(repository, `${manifest.name}-${manifest.version}.vsix`);
  await build([...BUNDLES], { production: true, quiet: true });
  await createVSIX({
    cwd: repository,
    packagePath: vsix,
    // Everything is bundled; and the README's links lead to files that are in the package.
    dependencies: false,
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
  return vsix;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const vsix = await packageExtension();
  const { size } = await stat(vsix);
  console.log(`${path.basename(vsix)}  ${(size / 1e6).toFixed(1)} MB`);
}
