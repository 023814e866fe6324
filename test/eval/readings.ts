import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { NoteArchive, type ArchiveLayer } from '../../models/reading/note-archive.js';
import { NoteSearch, streamsOfQuery, type FoundNotes } from '../../models/search/note-search.js';
import { NoteLifetimes } from '../../models/reading/note-lifetimes.js';
import { salienceOfRange } from '../../models/summary/sentence-salience.js';
import type { NoteEvidence } from '../../models/summary/sentence-score.js';
import { sentenceWeightsOf, type SentenceWeights } from '../../models/summary/sentence-weights.js';
import { TokenIndex } from '../../models/reading/token-index.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { Safetensors } from '../../models/memmamba/safetensors.js';
import type { EngineChoice } from '../../models/memmamba/create-engine.js';
import { startEngine } from '../../models/cli/engine.js';
import { openModel } from '../../models/cli/model-folder.js';
import type { Tokenizer } from '../../models/tokenizer/index.js';

/** Of what is stored: another one makes old files useless. */
const CONTENTS = 5;
/** Git-ignored. */
const CACHE = 'test/.cache/readings';
const ARCHIVE_BYTES = 64 << 20;
/** As in a document's memory: the highest scores of a sentence stand for it. */
const BEST_NOTES = 3;

/** What is stored of one reading; a token, or a gist, a row each. */
interface Stored {
  readonly ids: Uint32Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly text: Float32Array;
  readonly facts: Float32Array;
  readonly kept: Uint8Array;
  /** Of a model with a sentence head. */
  readonly salience: Float32Array | undefined;
  readonly archive: readonly ArchiveLayer[];
  /** By query: of a model with retrieval heads what these read of it, else what it found in the archive. */
  readonly queries: readonly (Float32Array | FoundNotes)[];
}

/** What the model leaves behind of one document. */
export interface Reading {
  evidence(start: number, end: number): NoteEvidence;
  /** Those that the model's summaries are made with. */
  readonly weights: SentenceWeights;
  readonly archive: { readonly layers: readonly ArchiveLayer[] };
  readonly found: readonly FoundNotes[];
  offsetOf(token: number): number;
}

/**
 * Reads documents with the model and remembers on disk what it left behind, by the contents of the text, of the
 * weights and of the queries: reading costs minutes, and comparing ways to use it, or retrieval heads, should not.
 */
export class Readings {
  readonly #engine: Engine;
  readonly #tokenizer: Tokenizer;
  readonly #readBy: string;

  /** @param readBy as `model`, of the weights that reading depends on: without the retrieval heads */
  private constructor(
    engine: Engine,
    tokenizer: Tokenizer,
    /** SHA-256 of the model's configuration and weights, its first 16 digits. */
    readonly model: string,
    readBy: string,
  ) {
    this.#engine = engine;
    this.#tokenizer = tokenizer;
    this.#readBy = readBy;
  }

  static async open(name: string, engine: EngineChoice = 'cpu'): Promise<Readings> {
    const loaded = await openModel(name);
    const { folder, tokenizer } = loaded;
    const config = readFileSync(path.join(folder, 'config.json'));
    const weights = readFileSync(path.join(folder, 'model.safetensors'));
    mkdirSync(CACHE, { recursive: true });
    return new Readings(
      (await startEngine(engine, loaded)).engine,
      tokenizer,
      digest([config, weights]),
      digest([config, ...tensorsWithoutHeads(weights)]),
    );
  }

  /** Number of tokens of a text. */
  lengthOf(text: string): number {
    return this.#tokenizer.encode(text).ids.length;
  }

