import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { repository } from '../hosts/repository.js';

/** A package whose code is inside a bundle of the extension. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package states it. */
  readonly license: string;
  /** Home of its sources, where stated. */
  readonly home: string;
  /** Its licence files, whole. */
  readonly texts: readonly string[];
}

/** The bundles that go into the .vsix; the terminal runner is not shipped. */
export const BUNDLES = ['extension', 'web', 'summary', 'large-file', 'page', 'worker', 'unpack'] as const;

/**
 * Packages that reach us already bundled inside another one's distribution file, so that esbuild does not see
 * them: package that brings them -> packages.
 */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-web': ['onnxruntime-common'],
};

/** Licences of files that are copied beside a bundle: package that brings them -> folders in it with a LICENSE. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'pdfjs-dist': ['cmaps'],
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
}

/** Folders `node_modules/…` of the packages that esbuild has put into the shipped bundles. */
async function bundledFolders(): Promise<Set<string>> {
  const folders = new Set<string>();
  for (const bundle of BUNDLES) {
    const meta = JSON.parse(await readFile(path.join(repository, 'dist/meta', `${bundle}.json`), 'utf8')) as {
      outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
    };
    for (const output of Object.values(meta.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  for (const folder of [...folders]) {
    for (const inner of INSIDE[path.basename(folder)] ?? []) folders.add(`node_modules/${inner}`);
  }
  return folders;
}

/** Every package inside the shipped bundles, by name. the bundles have to be built first. */
export async function bundledPackages(): Promise<BundledPackage[]> {
  const packages: BundledPackage[] = [];
  for (const folder of await bundledFolders()) {
    const at = path.join(repository, folder);
    const manifest = JSON.parse(await readFile(path.join(at, 'package.json'), 'utf8')) as Manifest;
    const files = (await readdir(at)).filter((f) =>
      /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(f),
    );
    const beside = (BESIDE[manifest.name] ?? []).map((inner) => path.join(inner, 'LICENSE'));
    const texts = await Promise.all(
      [...files.sort(), ...beside].map((f) => readFile(path.join(at, f), 'utf8')),
    );
    const source =
      typeof manifest.repository === 'string' ? manifest.repository : (manifest.repository?.url ?? '');
    packages.push({
      name: manifest.name,
      version: manifest.version,
      license: manifest.license ?? 'see below',
      home: (source || (manifest.homepage ?? '')).replace(/^git\+/, '').replace(/\.git$/, ''),
      texts: texts.map((text) => text.trim().replace(/\r\n/g, '\n')),
    });
  }
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}
