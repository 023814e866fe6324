import type { Engine } from '../memmamba/engine.js';

/** A device that takes longer than this for one segment is slow enough to be measured by it. */
const LONG_MS = 1500;

/**
 * Tokens a second at which an engine reads, measured on two segments; the first, which compiles and allocates,
 * counts only where it takes long. What is read is of no matter to the time.
 */
export async function readingSpeed(engine: Engine, signal?: AbortSignal): Promise<number> {
  const state = engine.createState();
  try {
    const tokens = Uint32Array.from({ length: engine.segmentLength }, (_, i) => i % engine.config.vocabSize);
    let ms = 0;
    for (let pass = 0; pass < 2 && ms < LONG_MS; pass++) {
      const start = performance.now();
      await engine.forward(state, tokens, { trace: true, ...(signal && { signal }) });
      ms = performance.now() - start;
    }
    return (tokens.length / Math.max(ms, 0.01)) * 1000;
  } finally {
    state.dispose();
  }
}
