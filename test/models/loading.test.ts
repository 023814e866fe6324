import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../models/memmamba/errors.js';
import { VerifiedFiles, sha256 } from '../../models/memmamba/files.js';
import { parseConfig } from '../../models/memmamba/parse-config.js';
import { decodeHalf, Safetensors } from '../../models/memmamba/safetensors.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { MICRO, modelFiles, repositoryFile } from '../support/model-files.js';

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function micro(name: string): Promise<Uint8Array> {
  return repositoryFile(`${MICRO}/${name}`);
}

async function microConfig(): Promise<Record<string, unknown>> {
  return JSON.parse(new TextDecoder().decode(await micro('config.json'))) as Record<string, unknown>;
}

/** Files of the micro model with some replaced, and checksums that agree with them. */
async function consistent(changed: Record<string, Uint8Array>) {
  const sums = JSON.parse(new TextDecoder().decode(await micro('checksums.json'))) as {
    files: Record<string, string>;
  };
  for (const [name, bytes] of Object.entries(changed)) sums.files[name] = await sha256(bytes);
  return modelFiles(MICRO, { ...changed, 'checksums.json': text(sums) });
}

describe('loading a model', () => {
  it('reads the micro model', async () => {
    const model = await loadModel(modelFiles(MICRO));
    expect(model.config.name).toBe('micro');
    expect(model.layers).toHaveLength(3);
    expect(model.layers[1]!.crossOut).toBeDefined();
    expect(model.layers[2]!.crossOut).toBeUndefined();
    // The sentence head lies at the archive layers, 0 and 2.
    expect(model.layers.map(({ sentence }) => sentence?.length)).toEqual([32, undefined, 32]);
    expect(model.sentence.map(({ bias }) => bias)).not.toContain(0);
    expect([...model.graphs.keys()].sort()).toEqual(
      ['enter', 'enter_cross', 'first', 'head', 'leave', 'note', 'select'].sort(),
    );
  });

  it.each(['config.json', 'model.safetensors', 'graphs/enter.onnx'])(
    'notices one changed byte in %s',
    async (name) => {
      const bytes = (await micro(name)).slice();
      bytes[bytes.length >> 1]! ^= 1;
      const error = await loadModel(modelFiles(MICRO, { [name]: bytes })).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ModelFileError);
      expect((error as ModelFileError).file).toBe(name);
      expect((error as ModelFileError).message).toMatch(/SHA-256 .* damaged.*[Rr]einstall/s);
    },
  );

  it.each(['checksums.json', 'config.json', 'model.safetensors', 'graphs/head.onnx'])(
    'names %s when it is missing',
    async (name) => {
      const loading = loadModel(modelFiles(MICRO, { [name]: null }));
      await expect(loading).rejects.toThrow(
        new RegExp(`Model file ${name}: it cannot be read.*Reinstall`, 's'),
      );
    },
  );

  it('wants every file listed in checksums.json', async () => {
    const files = modelFiles(MICRO, { 'checksums.json': text({ files: {} }) });
    await expect(loadModel(files)).rejects.toThrow('config.json: it is not listed in checksums.json');
    const malformed = modelFiles(MICRO, { 'checksums.json': text({ files: { 'config.json': 'abc' } }) });
    await expect(VerifiedFiles.open(malformed)).rejects.toThrow('is not a SHA-256');
    const noJson = modelFiles(MICRO, { 'checksums.json': new Uint8Array([1, 2, 3]) });
    await expect(VerifiedFiles.open(noJson)).rejects.toThrow('checksums.json: it is not valid JSON');
  });

  it('wants weights that fit the configuration', async () => {
    const config = { ...(await microConfig()), dState: 8 };
    await expect(loadModel(await consistent({ 'config.json': text(config) }))).rejects.toThrow(
      /model.safetensors: layers\.0\.\S+ has shape \(.*\), but config\.json asks for/,
    );
    const deeper = { ...(await microConfig()), nLayer: 5 };
    await expect(loadModel(await consistent({ 'config.json': text(deeper) }))).rejects.toThrow(
      'it holds no tensor layers.3.',
    );
    const cut = (await micro('model.safetensors')).slice(0, 50_000);
    await expect(loadModel(await consistent({ 'model.safetensors': cut }))).rejects.toThrow('is cut off');
  });

  describe('with a reader beside it', () => {
    const damaged = async () => {
      const bytes = (await micro('reader.safetensors')).slice();
      bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    };

    it('merges it into weights of their own and shares the embedding', async () => {
      const model = await loadModel(modelFiles(MICRO));
      const before = model.trained.layers.map(({ inProj }) => inProj.values.slice());
      const reader = await model.reader!();
      expect(reader.embedding).toBe(model.trained.embedding);
      expect(reader.blocks).toHaveLength(3);
      for (const [layer, { inProj, outProj, norm }] of reader.blocks.entries()) {
        const own = model.trained.layers[layer]!;
        expect(own.inProj.values).toEqual(before[layer]);
        for (const [merged, plain] of [
          [inProj.values, own.inProj.values],
          [outProj.values, own.outProj.values],
          [norm, own.norm],
        ] as const) {
          expect(merged).toHaveLength(plain.length);
          expect(merged).not.toEqual(plain);
        }
      }
    });

    it('reads nothing of it before it is asked for, and says which file is wrong', async () => {
      for (const [bytes, problem] of [
        [null, 'cannot be read'],
        [await damaged(), 'is damaged'],
      ] as const) {
        const { reader } = await loadModel(modelFiles(MICRO, { 'reader.safetensors': bytes }));
        await expect(reader!()).rejects.toThrow(new RegExp(`reader.safetensors.*${problem}`, 's'));
      }
      const wide = await consistent({ 'reader.safetensors': await micro('model.safetensors') });
      await expect((await loadModel(wide)).reader!()).rejects.toThrow('no tensor layers.0.in_proj.down');
    });

    it('is none where the list does not name it', async () => {
      const { files } = JSON.parse(new TextDecoder().decode(await micro('checksums.json'))) as {
        files: Record<string, string>;
      };
      const { 'reader.safetensors': _, ...others } = files;
      const model = await loadModel(modelFiles(MICRO, { 'checksums.json': text({ files: others }) }));
      expect(model.reader).toBeUndefined();
    });
  });

  it.each([
    ['nLayer', 0],
    ['dModel', 1.5],
    ['chunk', '8'],
    ['tau1', 1],
    ['replacement', 'lru'],
    ['archiveLayers', [3]],
    ['factLayers', [1, 1]],
    ['normEps', -1],
    ['name', ''],
  ])('names the key %s of a configuration when it is %j', async (key, value) => {
    const config = { ...(await microConfig()), [key]: value };
    expect(() => parseConfig(config)).toThrow(new RegExp(`config.json: "${key}" must be `));
  });
});

