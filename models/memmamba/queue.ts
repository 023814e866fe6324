/** Runs tasks one after another in the order of their arrival; a task that fails does not stop the next. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.tail.then(task);
    this.tail = result.catch(() => undefined);
    return result;
  }
}

interface Immediate {
  setImmediate?: (callback: () => void) => void;
}

/**
 * Lets the event loop turn once, so that messages (a cancel among them) are heard between two pieces of
 * synchronous work. `setTimeout` would do, but browsers clamp it to 4 ms when nested.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as Immediate;
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
