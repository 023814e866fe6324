import { describe, expect, it } from 'vitest';
import { dequantized, isInt8, quantized } from '../../kernels/simd/weights.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { sha256 } from '../../models/memmamba/files.js';
import { Safetensors } from '../../models/memmamba/safetensors.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import { prepareSimd } from '../../models/cli/simd.js';
import { Golden, MICRO, modelFiles, repositoryFile } from '../support/model-files.js';

prepareSimd();

const FILE = 'model.safetensors';
/** The matrices that the export turns into eight bits; `memmamba_training.model.quantization` has the same. */
const MATRIX = /^embedding|(in_proj|x_proj|out_proj|summary|attention\.[qkvo])\.weight$/;

interface Tensor {
  readonly dtype: 'F32' | 'I8';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int8Array;
}

function safetensorsOf(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  let size = 0;
  const header: Record<string, object> = {};
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    size += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The micro model with its matrices in eight bits, and the same model with what they stand for in f32. */
async function microFiles(): Promise<Record<'int8' | 'f32', Uint8Array>> {
  const file = await repositoryFile(`${MICRO}/${FILE}`);
  const headerLength = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength))) as Record<
    string,
    { shape: number[] }
  >;
  const source = new Safetensors(file, FILE);
  const [int8, f32] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  for (const name of source.names) {
    const { shape } = header[name]!;
    const data = source.take(name, ...shape);
    if (!MATRIX.test(name)) {
      int8.set(name, { dtype: 'F32', shape, data });
      f32.set(name, { dtype: 'F32', shape, data });
      continue;
    }
    const [outputs, inputs] = shape as [number, number];
    const weights = quantized({ outputs, inputs, values: data });
    int8.set(name, { dtype: 'I8', shape, data: weights.values });
    int8.set(`${name}.step`, { dtype: 'F32', shape: [outputs], data: weights.steps });
    f32.set(name, { dtype: 'F32', shape, data: dequantized(weights).values });
  }
  return { int8: safetensorsOf(int8), f32: safetensorsOf(f32) };
}

async function load(weights: Uint8Array): Promise<MemMambaModel> {
  const sums = JSON.parse(new TextDecoder().decode(await repositoryFile(`${MICRO}/checksums.json`))) as {
    files: Record<string, string>;
  };
  sums.files[FILE] = await sha256(weights);
  const checksums = new TextEncoder().encode(JSON.stringify(sums));
  return loadModel(modelFiles(MICRO, { [FILE]: weights, 'checksums.json': checksums }));
}

async function logits(model: MemMambaModel, precision: 'f32' | 'int8'): Promise<Float32Array> {
  const tokens = (await Golden.read(MICRO)).tokens.subarray(0, 150);
  const engine = await CpuEngine.create(model, { precision, segmentLength: tokens.length });
  const result = await engine.forward(engine.createState(), tokens, { logits: 'all' });
  await engine.dispose();
  return result.logits!;
}

describe('a model in eight bits', () => {
  it('is kept so, and becomes f32 where the GPU wants it', async () => {
    const { int8, f32 } = await microFiles();
    const [small, large] = [await load(int8), await load(f32)];
    expect(isInt8(small.trained.embedding)).toBe(true);
    expect(isInt8(small.trained.layers[1]!.cross!.o)).toBe(true);
    expect(small.embedding).toEqual(large.embedding);
    expect(small.layers).toEqual(large.layers);
  });

  it('gives the same bits on the CPU engine as the f32 that it stands for', async () => {
    const { int8, f32 } = await microFiles();
    expect(await logits(await load(int8), 'f32')).toEqual(await logits(await load(f32), 'f32'));
  });

  it('is used as it is by cpu-int8: rounding what it stands for once more changes no bit', async () => {
    const { int8, f32 } = await microFiles();
    const small = await logits(await load(int8), 'int8');
    expect(small).toEqual(await logits(await load(f32), 'int8'));
    expect(small).not.toEqual(await logits(await load(f32), 'f32'));
  });

  it('needs its steps', () => {
    const data = new Int8Array(6);
    const file = safetensorsOf(new Map([['a', { dtype: 'I8', shape: [2, 3], data }]]));
    expect(() => new Safetensors(file, FILE).matrix('a', 2, 3)).toThrow('it holds no tensor a.step');
    expect(() => new Safetensors(file, FILE).matrix('a', 3, 2)).toThrow('a has shape (2, 3)');
  });
});