describe('safetensors', () => {
  it('refuses what is not one', () => {
    const parse = (bytes: Uint8Array) => new Safetensors(bytes, 'x.safetensors');
    expect(() => parse(new Uint8Array(4))).toThrow('too short');
    expect(() => parse(new Uint8Array(8).fill(255))).toThrow('header is longer than the file');
    const withHeader = (header: unknown) => {
      const body = text(header);
      const bytes = new Uint8Array(8 + body.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(body.length), true);
      bytes.set(body, 8);
      return bytes;
    };
    expect(() => parse(withHeader([1]))).toThrow('not a JSON object');
    const entry = { dtype: 'BF16', shape: [0], data_offsets: [0, 0] };
    expect(() => parse(withHeader({ a: entry }))).toThrow('a has type BF16');
    expect(() => parse(withHeader({ a: { ...entry, dtype: 'F32', shape: [1] } }))).toThrow(
      'does not fit its shape',
    );
  });

  it('decodes every kind of f16', () => {
    const cases: [number, number][] = [
      [0x0000, 0],
      [0x8000, -0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0400, 2 ** -14],
      [0x03ff, (1023 / 1024) * 2 ** -14],
      [0x0001, 2 ** -24],
      [0x8001, -(2 ** -24)],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x7e00, NaN],
      [0x3555, 0.333251953125],
    ];
    const decoded = decodeHalf(Uint16Array.from(cases, ([bits]) => bits));
    cases.forEach(([, value], i) => {
      expect(decoded[i]).toBe(value);
    });
  });
});
