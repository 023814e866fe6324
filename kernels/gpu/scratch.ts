/**
 * Buffers for what one operator's dispatches hand to each other. A buffer can be given back as soon as the
 * last dispatch that uses it is recorded, and be handed out again at once. Command buffers run one after
 * another, and no operator expects anything in a buffer that it takes.
 */
export class Scratch {
  readonly #device: GPUDevice;

  readonly #free: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer of at least `bytes`, contents undefined, for storage and copies. */
  take(bytes: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return (
      this.#reuse(bytes, usage) ?? this.#device.createBuffer({ label: 'scratch', size: bucket(bytes), usage })
    );
  }

  /** A buffer of at least `bytes` for uniforms. */
  takeUniform(bytes: number): GPUBuffer {
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    return (
      this.#reuse(bytes, usage) ??
      this.#device.createBuffer({ label: 'uniforms', size: bucket(bytes), usage })
    );
  }

  giveBack(buffer: GPUBuffer): void {
    this.#free.push(buffer);
  }

  /** Destroys the buffers that nobody holds. */
  dispose(): void {
    for (const buffer of this.#free.splice(0)) buffer.destroy();
  }

  /** The smallest free buffer that fits and is not wastefully large. */
  #reuse(bytes: number, usage: number): GPUBuffer | undefined {
    let best = -1;
    this.#free.forEach((buffer, i) => {
      if (buffer.usage !== usage || buffer.size < bytes || buffer.size > 4 * bucket(bytes)) return;
      if (best < 0 || buffer.size < this.#free[best]!.size) best = i;
    });
    return best < 0 ? undefined : this.#free.splice(best, 1)[0];
  }
}

/** Sizes grow by powers of two, so that segments of slightly different length share their buffers. */
function bucket(bytes: number): number {
  return Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
}
