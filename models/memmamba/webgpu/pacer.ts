import type { Tape } from './webgpu-dense.js';

/** A submission should take no longer than this on the device: operating systems reset those that hang. */
const SUBMISSION_MS = 50;
/** The queue should hold no more work than this, so that a cancel is heard. */
const QUEUE_MS = 100;
/** A layer that takes this long is worth a submission of its own at the start of a pass. */
const HEAD_START_MS = 0.5;
/** Tokens of a pass whose time says something about others. */
const LONG_PASS = 256;

/**
 * Cuts a pass over the layers into submissions by what a layer took before, and waits for the device where
 * the queue would grow long. Before anything was measured every layer is a submission that is waited for.
 */
export class Pacer {
  readonly #device: GPUDevice;
  readonly #nLayer: number;

  /** Milliseconds that one token takes in one layer; unknown at first. */
  #pace: number | undefined;
  #tokens = 0;
  #begun = 0;
  /** Layers in the tape, and layers submitted that nobody waited for. */
  #taped = 0;
  #queued = 0;
  /** Whether the device has work of this pass. */
  #started = false;

  constructor(device: GPUDevice, nLayer: number) {
    this.#device = device;
    this.#nLayer = nLayer;
  }

  /** A pass begins on an idle device. */
  begin(tokens: number): void {
    this.#tokens = tokens;
    this.#begun = performance.now();
    this.#taped = 0;
    this.#queued = 0;
    this.#started = false;
  }

  /** A layer is in the tape: submits and waits where it is time. */
  layerEnds(tape: Tape): Promise<void> | void {
    this.#taped++;
    const layerMs = this.#pace === undefined ? QUEUE_MS : this.#pace * this.#tokens;
    // The first layer goes ahead, so that the device works while the others are recorded.
    const isFirst = !this.#started && layerMs >= HEAD_START_MS;
    if (!isFirst && (this.#taped + 1) * layerMs <= SUBMISSION_MS) return;
    tape.submit();
    this.#started = true;
    this.#queued += this.#taped;
    this.#taped = 0;
    if ((this.#queued + 1) * layerMs <= QUEUE_MS) return;
    this.#queued = 0;
    return this.#device.queue.onSubmittedWorkDone();
  }

  /** All work of the pass is done; what it took decides on the next. */
  ended(): void {
    const pace = (performance.now() - this.#begun) / (this.#tokens * this.#nLayer);
    // Short passes cost more a token than long ones will.
    if (this.#pace !== undefined && this.#tokens < LONG_PASS) return;
    // The first pass compiles: believe the fastest, but forget it slowly, since devices slow down too.
    this.#pace = this.#pace === undefined ? pace : Math.min(pace, 1.1 * this.#pace);
  }
}
