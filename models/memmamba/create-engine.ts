import { createGpu, describeAdapter, requestGpuDevice } from '../../kernels/gpu/device.js';
import { selfTestKernels } from '../../kernels/self-test/self-test.js';
import { CpuEngine } from './cpu/cpu-engine.js';
import type { Engine, EngineName } from './engine.js';
import { EngineUnavailableError } from './errors.js';
import { WebGpuEngine } from './webgpu/webgpu-engine.js';
import type { MemMambaModel } from './weights.js';
import { messageOf } from '../../kernels/message.js';

/** ONNX Runtime's WebAssembly by file name, read when the WebGPU engine needs it. */
export interface RuntimeFiles {
  read(name: 'ort-wasm-simd-threaded.asyncify.wasm'): Promise<Uint8Array>;
}

/** A WebGPU device of its own, with what is known of its adapter. */
export interface OpenGpu {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  /** The adapter in words. */
  readonly name: string;
  readonly software: boolean;
}

export interface EngineSources {
  readonly model: MemMambaModel;
  readonly runtime: RuntimeFiles;
  /** Opens a new device at every call; rejects, saying why, where there is none. */
  readonly openGpu: () => Promise<OpenGpu>;
}

/** `auto` takes the GPU where it is the better choice; the others force one engine. */
export type EngineChoice = 'auto' | EngineName;

export interface ChosenEngine {
  readonly engine: Engine;
  /** Why this one, in a sentence to show. */
  readonly reason: string;
}

/** No CPU reads as fast as this, in tokens a second; a GPU that does needs no comparison. */
const SURELY_FASTER = 10_000;
/** Below this a longer segment does not change the choice. */
const SURELY_SLOW = 500;
const PROBE_TOKENS = 256;

/**
 * Starts an engine. `auto` passes over software adapters, over a GPU on which a kernel fails its self-test,
 * and over one that reads more slowly than the CPU; then it is the CPU, and the reason says which of these
 * it was.
 *
 * @throws {EngineUnavailableError} if the engine that was asked for cannot run here.
 */
export async function createEngine(choice: EngineChoice, sources: EngineSources): Promise<ChosenEngine> {
  if (choice === 'cpu') {
    return { engine: await cpuEngine(sources), reason: 'The CPU engine was asked for.' };
  }
  if (choice === 'cpu-int8') {
    const engine = await CpuEngine.create(sources.model, { precision: 'int8' });
    return { engine, reason: 'The CPU engine with eight-bit weights was asked for.' };
  }
  if (choice === 'webgpu') {
    const gpu = await sources.openGpu().catch((cause: unknown) => {
      throw new EngineUnavailableError(`WebGPU is not available: ${messageOf(cause)}`, { cause });
    });
    return { engine: await webGpuEngine(sources, gpu), reason: 'The WebGPU engine was asked for.' };
  }
  return automatic(sources);
}

async function automatic(sources: EngineSources): Promise<ChosenEngine> {
  const cpu = async (reason: string): Promise<ChosenEngine> => ({ engine: await cpuEngine(sources), reason });
  let gpu: OpenGpu;
  try {
    gpu = await sources.openGpu();
  } catch (error) {
    return cpu(`WebGPU is not available (${messageOf(error)}), so the CPU reads.`);
  }
  if (gpu.software) {
    gpu.device.destroy();
    return cpu(`The only WebGPU adapter, ${gpu.name}, is software, which the CPU engine outruns.`);
  }
  let engine: WebGpuEngine | undefined;
  try {
    const failed = (await selfTestKernels(createGpu(gpu.device))).filter(({ passed }) => !passed);
    if (failed.length > 0) {
      const names = failed.map(({ kernel }) => kernel).join(', ');
      throw new EngineUnavailableError(`wrong results of ${names}`);
    }
    engine = await webGpuEngine(sources, gpu);
    const speed = await gpuSpeed(engine);
    if (speed >= SURELY_FASTER) {
      return { engine, reason: `${gpu.name} reads about ${round(speed)} tokens a second.` };
    }
    const other = await cpuEngine(sources);
    const cpuSpeed = await tokensPerSecond(other, PROBE_TOKENS);
    const [faster, slower] = cpuSpeed > speed ? [other, engine] : [engine, other];
    await slower.dispose();
    const speeds = `${gpu.name}: about ${round(speed)} tokens a second, the CPU: ${round(cpuSpeed)}`;
    return { engine: faster, reason: `The faster of two (${speeds}).` };
  } catch (error) {
    if (engine) await engine.dispose();
    else gpu.device.destroy();
    return cpu(`${gpu.name} cannot be used (${messageOf(error)}), so the CPU reads.`);
  }
}

function cpuEngine({ model }: EngineSources): Promise<CpuEngine> {
  return CpuEngine.create(model);
}

async function webGpuEngine({ model, runtime }: EngineSources, gpu: OpenGpu): Promise<WebGpuEngine> {
  try {
    return await WebGpuEngine.create(model, {
      wasm: () => runtime.read('ort-wasm-simd-threaded.asyncify.wasm'),
      device: gpu.device,
      description: gpu.name,
      software: gpu.software,
    });
  } catch (error) {
    gpu.device.destroy();
    throw error;
  }
}

/** Speed of a GPU on its own segments, or on a short one where that shows already that it is slow. */
async function gpuSpeed(engine: Engine): Promise<number> {
  const quick = await tokensPerSecond(engine, PROBE_TOKENS);
  return quick < SURELY_SLOW ? quick : tokensPerSecond(engine, engine.segmentLength);
}

/** Speed of an engine on a segment of this length, the second of two, since the first compiles shaders. */
async function tokensPerSecond(engine: Engine, length: number): Promise<number> {
  const tokens = Uint32Array.from({ length }, (_, i) => (i * 7919) % engine.config.vocabSize);
  const state = engine.createState();
  try {
    await engine.forward(state, tokens, { trace: true });
    const start = performance.now();
    await engine.forward(state, tokens, { trace: true });
    return (1000 * length) / (performance.now() - start);
  } finally {
    state.dispose();
  }
}

/**
 * Opens the browser's GPU. An adapter that calls itself a fallback, or is named as one of the known software
 * renderers, counts as software.
 *
 * @throws {Error} saying why there is no device
 */
export async function openBrowserGpu(): Promise<OpenGpu> {
  // Old browsers have no `gpu`, whatever the types say.
  const gpu = (navigator as { readonly gpu?: GPU }).gpu;
  if (gpu === undefined) throw new Error('this browser or editor has no WebGPU');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('WebGPU offers no adapter; hardware acceleration may be off');
  const name = describeAdapter(adapter);
  const software = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(name);
  return { device: await requestGpuDevice(adapter), adapter, name, software };
}

function round(speed: number): string {
  return String(Number(speed.toPrecision(2)));
}
