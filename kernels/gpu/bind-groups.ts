import type { Kernel } from './pipeline.js';

/** A part of a buffer that a kernel binds, by binding number. */
export type BindGroupEntry = readonly [binding: number, resource: GPUBufferBinding];

/** Groups of a few models' passes over a few segment lengths. */
const MOST_GROUPS = 4096;

/**
 * Bind groups by what they bind. Making one costs more than recording its dispatch, and a model binds the same buffers
 * segment after segment, so they are kept; of too many, those that were not used for the longest time go.
 */
export class BindGroups {
  readonly #device: GPUDevice;
  readonly #most: number;

  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #numbers = new WeakMap<object, number>();
  #objects = 0;

  constructor(device: GPUDevice, most = MOST_GROUPS) {
    this.#device = device;
    this.#most = most;
  }

  get(kernel: Kernel, entries: readonly BindGroupEntry[]): GPUBindGroup {
    let key = String(this.#numberOf(kernel.pipeline));
    for (const [binding, { buffer, offset = 0, size = buffer.size }] of entries) {
      key += `,${binding}:${this.#numberOf(buffer)}:${offset}:${size}`;
    }
    let group = this.#groups.get(key);
    if (group) {
      // The map is in the order of use.
      this.#groups.delete(key);
    } else {
      group = this.#device.createBindGroup({
        label: `${kernel.name}/${kernel.entryPoint}`,
        layout: kernel.layout,
        entries: entries.map(([binding, resource]) => ({ binding, resource })),
      });
      if (this.#groups.size >= this.#most) this.#groups.delete(this.#groups.keys().next().value!);
    }
    this.#groups.set(key, group);
    return group;
  }

  /** Numbers are never used twice, so a new buffer is never taken for one that is gone. */
  #numberOf(object: object): number {
    let number = this.#numbers.get(object);
    if (number === undefined) {
      number = ++this.#objects;
      this.#numbers.set(object, number);
    }
    return number;
  }
}
