import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { graphNames, type GraphName } from '../../models/memmamba/dense.js';
import { parseConfig } from '../../models/memmamba/parse-config.js';
import type { TensorSource } from '../../models/memmamba/trained.js';
import { modelOf, type MemMambaModel } from '../../models/memmamba/weights.js';
import { Random } from '../kernels/support/random.js';

/**
 * A model of the shape that `folder`/config.json states, with the graphs beside it and random weights: what a
 * trained model of that shape costs to run, before there is one. Variances keep activations near one; Δ starts
 * in [0.001, 0.1], as Mamba initialises it, so that states decay as in a trained model.
 */
export async function randomModel(folder: string, seed = 1): Promise<MemMambaModel> {
  const config = parseConfig(JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')));
  const graphs = new Map<GraphName, Uint8Array>();
  for (const name of graphNames(config)) {
    graphs.set(name, new Uint8Array(await readFile(path.join(folder, `graphs/${name}.onnx`))));
  }
  return modelOf(config, new RandomTensors(new Random(seed)), graphs);
}

/** Tensors by the rules that their names ask for. */
class RandomTensors implements TensorSource {
  readonly #random: Random;

  readonly names = [];

  constructor(random: Random) {
    this.#random = random;
  }

  take(name: string, ...shape: readonly number[]): Float32Array {
    const count = shape.reduce((product, length) => product * length, 1);
    const uniform = (low: number, high: number) => this.#random.uniform(count, low, high);
    if (/norm\.weight$|\.D$|gate\.bias$/.test(name)) return new Float32Array(count).fill(1);
    if (name.endsWith('score.bias')) return new Float32Array(count);
    if (name.endsWith('A_log'))
      return Float32Array.from({ length: count }, (_, i) => Math.log1p(i % shape[1]!));
    if (name.endsWith('dt_proj.bias')) return uniform(-6.9, -2.3);
    if (name.includes('conv1d')) return uniform(-0.5, 0.5);
    if (name.startsWith('embedding')) return uniform(-1, 1);
    const bound = Math.sqrt(3 / shape.at(-1)!);
    return uniform(-bound, bound);
  }

  matrix(name: string, outputs: number, inputs: number) {
    return { outputs, inputs, values: this.take(name, outputs, inputs) };
  }
}
