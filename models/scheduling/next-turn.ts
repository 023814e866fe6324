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
