import type { Services } from './services.js';

/** Stops what is under way; what was read so far stays. */
export function cancel({ tasks }: Services): Promise<void> {
  tasks.cancelAll();
  return Promise.resolve();
}
