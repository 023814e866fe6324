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

  const fail = (key: string, expected: string): never => {
    throw new ModelFileError(FILE, `"${key}" must be ${expected}, but is ${JSON.stringify(value[key])}.`);
  };
  const integer = (key: string, least: number): number => {
    const found = value[key];
    return typeof found === 'number' && Number.isSafeInteger(found) && found >= least
      ? found
      : fail(key, `an integer of at least ${least}`);
  };
  const share = (key: string): number => {
    const found = value[key];
    return typeof found === 'number' && found >= 0 && found < 1 ? found : fail(key, 'a number in [0, 1)');
  };

  const nLayer = integer('nLayer', 1);
  const layers = (key: string): number[] => {
    const found = value[key];
    const valid =
      Array.isArray(found) &&
      found.every(
        (layer: unknown) => Number.isInteger(layer) && Number(layer) >= 0 && Number(layer) < nLayer,
      ) &&
      new Set(found).size === found.length;
    return valid ? (found as number[]) : fail(key, `a list of different layers below ${nLayer}`);
  };

  const name = value.name;
  const replacement = value.replacement;
  const normEps = value.normEps;
  return {
    name: typeof name === 'string' && name !== '' ? name : fail('name', 'a non-empty string'),
    nLayer,
    dModel: integer('dModel', 1),
    dInner: integer('dInner', 1),
    dState: integer('dState', 1),
    dConv: integer('dConv', 1),
    dtRank: integer('dtRank', 1),
    vocabSize: integer('vocabSize', 1),
    noteDim: integer('noteDim', 1),
    poolSize: integer('poolSize', 1),
    chunk: integer('chunk', 1),
    nHeads: integer('nHeads', 1),
    headDim: integer('headDim', 1),
    crossLayerEvery: integer('crossLayerEvery', 0),
    tau1: share('tau1'),
    tau2: share('tau2'),
    replacement:
      replacement === 'priority' || replacement === 'fifo'
        ? replacement
        : fail('replacement', '"priority" or "fifo"'),
    factLayers: layers('factLayers'),
    archiveLayers: layers('archiveLayers'),
    normEps:
      typeof normEps === 'number' && normEps > 0 && normEps < 1
        ? normEps
        : fail('normEps', 'a number in (0, 1)'),
  };
}
