import { readFile, stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { notices, noticesFile } from '../../scripts/notices.js';
import { packageExtension } from '../../scripts/package.js';
import { readVsix } from '../hosts/vsix.js';

const MAX_BYTES = 40 * 1000 * 1000;

describe('the packaged extension', () => {
  let vsix: string;
  let files: string[];

  beforeAll(async () => {
    vsix = await packageExtension();
    files = [...(await readVsix(vsix)).keys()];
  });

  it('is at most 40 MB', async () => {
    expect((await stat(vsix)).size).toBeLessThanOrEqual(MAX_BYTES);
  });

  it.each([
    'package.json',
    'package.nls.json',
    'package.nls.zh-cn.json',
    'dist/extension.cjs',
    'dist/web/extension.cjs',
    'dist/webview/page.js',
    'dist/webview/worker.js',
    'dist/webview/largeFile.js',
    'dist/webview/ort-wasm-simd-threaded.asyncify.wasm',
    'models/artifacts/tiny/model.safetensors',
    'models/artifacts/tiny/config.json',
    'models/artifacts/tiny/tokenizer.json',
    'models/artifacts/tiny/checksums.json',
  ])('holds %s', (file) => {
    expect(files).toContain(file);
  });

  it('holds the licence, the notices, the README and the changelog', () => {
    const names = files.map((file) => file.toLowerCase().replace(/\.(md|txt)$/, ''));
    expect(names).toEqual(expect.arrayContaining(['license', 'third_party_notices', 'readme', 'changelog']));
  });

  it('holds no sources, tests, source maps or golden files', () => {
    expect(
      files.filter((f) => /\.(ts|py|map|wgsl)$|(^|\/)(test|golden|node_modules|scripts)\//.test(f)),
    ).toEqual([]);
  });

  it('names in its notices just the packages that are in the bundles', async () => {
    expect(await readFile(noticesFile, 'utf8')).toBe(await notices());
  });
});
