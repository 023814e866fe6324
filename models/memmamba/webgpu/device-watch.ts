import { DeviceLoss } from '../device-loss.js';
import type { Tape } from './webgpu-dense.js';

/** Hears of the loss of a device and of what it complains about, for those that work with it. */
export class DeviceWatch {
  /** Resolves with the reason when the device is lost, unless it was closed here. */
  readonly lost: Promise<string>;

  readonly #loss: DeviceLoss;
  #fault: string | undefined;
  #isClosing = false;

  constructor(device: GPUDevice) {
    this.lost = new Promise((resolve) => {
      void device.lost.then(({ message, reason }) => {
        if (!this.#isClosing) resolve(message || reason);
      });
    });
    this.#loss = new DeviceLoss(this.lost);
    device.addEventListener('uncapturederror', (event) => {
      this.#fault ??= event.error.message;
    });
  }

  get isLost(): boolean {
    return this.#loss.isLost;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** The device is about to be destroyed: that is no loss. */
  close(): void {
    this.#isClosing = true;
  }

  /** @throws {DeviceLostError} if the device is lost */
  check(): void {
    this.#loss.check();
  }

  /** Throws what the device has complained about since the last check. */
  checkFault(): void {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw new Error(`The GPU refused a command: ${fault}`);
  }

  /** What `work` gives, or a `DeviceLostError`: what waits for a lost device may never end. */
  async orLost<T>(work: Promise<T> | T): Promise<T> {
    if (!(work instanceof Promise)) return work;
    try {
      return await this.#loss.orLost(work);
    } catch (error) {
      this.check();
      throw error;
    }
  }
}

/**
 * Does what fills a tape; drops what is not submitted if it fails.
 *
 * @throws {Error} what `work` throws
 */
export async function taped(tape: Tape, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tape.discard();
    throw error;
  }
}
