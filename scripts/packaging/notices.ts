/**
 * Writes THIRD_PARTY_NOTICES.md from the packages that the bundles really hold.
 *
 *   tsx scripts/packaging/notices.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../build.mjs';
import { append } from '../../models/text/lists.js';
import { repository } from '../hosts/repository.js';
import { BUNDLES, bundledPackages } from './bundled-packages.js';

export const noticesFile = path.join(repository, 'THIRD_PARTY_NOTICES.md');

/** Licence texts for packages that state a licence without including its text. */
async function standardText(license: string): Promise<string> {
  if (license !== 'MIT') throw new Error(`No text at hand for the licence "${license}".`);
  const own = await readFile(path.join(repository, 'LICENSE'), 'utf8');
  // The terms after the copyright line; whose copyright it is stands in the package's own home.
  return own.replace(/Copyright .*\n\n/, '').trim();
}

/** What pdf.js's build brings of core-js, in the words of that itself, with the text of its licence. */
async function coreJs(): Promise<string[]> {
  const build = await readFile(path.join(repository, 'node_modules/pdfjs-dist/legacy/build/pdf.mjs'), 'utf8');
  const [, version, copyright] = /version: '([\d.]+)',[^}]*copyright: '([^']+)'/.exec(build) ?? [];
  if (version === undefined || copyright === undefined) throw new Error('pdf.js does not name its core-js.');
  return [
    `## core-js ${version}`,
    'Licence: MIT · https://github.com/zloirock/core-js · inside pdfjs-dist',
    `\`\`\`text\nCopyright ${copyright}\n\n${await standardText('MIT')}\n\`\`\``,
  ];
}

/** The whole file; the bundles have to be built first. */
export async function notices(): Promise<string> {
  const parts = [
    '# Third-party notices',
    'MemMamba is distributed with the packages below. This file is written by `npm run notices` from the ' +
      'packages that the bundles hold; do not edit it.',
  ];
  const packages = await bundledPackages();
  for (const { name, version, license, home, texts } of packages) {
    parts.push(`## ${name} ${version}`, `Licence: ${license}${home === '' ? '' : ` · ${home}`}`);
    for (const text of texts.length > 0 ? texts : [await standardText(license)]) {
      parts.push(`\`\`\`text\n${text}\n\`\`\``);
    }
  }
  if (packages.some((p) => p.name === 'pdfjs-dist')) append(parts, await coreJs());
  const runtime = packages.find((p) => p.name === 'onnxruntime-web');
  if (runtime) {
    parts.push(
      "ONNX Runtime's binaries hold further components; Microsoft lists them with their licences in " +
        `https://github.com/microsoft/onnxruntime/blob/v${runtime.version}/ThirdPartyNotices.txt`,
    );
  }
  return `${parts.join('\n\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await build([...BUNDLES], { ifStale: true, quiet: true });
  await writeFile(noticesFile, await notices());
  console.log(`Wrote ${path.relative(process.cwd(), noticesFile)}`);
}
