import type { MemMambaConfig } from '../memmamba/config.js';
import type { Engine, ForwardResult, SegmentTrace } from '../memmamba/engine.js';
import { nextTurn } from '../scheduling/next-turn.js';
import { emptySnapshot } from '../memmamba/state.js';
import type { TokenBatch, Tokenizer } from '../tokenizer/index.js';
import { abortable } from '../scheduling/abortable.js';
import { NoteArchive } from '../reading/note-archive.js';
import { cautionOf } from '../summary/caution.js';
import { DocumentText } from '../reading/document-text.js';
import { utf8Length } from '../text/utf8-length.js';
import { fidelityOf } from '../fidelity/memory-fidelity.js';
import { keyTermsOf } from '../summary/key-terms.js';
import { layoutOf, type Layout } from '../reading/layout.js';
import { NoteSearch, type FoundNotes } from '../search/note-search.js';
import { answerOf, reply } from '../answers/recall/recall.js';
import { PassageIndex, type Ranked } from '../search/passage-index.js';
import {
  fuse,
  NOTES_WEIGHT,
  passagesOfGists,
  placesOf,
  rankByNotes,
  snippetOf,
  type GistPassages,
} from '../search/passages.js';
import { NoteLifetimes } from '../reading/note-lifetimes.js';
import { ResumePoints } from '../reading/resume-points.js';
import { RetentionPass } from '../fidelity/retention.js';
import { replyToText } from '../answers/recall/reply-to-text.js';
import { lookUp } from '../answers/look-up.js';
import { salienceOfRange } from '../summary/sentence-salience.js';
import type { ReadOptions } from '../staged/readable.js';
import { sentenceWeightsOf } from '../summary/sentence-weights.js';
import { Session } from '../reading/session.js';
import { summaryOf, type NoteEvidence } from '../summary/summary.js';
import { halvesOf, segmentsOf, type TextSegment } from '../reading/token-segments.js';
import { TokenIndex } from '../reading/token-index.js';
import type { Block } from '../text/block.js';
import { wordAround } from '../text/word-around.js';
import type {
  Answer,
  Coverage,
  DocumentMemory,
  Fidelity,
  Passage,
  PassageMethod,
  PoolEntry,
  Summary,
  TokenRetention,
} from './types.js';

export interface DocumentMemoryOptions {
  /**
   * Gives a live engine: called once before the first use, and again after that engine's device was lost, when
   * it must give another. The memory never disposes an engine; one may serve many documents.
   */
  readonly engine: () => Promise<Engine>;
  readonly tokenizer: Tokenizer;
  /** `off`: the same weights as a plain Mamba, for comparison. Default `on`. */
  readonly pool?: 'on' | 'off';
  readonly limits?: Partial<MemoryLimits>;
}

/** What one document may cost in main memory, besides its text and about 12 bytes a token. */
export interface MemoryLimits {
  /** Bytes of saved states (resume points). Default 192 MiB. */
  readonly snapshotBytes: number;
  /** Bytes of archived gists. Default 64 MiB. */
  readonly archiveBytes: number;
}

const LIMITS: MemoryLimits = { snapshotBytes: 192 << 20, archiveBytes: 64 << 20 };

/**
 * Tokens between saved states while there is room for them, or a segment where that is longer: retention of a
 * word is then one segment read again.
 */
const SPACING = 512;
/** Highest scores of a sentence that stand for it. */
const BEST_NOTES = 3;
const PASSAGES = 10;
/** Passages that are taken into the index between two turns of the event loop. */
const PASSAGES_AT_ONCE = 500;

/** Everything that is kept of a document; made when reading starts, since it depends on the model. */
interface Kept {
  readonly engine: Engine;
  readonly config: MemMambaConfig;
  readonly text: DocumentText;
  readonly tokens: TokenIndex;
  readonly points: ResumePoints;
  readonly life: NoteLifetimes;
  readonly archive: NoteArchive;
  readonly session: Session;
}

/** The {@link DocumentMemory} over an engine and a tokenizer. */
export class MemMambaDocument implements DocumentMemory {
  readonly #options: DocumentMemoryOptions;
  #phase: 'new' | 'reading' | 'read' = 'new';
  #isDisposed = false;
  #kept: Kept | undefined;
  #bytes = 0;
  #isComplete = false;
  #readMs = 0;
  #cuts: readonly number[] = [];
  #blocks: readonly Block[] | undefined;
  #layout: Layout | undefined;
  #index: PassageIndex | undefined;
  #notes: NoteSearch | undefined;
  #placesOfGists: readonly GistPassages[] | undefined;
  #retention: RetentionPass | undefined;

