import type { Services } from '../services.js';

/** Stops what is under way; what was read so far stays. */
export async function cancel({ tasks }: Services): Promise<void> {
  tasks.cancelAll();
}
