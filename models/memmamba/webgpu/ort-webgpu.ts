import * as ort from 'onnxruntime-web/webgpu';
import { elementCount, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import type { GraphName } from '../dense.js';
import { EngineUnavailableError } from '../errors.js';
import { Queue } from '../../scheduling/queue.js';
import { messageOf } from '../../../kernels/message.js';

/** ONNX Runtime is one instance a thread, whatever the number of sessions; two runs at once break it. */
const runtime = new Queue();

/** A run that takes longer than this hangs; software adapters compile their first shaders slowly. */
const RUN_TIMEOUT_MS = 120_000;

/** Dense tensors by the names of a graph's inputs or outputs; shapes are the graph's. */
export type GpuFeeds = Readonly<Record<string, GpuTensor>>;

/** Inputs that hold integers. */
const INT_INPUTS: ReadonlySet<string> = new Set(['tokens']);

/**
 * ONNX graphs on ONNX Runtime's WebGPU provider, on the device that our kernels use. Inputs and outputs
 * are our own buffers, so nothing is read back: a run's commands are in the device's queue when it resolves.
 */
export class OrtSessions {
  readonly #sessions: ReadonlyMap<GraphName, ort.InferenceSession>;

  private constructor(sessions: ReadonlyMap<GraphName, ort.InferenceSession>) {
    this.#sessions = sessions;
  }

  /** @throws {EngineUnavailableError} if ONNX Runtime does not start, or a node of a graph would leave the GPU. */
  static async create(
    graphs: ReadonlyMap<GraphName, Uint8Array>,
    { wasm, device }: { readonly wasm: Uint8Array; readonly device: GPUDevice },
  ): Promise<OrtSessions> {
    // Read by the first session of the process only; webviews have no threads to offer.
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = wasm;
    const options = {
      // Exact sizes instead of buckets: segments have one length, and buckets can take gigabytes.
      executionProviders: [{ name: 'webgpu', device, storageBufferCacheMode: 'simple' }],
      preferredOutputLocation: 'gpu-buffer',
      // Fail rather than run a node on the CPU with copies to and fro.
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    } as const;
    const sessions = new Map<GraphName, ort.InferenceSession>();
    try {
      for (const [name, graph] of graphs) {
        sessions.set(name, await runtime.run(() => ort.InferenceSession.create(graph, options)));
      }
    } catch (cause) {
      const reason = messageOf(cause);
      throw new EngineUnavailableError(`ONNX Runtime does not start on this GPU: ${reason}`, { cause });
    }
    return new OrtSessions(sessions);
  }

  /** Records and submits a graph. `feeds` may hold more than its inputs; `outputs` receives all its outputs. */
  async run(name: GraphName, feeds: GpuFeeds, outputs: GpuFeeds): Promise<void> {
    const session = this.#sessions.get(name);
    if (session === undefined) throw new Error(`No dense graph ${name}`);
    const pick = (names: readonly string[], from: GpuFeeds) =>
      Object.fromEntries(
        names.map((key) => {
          const value = from[key];
          if (value === undefined) throw new Error(`Dense graph ${name}: ${key} is missing`);
          return [key, ortTensor(value, INT_INPUTS.has(key) ? 'int32' : 'float32')];
        }),
      );
    const inputs = pick(session.inputNames, feeds);
    const fetches = pick(session.outputNames, outputs);
    await runtime.run(() => withTimeout(session.run(inputs, fetches), name));
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await runtime.run(() => session.release());
  }
}

function ortTensor(tensor: GpuTensor, dataType: 'float32' | 'int32'): ort.Tensor {
  const { buffer, byteOffset, shape, column } = tensor;
  if (byteOffset !== 0 || column !== 0 || tensor.stride !== (shape.at(-1) ?? 1)) {
    throw new RangeError('ONNX Runtime takes dense tensors at the start of their buffer');
  }
  // A too small buffer raises nothing in ONNX Runtime.
  if (buffer.size < 4 * elementCount(shape)) {
    throw new RangeError(`A buffer of ${buffer.size} bytes is too small for (${shape.join(', ')})`);
  }
  return ort.Tensor.fromGpuBuffer(buffer, { dataType, dims: shape });
}

async function withTimeout<T>(work: Promise<T>, name: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`ONNX Runtime gave no answer in ${RUN_TIMEOUT_MS / 1000} s (graph ${name})`));
    }, RUN_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
