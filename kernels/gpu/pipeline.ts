import { messageOf } from '../message.js';

/** One entry point of a WGSL file, specialised. */
export interface KernelSource {
  /** Name for errors, labels and the cache, for example `selective-scan`. */
  readonly name: string;
  /** WGSL files, concatenated: shared functions first. */
  readonly code: readonly string[];
  readonly entryPoint: string;
  /**
   * `const` values that the WGSL uses and does not declare: sizes and tile sizes. They travel with the
   * kernel, so host and shader cannot disagree.
   */
  readonly constants: Readonly<Record<string, number>>;
}

/** A compiled entry point. */
export interface Kernel {
  readonly name: string;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A shader that did not compile; the message shows the WGSL with line numbers around each fault. */
export class KernelCompileError extends Error {
  constructor(name: string, detail: string) {
    super(`the WebGPU kernel ${name} does not compile on this device:\n${detail}`);
    this.name = 'KernelCompileError';
  }
}

/** Compiles kernels asynchronously and keeps them for the life of the device. */
export class PipelineCache {
  readonly #device: GPUDevice;

  readonly #kernels = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * The compiled kernel of this source, compiled at the first call.
   *
   * @throws {RangeError} if a constant is negative or no integer
   * @throws {KernelCompileError} if the device does not compile the shader
   */
  async get(source: KernelSource): Promise<Kernel> {
    const code = specialise(source);
    const key = `${source.entryPoint}\n${code}`;
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      kernel = compile(this.#device, source, code);
      this.#kernels.set(key, kernel);
      // A failure is not cached: the next caller gets its own error.
      kernel.catch(() => this.#kernels.delete(key));
    }
    return kernel;
  }
}

/** The WGSL with its constants declared in front. */
function specialise({ code, constants }: KernelSource): string {
  const declarations = Object.entries(constants).map(([name, value]) => {
    if (!Number.isInteger(value) || value < 0) throw new RangeError(`the constant ${name} is ${value}`);
    return `const ${name}: u32 = ${value}u;`;
  });
  return [...declarations, ...code].join('\n');
}

async function compile(device: GPUDevice, source: KernelSource, code: string): Promise<Kernel> {
  const { name, entryPoint, constants } = source;
  const label = `${name}/${entryPoint}`;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code });
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === 'error');
  const invalid = await scope;
  if (errors.length > 0 || invalid) {
    const detail = errors.map((error) => excerpt(code, error)).join('\n\n');
    throw new KernelCompileError(label, detail || `${invalid?.message ?? ''}\n\n${numbered(code)}`);
  }
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: 'auto',
      compute: { module, entryPoint },
    });
    return { name, entryPoint, constants, pipeline, layout: pipeline.getBindGroupLayout(0) };
  } catch (cause) {
    const reason = messageOf(cause);
    throw new KernelCompileError(label, `${reason}\n\n${numbered(code)}`);
  }
}

/** The lines around a fault, numbered as the compiler counts them, with a caret below the column. */
function excerpt(code: string, { lineNum, linePos, message }: GPUCompilationMessage): string {
  const first = Math.max(1, lineNum - 3);
  const lines = numbered(code)
    .split('\n')
    .slice(first - 1, lineNum + 2);
  const gutter = ' '.repeat(7 + Math.max(0, linePos - 1));
  lines.splice(lineNum - first + 1, 0, `${gutter}^ ${message}`);
  return lines.join('\n');
}

function numbered(code: string): string {
  return code
    .split('\n')
    .map((line, i) => `${String(i + 1).padStart(4)} | ${line}`)
    .join('\n');
}
