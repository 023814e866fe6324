import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../models/memmamba/shipped-models.js';
import { notices, noticesFile } from '../../scripts/packaging/notices.js';
import { packageExtension } from '../../scripts/packaging/package.js';
import { readVsix } from '../../scripts/hosts/vsix.js';

/** Marketplaces take more; this is what one downloads. The two models are 49 MB of it, what reads PDFs 1.9. */
const MAX_BYTES = 75 * 1000 * 1000;
/** What a model needs to run; its tokenizer may be that of another. */
const MODEL_FILES = ['model.safetensors', 'config.json', 'checksums.json'];

describe('the packaged extension', () => {
  let vsix: string;
  let files: string[];

  beforeAll(async () => {
    vsix = await packageExtension();
    files = [...(await readVsix(vsix)).keys()];
  });

  it('is at most 75 MB', async () => {
    expect((await stat(vsix)).size).toBeLessThanOrEqual(MAX_BYTES);
  });

  it.each([
    'package.json',
    'package.nls.json',
    'package.nls.zh-cn.json',
    'dist/extension.cjs',
    'dist/providers.cjs',
    'dist/web/extension.cjs',
    'dist/webview/page.js',
    'dist/webview/worker.js',
    'dist/webview/large-file.js',
    'dist/webview/unpack.js',
    'dist/webview/cmaps/UniJIS-UTF16-H.bcmap',
    'dist/webview/ort-wasm-simd-threaded.asyncify.wasm',
    'models/artifacts/tiny/tokenizer.json',
    ...SHIPPED_MODELS.flatMap((model) => MODEL_FILES.map((file) => `models/artifacts/${model}/${file}`)),
  ])('holds %s', (file) => {
    expect(files).toContain(file);
  });

  it('loads with every start of the editor what registers, and leaves the rest to the first request', async () => {
    expect((await stat('dist/extension.cjs')).size).toBeLessThan(10_000);
    expect((await stat('dist/providers.cjs')).size).toBeGreaterThan(50_000);
  });

  it.each([...SHIPPED_MODELS])('holds every file of %s that is checked at load', async (model) => {
    const folder = `models/artifacts/${model}`;
    const sums = JSON.parse(await readFile(`${folder}/checksums.json`, 'utf8')) as { files: object };
    const listed = Object.keys(sums.files).map((file) => path.posix.join(folder, file));
    expect(files).toEqual(expect.arrayContaining(listed));
  });

  it('holds the pictures of the walkthrough, in which one can read where it shows them', async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
      contributes: { walkthroughs: { steps: { media: { image: Record<string, string> } }[] }[] };
    };
    const pictures = manifest.contributes.walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(({ media }) =>
        ['light', 'dark', 'hc', 'hcLight'].map((theme) => media.image[theme] ?? ''),
      ),
    );
    expect(pictures.length).toBeGreaterThan(8);
    expect(files).toEqual(expect.arrayContaining(pictures));
    for (const picture of pictures) {
      // The width in a PNG's header. The column is some 500 pixels wide; of a whole window nothing could be read.
      expect((await readFile(picture)).readUInt32BE(16), picture).toBeLessThanOrEqual(760);
    }
  });

  it('holds the licence, the notices, the README and the changelog', () => {
    const names = files.map((file) => file.toLowerCase().replace(/\.(md|txt)$/, ''));
    expect(names).toEqual(expect.arrayContaining(['license', 'third_party_notices', 'readme', 'changelog']));
  });

  it('holds no sources, tests, source maps or golden files', () => {
    expect(
      files.filter((f) =>
        /\.(ts|py|map|wgsl)$|(^|\/)(test|golden|results|master|node_modules|scripts)\//.test(f),
      ),
    ).toEqual([]);
  });

  it('names in its notices just the packages that are in the bundles', async () => {
    expect(await readFile(noticesFile, 'utf8')).toBe(await notices());
  });
});
