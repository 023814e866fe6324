/** Computes at most once, and again after a failure. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    if (!result) {
      const current = compute();
      result = current;
      current.catch(() => {
        if (result === current) result = undefined;
      });
    }
    return result;
  };
}
