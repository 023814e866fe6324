import * as ort from 'onnxruntime-web/wasm';
import type { GraphName } from './dense.js';
import { Queue } from './queue.js';

/** Where ONNX Runtime finds its WebAssembly: the bytes of `ort-wasm-simd-threaded.wasm`. */
export interface WasmRuntime {
  readonly wasm: Uint8Array;
}

/** ONNX Runtime is one instance a thread, whatever the number of sessions; two runs at once break it. */
const runtime = new Queue();

/** Named arrays with their shapes, the inputs of a dense segment. */
export type Feeds = Readonly<Record<string, ort.Tensor>>;

export function tensor(data: Float32Array | Int32Array, ...shape: number[]): ort.Tensor {
  return data instanceof Int32Array
    ? new ort.Tensor('int32', data, shape)
    : new ort.Tensor('float32', data, shape);
}

/** The dense segments on ONNX Runtime's CPU provider: f32, one thread. */
export class WasmDense {
  private constructor(private readonly sessions: ReadonlyMap<GraphName, ort.InferenceSession>) {}

  static async create(graphs: ReadonlyMap<GraphName, Uint8Array>, { wasm }: WasmRuntime): Promise<WasmDense> {
    // Read by the first session of the process only; webviews have no threads to offer.
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = wasm;
    const sessions = new Map<GraphName, ort.InferenceSession>();
    for (const [name, graph] of graphs) {
      const session = await runtime.run(() =>
        ort.InferenceSession.create(graph, { executionProviders: ['wasm'] }),
      );
      sessions.set(name, session);
    }
    return new WasmDense(sessions);
  }

  /** Runs a graph; `feeds` may hold more than its inputs. Returns its outputs by name. */
  async run(name: GraphName, feeds: Feeds): Promise<Record<string, Float32Array>> {
    const session = this.sessions.get(name);
    if (session === undefined) throw new Error(`No dense graph ${name}`);
    const inputs: Record<string, ort.Tensor> = {};
    for (const input of session.inputNames) {
      const value = feeds[input];
      if (value === undefined) throw new Error(`Dense graph ${name}: input ${input} is missing`);
      inputs[input] = value;
    }
    const outputs = await runtime.run(() => session.run(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([output, value]) => [output, value.data as Float32Array]),
    );
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await runtime.run(() => session.release());
  }
}