  constructor(options: DocumentMemoryOptions) {
    this.#options = options;
  }

  get coverage(): Coverage {
    return {
      tokens: this.#kept?.session.position ?? 0,
      bytes: this.#bytes,
      complete: this.#isComplete,
    };
  }

  get length(): number {
    return this.#kept?.text.length ?? 0;
  }

  slice(start: number, end: number): string {
    return this.#kept?.text.slice(start, end) ?? '';
  }

  /** Bytes of main memory that this document takes, its text counted as Latin-1. */
  get byteLength(): number {
    const kept = this.#kept;
    if (!kept) return 0;
    return kept.text.length + kept.tokens.byteLength + kept.points.byteLength + kept.archive.byteLength;
  }

  async read(text: AsyncIterable<string>, options: ReadOptions = {}): Promise<Coverage> {
    if (this.#phase !== 'new')
      throw new Error('This document was read already; make a new memory to read it anew, or update it.');
    this.#phase = 'reading';
    this.#cuts = options.cuts ?? [];
    this.#blocks = options.blocks;
    const kept = this.#prepare();
    // Whoever waits below hears of a failure.
    kept.catch(() => undefined);
    return this.#readAll(
      async () =>
        segmentsOf(this.#options.tokenizer, text, (await kept).engine.segmentLength, options.signal),
      options,
      kept,
    );
  }

  async update(text: AsyncIterable<string>, options: ReadOptions = {}): Promise<Coverage> {
    const kept = this.#use();
    this.#phase = 'reading';
    this.#cuts = options.cuts ?? [];
    this.#blocks = options.blocks;
    const { tokens, points } = kept;
    const known = {
      length: tokens.length,
      isSame: (token: number, id: number, start: number) =>
        tokens.id(token) === id && tokens.start(token) === start,
      slice: (start: number, end: number) => kept.text.slice(start, end),
      cutBefore: (token: number, offset: number) => {
        const cut = tokens.cutBefore(token, offset);
        return { token: cut, start: cut === 0 ? 0 : tokens.start(cut) };
      },
      resumeAt: (same: number) => (same === tokens.length ? same : points.at(same).position),
      rewind: (position: number) => this.#rewind(kept, position),
    };
    const { tokenizer } = this.#options;
    const { signal } = options;
    const segments = () =>
      Promise.resolve(segmentsOf(tokenizer, text, kept.engine.segmentLength, signal, known));
    return this.#readAll(segments, options, Promise.resolve(kept));
  }

  async summarize(
    options: { readonly sentences?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Summary> {
    // A cancel that was sent with the request is heard before the work starts.
    await nextTurn();
    const { text, tokens, engine, config } = this.#use();
    const begin = performance.now();
    options.signal?.throwIfAborted();
    const layout = this.#structure();
    const { tokenizer } = this.#options;
    const evidence = (start: number, end: number) => this.evidence(start, end);
    const weights = sentenceWeightsOf(config.name, tokens.salience(0) !== undefined);
    const { overview, sections } = summaryOf(text, layout, evidence, weights, options.sentences);
    const rankOf = (word: string) => tokenizer.idOf(` ${word}`);
    const { coverage } = this;
    const caution = cautionOf(text, layout);
    return {
      coverage,
      ...(caution && { caution }),
      engine: engine.name,
      model: config.name,
      overview,
      sections,
      keyTerms: keyTermsOf(text, layout, rankOf, tokenizer.vocabSize * 4),
      timing: {
        readMs: this.#readMs,
        analyseMs: performance.now() - begin,
        tokensPerSecond: this.#readMs > 0 ? (coverage.tokens / this.#readMs) * 1000 : 0,
      },
    };
  }

  async passages(options: {
    readonly query: string;
    readonly top?: number;
    readonly method?: PassageMethod;
    readonly signal?: AbortSignal;
  }): Promise<readonly Passage[]> {
    const { query, top = PASSAGES, method = 'fused', signal } = options;
    if (query.trim() === '') throw new Error('The query is empty; type a few words to look for.');
    const { text } = this.#use();
    const layout = this.#structure();
    signal?.throwIfAborted();
    const index = () => this.#words(layout);
    const byNotes = () => this.#rankByNotes(query, layout, signal);
    let ranked: readonly Ranked[];
    if (method === 'bm25') ranked = index().search(query);
    else {
      const { by, ranked: notes } = await byNotes();
      ranked = method === 'notes' ? notes : fuse(index().searchWidely(query), notes, NOTES_WEIGHT[by]);
    }
    const isLog = layout.blocks.some(({ kind }) => kind === 'log');
    const isApart = (passage: number) => layout.passages[passage]!.isApart === true;
    return placesOf(ranked, top, isApart).map(({ from, to, score }): Passage => {
      const { start } = layout.passages[from]!;
      const { end } = layout.passages[to]!;
      const words = layout.markup.readable(text.slice(start, end));
      const snippet = snippetOf(words, query, isLog);
      return {
        start,
        end,
        line: text.lines.lineOf(start),
        text: words,
        score,
        snippet: words.slice(snippet.start, snippet.end),
      };
    });
  }

  async prepare(): Promise<void> {
    const steps = this.#preparations();
    do {
      await nextTurn();
      if (this.#isDisposed || this.#phase !== 'read' || !this.#kept) return;
    } while (steps.next().done !== true);
  }

  async ask(options: {
    readonly question: string;
    readonly memoryOnly?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<Answer> {
    const { question, memoryOnly = false, signal } = options;
    if (question.trim() === '') throw new Error('The question is empty.');
    const { session, text, tokens } = this.#use();
    const { tokenizer } = this.#options;
    const { pool } = session;
    const said = await abortable(
      session.onCopy((engine, copy) =>
        reply(engine, copy, tokenizer, question, {
          pool,
          signal,
          read: { length: tokens.length, ids: (from, to) => tokens.ids(from, to) },
          stands: (words) => text.toString().includes(words),
        }),
      ),
      signal,
    );
    const remembered = answerOf(said, question, text, (token) => ({
      start: tokens.start(token),
      end: tokens.end(token),
    }));
    if (memoryOnly) return remembered;
    return lookUp({
      question,
      remembered,
      text: text.pieces(),
      read: (part) => this.answerFrom({ question, text: part, ...(signal && { signal }) }),
      signal,
    });
  }

  answerFrom(options: {
    readonly question: string;
    readonly text: string;
    readonly signal?: AbortSignal;
  }): Promise<string> {
    const { question, text, signal } = options;
    const { session } = this.#use();
    const { tokenizer } = this.#options;
    const { pool } = session;
    return abortable(
      session.run((engine) => replyToText(engine, tokenizer, text, question, { pool, signal })),
      signal,
    );
  }

  async retention(options: {
    readonly start: number;
    readonly end: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly TokenRetention[]> {
    const { session, tokens, points, life, config } = this.#use();
    const { from, to } = tokens.overlapping(options.start, options.end);
    if (from >= to) return [];
    const pass = (this.#retention ??= new RetentionPass(
      points,
      session.position,
      (a, b) => tokens.ids(a, b),
      session.pool,
    ));
    const { signal } = options;
    const segments = await abortable(
      session.run((engine) => pass.range(engine, from, to, signal)),
      signal,
    );
    return segments.flatMap(({ position, count, retention }) => {
      const first = Math.max(from, position);
      const last = Math.min(to, position + count);
      return Array.from({ length: Math.max(0, last - first) }, (_, i): TokenRetention => {
        const token = first + i;
        const layers = Array.from(
          { length: config.nLayer },
          (__, layer) => retention[layer * count + token - position]!,
        );
        return {
          start: tokens.start(token),
          end: tokens.end(token),
          retention: layers.reduce((sum, value) => sum + value, 0) / layers.length,
          layers,
          pool: life.of(token).map(({ layer, enteredAt, leftAt }) => ({ layer, enteredAt, leftAt })),
        };
      });
    });
  }

  pool(options: { readonly live?: boolean } = {}): readonly PoolEntry[] {
    const kept = this.#kept;
    if (!kept) return [];
    const { life, tokens, text } = kept;
    const stays = options.live ? life.stays.filter(({ leftAt }) => leftAt === null) : life.stays;
    return stays.map(({ layer, token, score, enteredAt, leftAt, replacedBy }): PoolEntry => {
      const start = tokens.start(token);
      const end = tokens.end(token);
      const line = text.lines.lineOf(start);
      const word = wordAround((from, to) => text.slice(from, to), start, end);
      return {
        layer,
        token,
        start,
        end,
        line,
        text: text.slice(start, end),
        word: text.slice(word.start, word.end),
        wordStart: word.start,
        score: 1 / (1 + Math.exp(-score)),
        enteredAt,
        leftAt,
        replacedBy,
      };
    });
  }

  fidelity(options: { readonly signal?: AbortSignal } = {}): Promise<Fidelity> {
    const { session, points, tokens } = this.#use();
    const { signal } = options;
    const ids = (from: number, to: number) => tokens.ids(from, to);
    return abortable(
      session.run((engine) =>
        fidelityOf(engine, points, session.position, ids, { pool: session.pool, signal }),
      ),
      signal,
    );
  }

  /**
   * What the model thought of a range of text: its best notes, from the layers that follow the text and those that keep
   * facts alike, how many of them stay, and its salience.
   */
  evidence(start: number, end: number): NoteEvidence {
    const { tokens, text, life } = this.#use();
    const { from, to } = tokens.overlapping(start, end);
    /** The highest, falling. */
    const best: number[] = [];
    let kept = 0;
    for (let token = from; token < to; token++) {
      const score = tokens.textScore(token) + tokens.factScore(token);
      if (best.length < BEST_NOTES || score > best[BEST_NOTES - 1]!) {
        if (best.length === BEST_NOTES) best.pop();
        best.splice(best.findLastIndex((higher) => higher >= score) + 1, 0, score);
      }
      for (const { leftAt } of life.of(token)) if (leftAt === null) kept++;
    }
    const salience = salienceOfRange(tokens, text, start, end);
    return {
      notes: best.reduce((sum, score) => sum + score, 0) / Math.max(1, best.length),
      kept,
      ...(salience !== undefined && { salience }),
    };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#kept?.session.dispose();
    this.#kept = undefined;
    this.#layout = undefined;
    this.#index = undefined;
    this.#notes = undefined;
    this.#placesOfGists = undefined;
    this.#retention = undefined;
  }

  /** Reads segments to their end, or to a cancel. */
  async #readAll(
    segments: () => Promise<AsyncIterable<TextSegment>>,
    options: ReadOptions,
    prepared: Promise<Kept>,
  ): Promise<Coverage> {
    const { signal, totalBytes, onProgress } = options;
    const begin = performance.now();
    try {
      const kept = await abortable(prepared, signal);
      this.#throwIfDisposed();
      this.#isComplete = false;
      const start = performance.now();
      let read = 0;
      for await (const segment of await segments()) {
        await this.#readSegment(kept, segment, signal);
        read += segment.tokens.ids.length;
        const { tokens, bytes } = this.coverage;
        const tokensPerSecond = (read / (performance.now() - start)) * 1000;
        onProgress?.({ tokens, bytes, tokensPerSecond, ...(totalBytes !== undefined && { totalBytes }) });
      }
      this.#isComplete = true;
    } catch (error) {
      // After a cancel what was read stays usable, and the coverage says how much that is.
      if (!signal?.aborted) throw error;
    } finally {
      this.#kept?.archive.finish();
      this.#readMs += performance.now() - begin;
      if (!this.#isDisposed) this.#phase = 'read';
    }
    return this.coverage;
  }

  /**
   * Forgets the tokens from `position` on, which is that of a saved state, or of the end of what was read. Then
   * everything stands as it stood when the token before `position` had just been read.
   */
  async #rewind(kept: Kept, position: number): Promise<void> {
    const { session, points, tokens, text, life, archive, config } = kept;
    const isEnd = position === session.position;
    const snapshot = isEnd ? await session.snapshot() : points.at(position).snapshot;
    this.#throwIfDisposed();
    if (!isEnd) {
      points.rewind(position);
      session.rewind(position);
    }
    const end = position === 0 ? 0 : tokens.end(position - 1);
    this.#bytes -= utf8Length(text.slice(end, text.length));
    text.truncate(end);
    tokens.truncate(position);
    const layers = (snapshot ?? emptySnapshot(config)).layers;
    life.rewind(position, layers);
    archive.rewind(position, layers);
    this.#layout = undefined;
    this.#index = undefined;
    this.#notes = undefined;
    this.#placesOfGists = undefined;
    this.#retention = undefined;
  }

  async #prepare(): Promise<Kept> {
    const { pool = 'on', limits } = this.#options;
    const { snapshotBytes, archiveBytes } = { ...LIMITS, ...limits };
    const engine = await this.#options.engine();
    const { config } = engine;
    const tokens = new TokenIndex();
    const points = new ResumePoints(config.nLayer * config.dInner, SPACING, snapshotBytes);
    // The engine that was just made serves first; after a loss the factory gives the next.
    let first: Engine | undefined = engine;
    const newEngine = () => {
      const ready = first;
      first = undefined;
      return ready ? Promise.resolve(ready) : this.#options.engine();
    };
    const kept: Kept = {
      engine,
      config,
      text: new DocumentText(),
      tokens,
      points,
      life: new NoteLifetimes(config),
      archive: new NoteArchive(config, archiveBytes),
      session: new Session(newEngine, pool, points, (from, to) => tokens.ids(from, to)),
    };
    this.#throwIfDisposed();
    return (this.#kept = kept);
  }

  async #readSegment(kept: Kept, segment: TextSegment, signal: AbortSignal | undefined): Promise<void> {
    const { session, points } = kept;
    const { tokens, text, cuts } = segment;
    const position = session.position;
    const record = ({ trace }: ForwardResult) => {
      this.#record(kept, position, tokens, trace!);
      for (const cut of cuts) kept.tokens.markCut(position + cut);
      kept.text.append(text);
      this.#bytes += utf8Length(text);
    };
    const isRead = await abortable(session.advance(tokens.ids, { trace: true, signal }, record), signal);
    if (!isRead) {
      for (const half of halvesOf(segment)) await this.#readSegment(kept, half, signal);
      return;
    }
    if (points.isDue(session.position)) points.save(await session.snapshot());
  }

  #record(kept: Kept, position: number, tokens: TokenBatch, trace: SegmentTrace): void {
    const { nLayer, factLayers } = kept.config;
    const all = Array.from({ length: nLayer }, (_, layer) => layer);
    const others = all.filter((layer) => !factLayers.includes(layer));
    const length = tokens.ids.length;
    const mean = (layers: readonly number[]) => {
      const sums = new Float64Array(length);
      for (const layer of layers) {
        for (let t = 0, at = layer * length; t < length; t++, at++) sums[t]! += trace.scores[at]!;
      }
      const means = new Float32Array(length);
      for (let t = 0; t < length; t++) means[t] = sums[t]! / layers.length;
      return means;
    };
    kept.tokens.append(
      tokens,
      mean(others.length > 0 ? others : all),
      mean(factLayers.length > 0 ? factLayers : all),
      trace.salience,
    );
    kept.points.accumulate(trace.deltaSums);
    kept.life.record(position, trace);
    kept.archive.record(position, trace);
  }

  #use(): Kept {
    this.#throwIfDisposed();
    if (this.#phase === 'reading')
      throw new Error('The document is still being read; wait, or cancel the reading.');
    if (!this.#kept) throw new Error('The document has not been read yet.');
    return this.#kept;
  }

  #throwIfDisposed(): void {
    if (this.#isDisposed) throw new Error('The memory of this document was closed.');
  }

  #structure(): Layout {
    return (this.#layout ??= layoutOf(this.#use().text, this.#cuts, this.#blocks));
  }

  /** The steps of {@link prepare}; each looks at what is there, so an edit between two of them is no harm. */
  *#preparations(): Generator<void, void, undefined> {
    this.#structure();
    do yield;
    while (!this.#words(this.#structure()).add(PASSAGES_AT_ONCE));
    yield;
    this.#search(this.#use());
    yield;
    this.#places(this.#use(), this.#structure());
  }

  #words(layout: Layout): PassageIndex {
    return (this.#index ??= new PassageIndex(this.#use().text, layout));
  }

  #search({ archive, config, engine }: Kept): NoteSearch {
    return (this.#notes ??= new NoteSearch(archive.layers, engine.retrieval, config.noteDim));
  }

  /** By archive layer, the passages of each gist. */
  #places({ archive, tokens }: Kept, layout: Layout): readonly GistPassages[] {
    return (this.#placesOfGists ??= passagesOfGists(archive, layout, (token) => tokens.start(token)));
  }

  /** Runs the query from a copy of the final state and searches the archive with it. */
  async #rankByNotes(
    query: string,
    layout: Layout,
    signal: AbortSignal | undefined,
  ): Promise<{ by: FoundNotes['by']; ranked: Ranked[] }> {
    const kept = this.#use();
    const { session } = kept;
    const { tokenizer } = this.#options;
    const { pool } = session;
    const found = await abortable(
      session.onCopy((engine, copy) => {
        return this.#search(kept).find(engine, copy, tokenizer, query, { pool, signal });
      }),
      signal,
    );
    return { by: found.by, ranked: rankByNotes(this.#places(kept, layout), found, layout) };
  }
}
