import { gpuTensor, type GpuTensor } from '../../../kernels/gpu/tensor.js';
import type { PoolState } from '../../../kernels/note-pool/note-pool.js';
import type { MemMambaConfig } from '../config.js';
import type { LayerSnapshot, StateSnapshot } from '../engine.js';
import { pendingPositions } from '../state.js';

/** WebGPU binds storage at multiples of this. */
const ALIGNMENT = 256;

const PARTS = ['convTail', 'h', 'positions', 'scores', 'notes', 'pendingScores', 'pendingNotes'] as const;
type Part = (typeof PARTS)[number];

/** One layer's memory in a state buffer. */
export interface LayerState {
  readonly convTail: GpuTensor;
  readonly h: GpuTensor;
  readonly pool: PoolState;
}

/**
 * Where a model state lies in one GPU buffer: per layer the convolution's tail, the scan's state, the pool and
 * the pending chunk, each at a multiple of 256 bytes. One buffer a state makes a clone one copy and a
 * snapshot one read-back.
 */
export class StateLayout {
  readonly #config: MemMambaConfig;

  /** Size of a state buffer. */
  readonly bytes: number;
  readonly #shapes: Readonly<Record<Part, readonly number[]>>;
  readonly #offsets: Readonly<Record<Part, number>>;
  readonly #layerBytes: number;

  constructor(config: MemMambaConfig) {
    this.#config = config;

    const { dConv, dInner, dState, poolSize, noteDim, chunk, nLayer } = config;
    this.#shapes = {
      convTail: [dConv - 1, dInner],
      h: [dInner, dState],
      positions: [poolSize],
      scores: [poolSize],
      notes: [poolSize, noteDim],
      pendingScores: [chunk],
      pendingNotes: [chunk, noteDim],
    };
    const offsets: Partial<Record<Part, number>> = {};
    let end = 0;
    for (const part of PARTS) {
      offsets[part] = end;
      end += Math.ceil((4 * this.#elements(part)) / ALIGNMENT) * ALIGNMENT;
    }
    this.#offsets = offsets as Record<Part, number>;
    this.#layerBytes = end;
    this.bytes = end * nLayer;
  }

  /** The tensors of one layer in a state buffer. */
  layer(buffer: GPUBuffer, layer: number): LayerState {
    const tensor = (part: Part) => gpuTensor(buffer, this.#shapes[part], this.#offset(layer, part));
    return {
      convTail: tensor('convTail'),
      h: tensor('h'),
      pool: {
        positions: tensor('positions'),
        scores: tensor('scores'),
        notes: tensor('notes'),
        pendingScores: tensor('pendingScores'),
        pendingNotes: tensor('pendingNotes'),
      },
    };
  }

  /** The bytes of a state buffer that holds `snapshot`. */
  encode(snapshot: StateSnapshot): ArrayBuffer {
    const bytes = new ArrayBuffer(this.bytes);
    snapshot.layers.forEach(({ convTail, h, pool, pending }, layer) => {
      const put = (part: Part, values: Float32Array) => {
        new Float32Array(bytes, this.#offset(layer, part), values.length).set(values);
      };
      put('convTail', convTail);
      put('h', h);
      new Int32Array(bytes, this.#offset(layer, 'positions'), pool.positions.length).set(pool.positions);
      put('scores', pool.scores);
      put('notes', pool.notes);
      put('pendingScores', pending.scores);
      put('pendingNotes', pending.notes);
    });
    return bytes;
  }

  /** The snapshot in the bytes of a state buffer. */
  decode(bytes: ArrayBuffer, position: number): StateSnapshot {
    const { nLayer, chunk, noteDim } = this.#config;
    const pending = position % chunk;
    const layers = Array.from({ length: nLayer }, (_, layer): LayerSnapshot => {
      const take = (part: Part, elements = this.#elements(part)) =>
        new Float32Array(bytes, this.#offset(layer, part), elements).slice();
      const positions = new Int32Array(bytes, this.#offset(layer, 'positions'), this.#elements('positions'));
      return {
        convTail: take('convTail'),
        h: take('h'),
        pool: { positions: positions.slice(), scores: take('scores'), notes: take('notes') },
        pending: {
          positions: pendingPositions(position, chunk),
          scores: take('pendingScores', pending),
          notes: take('pendingNotes', pending * noteDim),
        },
      };
    });
    return { position, layers };
  }

  #offset(layer: number, part: Part): number {
    return layer * this.#layerBytes + this.#offsets[part];
  }

  #elements(part: Part): number {
    return this.#shapes[part].reduce((product, length) => product * length, 1);
  }
}
