/** What was waited for can not come any more. */
export class Failure extends Error {}

/**
 * Asks again and again until the answer is one, and returns it.
 *
 * @throws after `timeoutMs`, saying what was waited for and, where `probe` threw, the last reason; at once where
 *   `probe` throws a `Failure`.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let reason: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Failure) throw error;
      reason = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs / 1000} s in vain: ${what}`, { cause: reason });
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Text as a reader sees it: the editor shows every space as a no-break one, or as a middle dot. */
export function plain(text: string): string {
  return text.replace(/[\u00a0\u00b7]/g, ' ');
}