  async of(text: string, queries: readonly string[] = []): Promise<Reading> {
    const key = digest([JSON.stringify([CONTENTS, this.#readBy, text, queries])], 32);
    const file = path.join(CACHE, key);
    let stored: Stored;
    if (existsSync(file)) stored = deserialize(readFileSync(file)) as Stored;
    else {
      stored = await this.#read(text, queries);
      // Whole or not at all, also where the run is stopped.
      writeFileSync(`${file}.part`, serialize(stored));
      renameSync(`${file}.part`, file);
    }
    return readingOf(stored, text, this.#engine);
  }

  close(): Promise<void> {
    return this.#engine.dispose();
  }

  async #read(text: string, queries: readonly string[]): Promise<Stored> {
    const engine = this.#engine;
    const { config, segmentLength } = engine;
    const { ids, starts, ends } = this.#tokenizer.encode(text);
    const { nLayer, factLayers } = config;
    const all = Array.from({ length: nLayer }, (_, layer) => layer);
    const others = all.filter((layer) => !factLayers.includes(layer));
    const textScores = new Float32Array(ids.length);
    const factScores = new Float32Array(ids.length);
    let salience: Float32Array | undefined;
    const life = new NoteLifetimes(config);
    const archive = new NoteArchive(config, ARCHIVE_BYTES);
    const state = engine.createState();
    for (let at = 0; at < ids.length; at += segmentLength) {
      const part = ids.subarray(at, at + segmentLength);
      const { trace } = await engine.forward(state, part, { trace: true });
      const mean = (layers: readonly number[], t: number) =>
        layers.reduce((sum, layer) => sum + trace!.scores[layer * part.length + t]!, 0) / layers.length;
      for (let t = 0; t < part.length; t++) {
        textScores[at + t] = mean(others, t);
        factScores[at + t] = mean(factLayers, t);
      }
      if (trace!.salience) (salience ??= new Float32Array(ids.length)).set(trace!.salience, at);
      life.record(at, trace!);
      archive.record(at, trace!);
    }
    archive.finish();
    // Heads search when the reading is taken from the store.
    const search =
      engine.retrieval.length > 0 ? undefined : new NoteSearch(archive.layers, [], config.noteDim);
    const options = { pool: 'on' } as const;
    const ofQueries: (Float32Array | FoundNotes)[] = [];
    for (const query of queries) {
      const copy = engine.cloneState(state);
      ofQueries.push(
        search
          ? await search.find(engine, copy, this.#tokenizer, query, options)
          : await streamsOfQuery(engine, copy, this.#tokenizer, query, options),
      );
      copy.dispose();
    }
    state.dispose();
    const live = (token: number) => life.of(token).filter(({ leftAt }) => leftAt === null).length;
    return {
      ids,
      starts: Float64Array.from(starts),
      ends: Float64Array.from(ends),
      text: textScores,
      facts: factScores,
      kept: Uint8Array.from(ids, (_, token) => live(token)),
      salience,
      archive: archive.layers.map(({ count, positions, scores, notes }) => ({
        count,
        positions: positions.slice(0, count + 1),
        scores: scores.slice(0, count),
        notes: notes.slice(0, count * config.noteDim),
      })),
      queries: ofQueries,
    };
  }
}

/** The first digits of the SHA-256 of all parts, one after another. */
function digest(parts: readonly (string | Uint8Array)[], digits = 16): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, digits);
}

/** Name and bytes of every tensor of a safetensors file that is no part of a retrieval head. */
function tensorsWithoutHeads(bytes: Uint8Array): (string | Uint8Array)[] {
  const tensors = new Safetensors(bytes, 'model.safetensors');
  const others = tensors.names.filter((name) => !name.includes('.retrieval.')).sort();
  return others.flatMap((name) => [name, tensors.raw(name)]);
}

function readingOf(stored: Stored, document: string, engine: Engine): Reading {
  const { ids, starts, ends, text, facts, kept, salience, archive, queries } = stored;
  const { name: model, noteDim, dModel } = engine.config;
  // Made ready once, and only where there is something to search for: it measures every gist.
  let search: NoteSearch | undefined;
  const found = queries.map((each) => {
    if (!(each instanceof Float32Array)) return each;
    search ??= new NoteSearch(archive, engine.retrieval, noteDim);
    return search.byHeads(each, dModel);
  });
  const tokens = new TokenIndex();
  tokens.append({ ids, starts, ends }, text, facts, salience);
  return {
    archive: { layers: archive },
    found,
    weights: sentenceWeightsOf(model, salience !== undefined),
    offsetOf: (token) => starts[token]!,
    evidence(start, end) {
      const { from, to } = tokens.overlapping(start, end);
      const scores: number[] = [];
      let live = 0;
      for (let token = from; token < to; token++) {
        scores.push(tokens.textScore(token) + tokens.factScore(token));
        live += kept[token]!;
      }
      const best = scores.sort((a, b) => b - a).slice(0, BEST_NOTES);
      const own = salienceOfRange(tokens, document, start, end);
      return {
        notes: best.reduce((sum, score) => sum + score, 0) / Math.max(1, best.length),
        kept: live,
        ...(own !== undefined && { salience: own }),
      };
    },
  };
}
