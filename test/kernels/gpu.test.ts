import { describe, expect, it } from 'vitest';
import { BindGroups, type BindGroupEntry } from '../../kernels/gpu/bind-groups.js';
import { createGpu, describeAdapter, requestGpuDevice } from '../../kernels/gpu/device.js';
import type { KernelSource } from '../../kernels/gpu/pipeline.js';
import { readF32, readTensors } from '../../kernels/gpu/readback.js';
import { Recorder } from '../../kernels/gpu/recorder.js';
import { checkDense, columns, createTensor, gpuTensor, tensorBytes } from '../../kernels/gpu/tensor.js';
import { f32, i32, writeUniforms } from '../../kernels/gpu/uniforms.js';
import { openNodeGpu } from '../../kernels/device/node.js';
import { poisoned, runOnGpu, testGpu, upload } from './support/gpu.js';

/** y = factor · x + step, elementwise. */
const AXPY: KernelSource = {
  name: 'axpy',
  code: [
    `struct Params { length: u32, factor: f32, step: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;`,
    `@compute @workgroup_size(LANES)
fn axpy(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.length) { y[id.x] = params.factor * x[id.x] + f32(params.step); }
}`,
  ],
  entryPoint: 'axpy',
  constants: { LANES: 8 },
};

describe('pipeline cache', () => {
  it('compiles the same source once and different constants apart', async () => {
    const { pipelines } = await testGpu();
    const [first, again, other] = await Promise.all([
      pipelines.get(AXPY),
      pipelines.get({ ...AXPY, constants: { LANES: 8 } }),
      pipelines.get({ ...AXPY, constants: { LANES: 16 } }),
    ]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(other.constants.LANES).toBe(16);
  });

  it('shows the faulty line of a shader that does not compile', async () => {
    const { pipelines } = await testGpu();
    const faulty = { ...AXPY, code: ['fn broken() -> u32 {', '  return missing_name;', '}'] };
    await expect(pipelines.get(faulty)).rejects.toThrow(
      /kernel axpy\/axpy does not compile[^]*3 \| {3}return missing_name;\n {16}\^ .*missing_name/,
    );
  });

  it('shows the shader where only the pipeline is at fault', async () => {
    const { pipelines } = await testGpu();
    await expect(pipelines.get({ ...AXPY, entryPoint: 'nowhere' })).rejects.toThrow(
      /axpy\/nowhere does not compile[^]*1 \| const LANES: u32 = 8u;/,
    );
    await expect(pipelines.get({ ...AXPY, constants: { LANES: 1.5 } })).rejects.toThrow(/LANES is 1.5/);
  });
});

describe('recorder', () => {
  it('runs dispatches and copies in order, each with its own uniforms', async () => {
    const gpu = await testGpu();
    const kernel = await gpu.pipelines.get(AXPY);
    const a = upload(gpu, Float32Array.from([1, 2, 3]), 3);
    const b = poisoned(gpu, 3);
    const c = poisoned(gpu, 4);
    await runOnGpu(gpu, (recorder) => {
      recorder.dispatch(kernel, [3, f32(0.5), i32(-1)], { 1: a, 2: b }, [1]);
      recorder.copy(b, 1, c, 2, 2);
      recorder.copy(a, 0, c, 0, 2);
      recorder.dispatch(kernel, [3, f32(10), i32(4)], { 1: a, 2: b }, [1]);
    });
    expect([...(await readF32(gpu, b))]).toEqual([14, 24, 34]);
    expect([...(await readF32(gpu, c))]).toEqual([1, 2, 0, 0.5]);
  });

  it('takes more dispatches than one block of uniforms holds', async () => {
    const gpu = await testGpu();
    const kernel = await gpu.pipelines.get(AXPY);
    const one = upload(gpu, Float32Array.from([1]), 1);
    const out = Array.from({ length: 150 }, () => poisoned(gpu, 1));
    await runOnGpu(gpu, (recorder) => {
      out.forEach((y, i) => recorder.dispatch(kernel, [1, f32(i), i32(0)], { 1: one, 2: y }, [1]));
    });
    const values = (await readTensors(gpu, out)).map((bytes) => new Float32Array(bytes)[0]);
    expect(values).toEqual(out.map((_, i) => i));
  });

  it('is used once, and refuses more workgroups than the device has', async () => {
    const gpu = await testGpu();
    const kernel = await gpu.pipelines.get(AXPY);
    const recorder = new Recorder(gpu);
    const x = poisoned(gpu, 1);
    expect(() => {
      recorder.dispatch(kernel, [1, f32(1), i32(0)], { 1: x, 2: poisoned(gpu, 1) }, [1, 70_000]);
    }).toThrow(/axpy\/axpy: 1 × 70000 workgroups, more than 65535: shorten the segment/);
    recorder.discard();
    expect(() => {
      recorder.submit();
    }).toThrow('this recorder was already submitted or discarded');
  });
});

describe('bind groups', () => {
  it('are made once for what they bind, and the ones used last are kept', async () => {
    const gpu = await testGpu();
    const kernel = await gpu.pipelines.get(AXPY);
    const other = await gpu.pipelines.get({ ...AXPY, constants: { LANES: 16 } });
    const [uniform, x, y] = [gpu.scratch.takeUniform(512), gpu.scratch.take(512), gpu.scratch.take(512)];
    const entries = (offset: number): BindGroupEntry[] => [
      [0, { buffer: uniform, offset, size: 16 }],
      [1, { buffer: x }],
      [2, { buffer: y }],
    ];
    const groups = new BindGroups(gpu.device, 2);
    const first = groups.get(kernel, entries(0));
    expect(groups.get(kernel, entries(0))).toBe(first);
    const second = groups.get(kernel, entries(256));
    expect(second).not.toBe(first);
    expect(groups.get(kernel, entries(0))).toBe(first);
    expect(groups.get(other, entries(0))).not.toBe(first);
    expect(groups.get(kernel, entries(0))).toBe(first);
    expect(groups.get(kernel, entries(256))).not.toBe(second);
    for (const buffer of [uniform, x, y]) gpu.scratch.giveBack(buffer);
  });
});

describe('scratch', () => {
  it('hands a buffer out again, but not a far larger one', async () => {
    const { device } = await testGpu();
    const { scratch } = createGpu(device);
    const small = scratch.take(1000);
    expect(small.size).toBe(1024);
    scratch.giveBack(small);
    expect(scratch.take(900)).toBe(small);
    const large = scratch.take(1 << 20);
    scratch.giveBack(large);
    expect(scratch.take(900)).not.toBe(large);
    expect(scratch.takeUniform(900).usage & GPUBufferUsage.UNIFORM).not.toBe(0);
    scratch.dispose();
  });
});

describe('uniforms', () => {
  it('writes scalars little-endian and refuses what is no u32', () => {
    const view = new DataView(new ArrayBuffer(16));
    expect(writeUniforms(view, 4, [7, f32(1.5), i32(-2)])).toBe(12);
    expect([view.getUint32(4, true), view.getFloat32(8, true), view.getInt32(12, true)]).toEqual([
      7, 1.5, -2,
    ]);
    for (const value of [-1, 0.5, 2 ** 32, NaN]) {
      expect(() => writeUniforms(view, 0, [value])).toThrow(/must be a u32/);
    }
  });
});

describe('tensors', () => {
  it('know the bytes of a view of columns', async () => {
    const gpu = await testGpu();
    const tensor = createTensor(gpu.device, [3, 10]);
    const view = columns(columns(tensor, 2, 8), 1, 4);
    expect(view).toMatchObject({ shape: [3, 4], stride: 10, column: 3 });
    expect(tensorBytes(view)).toBe(4 * (2 * 10 + 3 + 4));
    expect(() => columns(tensor, 7, 4)).toThrow('columns: columns 7 to 11 do not lie within 10');
    expect(() => {
      checkDense('op', 'x', view, 3, 4);
    }).toThrow('op: x must be dense; it is a view of columns');
    expect(() => {
      checkDense('op', 'x', gpuTensor(tensor.buffer, [3, 10], 128), 3, 10);
    }).toThrow('op: x starts at byte 128, not a multiple of 256');
    expect(() => {
      checkDense('op', 'x', gpuTensor(tensor.buffer, [4, 10]), 4, 10);
    }).toThrow('op: x needs 160 bytes of its buffer, which has 120');
  });
});

describe('devices in Node', () => {
  it('have the limits of their adapter, not the defaults', async () => {
    const { adapter, device, name } = await openNodeGpu();
    expect(name).toBe(describeAdapter(adapter));
    expect(device.limits.maxStorageBufferBindingSize).toBe(adapter.limits.maxStorageBufferBindingSize);
    device.destroy();
    expect((await device.lost).reason).toBe('destroyed');
  });

  it('are refused with advice when the adapter was used up', async () => {
    const { adapter, device } = await openNodeGpu();
    await expect(requestGpuDevice(adapter)).rejects.toThrow(/gave no device; if it was used before/);
    device.destroy();
  });
});
