import { DeviceLostError } from './errors.js';

/**
 * Ends what waits for a device as soon as that is lost: such work may never settle. It is no race with a promise of the
 * loss, which would hold on to every result as long as the engine lives.
 */
export class DeviceLoss {
  /** Rejects each piece of work under way. */
  readonly #waiting = new Set<(error: DeviceLostError) => void>();
  #reason: string | undefined;

  /** @param lost resolves with the reason when the device is lost */
  constructor(lost: Promise<string>) {
    void lost.then((reason) => {
      this.#reason = reason;
      for (const reject of this.#waiting) reject(new DeviceLostError(reason));
    });
  }

  get isLost(): boolean {
    return this.#reason !== undefined;
  }

  /** @throws {DeviceLostError} if the device is lost */
  check(): void {
    if (this.#reason !== undefined) throw new DeviceLostError(this.#reason);
  }

  /**
   * Settles as `work` does.
   *
   * @throws {DeviceLostError} as soon as the device is lost
   */
  orLost<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#reason !== undefined) reject(new DeviceLostError(this.#reason));
      this.#waiting.add(reject);
      const done = () => this.#waiting.delete(reject);
      work.then(resolve, reject).then(done, done);
    });
  }
}
