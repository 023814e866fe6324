import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import v8 from 'node:v8';
import { openNodeGpu, type NodeGpu } from '../../kernels/device/node.js';
import type { RuntimeFiles } from '../memmamba/create-engine.js';

/** V8's budget before it recompiles a WebAssembly function with the optimizing compiler: never. */
const TIERING_BUDGET = 1_800_000_000;

/**
 * ONNX Runtime's WebAssembly, from its installed package.
 *
 * The provider for WebGPU only records GPU commands, but it has functions that keep V8's optimizing compiler
 * busy for minutes, and Node's event loop stands still until it is done. So modules that are compiled from
 * here on get a budget that they do not use up; `simd.ts` compiles the CPU's kernels before.
 */
export const nodeRuntimeFiles: RuntimeFiles = {
  async read(name) {
    v8.setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
    return readRuntimeFile(name);
  },
};

/** A file of ONNX Runtime's installed package. */
export async function readRuntimeFile(name: string): Promise<Uint8Array> {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web');
  return new Uint8Array(await readFile(path.join(path.dirname(entry), name)));
}

/**
 * Opens WebGPU in Node for the kernels and for ONNX Runtime's WebGPU provider, which expects a browser: it
 * asks `navigator.gpu` for an adapter, looks for `self`, and uploads from shared memory, which Dawn for Node
 * does not take. `options` are Dawn's.
 */
export async function openOrtGpu(options: readonly string[] = []): Promise<NodeGpu> {
  const gpu = await openNodeGpu(options);
  const scope = globalThis as { self?: unknown };
  scope.self ??= globalThis;
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: {
      userAgent: `Node.js/${process.version}`,
      gpu: { requestAdapter: () => Promise.resolve(gpu.adapter) },
    },
  });
  uploadFromSharedMemory();
  return gpu;
}

let patched = false;

/** Lets `GPUQueue.writeBuffer` take views of a SharedArrayBuffer, as browsers do, by copying them first. */
function uploadFromSharedMemory(): void {
  if (patched) return;
  patched = true;
  const prototype = GPUQueue.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its queue below
  const original = prototype.writeBuffer;
  prototype.writeBuffer = function (buffer, bufferOffset, data, dataOffset = 0, size) {
    const memory: ArrayBufferLike = ArrayBuffer.isView(data) ? data.buffer : data;
    if (!(memory instanceof SharedArrayBuffer)) {
      original.call(this, buffer, bufferOffset, data as GPUAllowSharedBufferSource, dataOffset, size);
      return;
    }
    // Offset and size count elements of a typed array, bytes otherwise.
    const unit = 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
    const start = (ArrayBuffer.isView(data) ? data.byteOffset : 0) + dataOffset * unit;
    const bytes = size === undefined ? data.byteLength - dataOffset * unit : size * unit;
    original.call(this, buffer, bufferOffset, new Uint8Array(memory, start, bytes).slice());
  };
}
