import type { MemMambaConfig } from './config.js';
import { ModelFileError } from './errors.js';
import { isRecord } from './files.js';

const FILE = 'config.json';

/**
 * Checks a parsed `config.json` and returns it typed.
 *
 * @throws {ModelFileError} naming the first key that is missing or out of range.
 */
export function parseConfig(value: unknown): MemMambaConfig {
  if (!isRecord(value)) throw new ModelFileError(FILE, 'it is not a JSON object.');
  const values = new Values(value);
  const nLayer = values.integer('nLayer', 1);
  return {
    name: values.name('name'),
    nLayer,
    dModel: values.integer('dModel', 1),
    dInner: values.integer('dInner', 1),
    dState: values.integer('dState', 1),
    dConv: values.integer('dConv', 1),
    dtRank: values.integer('dtRank', 1),
    vocabSize: values.integer('vocabSize', 1),
    noteDim: values.integer('noteDim', 1),
    poolSize: values.integer('poolSize', 1),
    chunk: values.integer('chunk', 1),
    nHeads: values.integer('nHeads', 1),
    headDim: values.integer('headDim', 1),
    crossLayerEvery: values.integer('crossLayerEvery', 0),
    tau1: values.share('tau1'),
    tau2: values.share('tau2'),
    replacement: values.replacement('replacement'),
    factLayers: values.layers('factLayers', nLayer),
    archiveLayers: values.layers('archiveLayers', nLayer),
    normEps: values.small('normEps'),
  };
}

/** Reads the values of one configuration by their keys. */
class Values {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  integer(key: string, least: number): number {
    const found = this.#values[key];
    return typeof found === 'number' && Number.isSafeInteger(found) && found >= least
      ? found
      : this.#fail(key, `an integer of at least ${least}`);
  }

  /** A number in [0, 1). */
  share(key: string): number {
    const found = this.#values[key];
    return typeof found === 'number' && found >= 0 && found < 1
      ? found
      : this.#fail(key, 'a number in [0, 1)');
  }

  /** A number between 0 and 1. */
  small(key: string): number {
    const found = this.#values[key];
    return typeof found === 'number' && found > 0 && found < 1
      ? found
      : this.#fail(key, 'a number in (0, 1)');
  }

  name(key: string): string {
    const found = this.#values[key];
    return typeof found === 'string' && found !== '' ? found : this.#fail(key, 'a non-empty string');
  }

  replacement(key: string): MemMambaConfig['replacement'] {
    const found = this.#values[key];
    return found === 'priority' || found === 'fifo' ? found : this.#fail(key, '"priority" or "fifo"');
  }

  /** Different layers below `count`. */
  layers(key: string, count: number): number[] {
    const found = this.#values[key];
    const valid =
      Array.isArray(found) &&
      found.every(
        (layer: unknown) => Number.isInteger(layer) && Number(layer) >= 0 && Number(layer) < count,
      ) &&
      new Set(found).size === found.length;
    return valid ? (found as number[]) : this.#fail(key, `a list of different layers below ${count}`);
  }

  #fail(key: string, expected: string): never {
    const found = JSON.stringify(this.#values[key]);
    throw new ModelFileError(FILE, `"${key}" must be ${expected}, but is ${found}.`);
  }
}
