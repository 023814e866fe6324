import { askMemory } from '../answers/recall/ask-memory.js';
import { replyToText } from '../answers/recall/reply-to-text.js';
import { cleanQuestion } from '../answers/clean-question.js';
import { lookUp } from '../answers/look-up.js';
import { NONE } from '../answers/no-answer.js';
import type { Pointed } from '../answers/pointed.js';
import { pointAt } from '../answers/reader/point-at.js';
import { fidelityOf } from '../fidelity/memory-fidelity.js';
import { poolEntriesOf } from '../fidelity/pool-entries.js';
import { TokenRetentions } from '../fidelity/token-retention.js';
import { DocumentReading, type ReadingOptions } from '../reading/document-reading.js';
import type { DocumentText } from '../reading/document-text.js';
import { layoutOf, type KnownLayout, type Layout } from '../reading/layout.js';
import { abortable } from '../scheduling/abortable.js';
import { inPieces } from '../scheduling/each-piece.js';
import { nextTurn } from '../scheduling/next-turn.js';
import type { AskOptions, PointAtOptions, ReadOptions } from '../staged/readable.js';
import { askReader, SHOWN } from './ask-reader.js';
import { PassageSearch, type PassageQuery } from '../search/passage-search.js';
import { cautionOf } from '../summary/caution.js';
import { keyTermsOf } from '../summary/key-terms.js';
import { noteEvidenceOf } from '../summary/note-evidence.js';
import { sentenceWeightsOf } from '../summary/sentence-weights.js';
import { summaryOf, type NoteEvidence } from '../summary/summary.js';
import type { Span } from '../text/span.js';
import type {
  Answer,
  Coverage,
  DocumentMemory,
  Fidelity,
  Passage,
  PoolEntry,
  Summary,
  TokenRetention,
} from './types.js';

export type { ReadingOptions as DocumentMemoryOptions } from '../reading/document-reading.js';

/** The {@link DocumentMemory} over an engine and a tokenizer. */
export class MemMambaDocument implements DocumentMemory {
  readonly #options: ReadingOptions;
  readonly #reading: DocumentReading;
  #cuts: readonly number[] = [];
  #known: KnownLayout = {};
  #layout: Layout | undefined;
  #passages: PassageSearch | undefined;
  #retention: TokenRetentions | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#reading = new DocumentReading(options, () => this.#forget());
  }

  get coverage(): Coverage {
    return this.#reading.coverage;
  }

  get length(): number {
    return this.#reading.kept?.text.length ?? 0;
  }

  slice(start: number, end: number): string {
    return this.#reading.kept?.text.slice(start, end) ?? '';
  }

  /** Bytes of main memory that this document takes, its text counted as Latin-1. */
  get byteLength(): number {
    return this.#reading.kept?.byteLength ?? 0;
  }

  async read(text: AsyncIterable<string>, options: ReadOptions = {}): Promise<Coverage> {
    const reading = this.#reading.read(text, options);
    this.#layOut(options);
    return reading;
  }

  async update(text: AsyncIterable<string>, options: ReadOptions = {}): Promise<Coverage> {
    const reading = this.#reading.update(text, options);
    this.#layOut(options);
    return reading;
  }

  async summarize(
    options: { readonly sentences?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Summary> {
    // A cancel that was sent with the request is heard before the work starts.
    await nextTurn();
    const { text, tokens, engine, config } = this.#reading.use();
    const begin = performance.now();
    options.signal?.throwIfAborted();
    const layout = this.#structure();
    const { tokenizer } = this.#options;
    const evidence = (start: number, end: number) => this.evidence(start, end);
    const weights = sentenceWeightsOf(config.name, tokens.salience(0) !== undefined);
    const { overview, sections } = summaryOf(text, layout, evidence, weights, options.sentences);
    const rankOf = (word: string) => tokenizer.idOf(` ${word}`);
    const { coverage } = this;
    const readMs = this.#reading.milliseconds;
    const caution = cautionOf(layout);
    return {
      coverage,
      format: layout.format,
      ...(layout.pieces !== undefined && { pieces: layout.pieces }),
      ...(caution && { caution }),
      engine: engine.name,
      model: config.name,
      overview,
      sections,
      keyTerms: keyTermsOf(text, layout, rankOf, tokenizer.vocabSize * 4),
      timing: {
        readMs,
        analyseMs: performance.now() - begin,
        tokensPerSecond: readMs > 0 ? (coverage.tokens / readMs) * 1000 : 0,
      },
    };
  }

  async passages(options: PassageQuery): Promise<readonly Passage[]> {
    if (options.query.trim() === '') throw new Error('The query is empty; type a few words to look for.');
    return this.#search().find(options);
  }

  async prepare(): Promise<void> {
    let isDone = false;
    do {
      await nextTurn();
      // Each step looks at what is there, so an edit between two of them is no harm.
      if (!this.#reading.isReady) return;
      if (this.#layout) isDone = this.#search().prepareSome();
      else this.#structure();
    } while (!isDone);
  }

  async ask(options: AskOptions): Promise<Answer> {
    const { memoryOnly = false, signal, onRefine } = options;
    const question = cleanQuestion(options.question);
    const kept = this.#reading.use();
    const { tokenizer } = this.#options;
    const recall = () => askMemory(kept, tokenizer, question, signal);
    if (memoryOnly) return recall();
    if (kept.text.length === 0) {
      return { answer: NONE, verified: false, lookedUp: true, evidence: [], passages: [] };
    }
    const layout = this.#structure();
    if (kept.engine.heads.reader) {
      return askReader(
        {
          ...{ layout, search: this.#search(), recall: async () => shownIn(layout, await recall()) },
          lineOf: (offset) => kept.text.lines.lineOf(offset),
          marginWeight: kept.engine.calibration.passages.reader,
          pointAt: (texts, recalled, onRead) => this.#pointAt({ question, texts, recalled, signal, onRead }),
        },
        { question, signal, onRefine },
      );
    }
    const answer = await lookUp({
      question,
      ...lookedUpIn(kept.text, layout, await recall()),
      read: (part) => this.answerFrom({ question, text: part, ...(signal && { signal }) }),
      signal,
    });
    return {
      ...answer,
      passages: await this.#search().find({ query: question, top: SHOWN, ...(signal && { signal }) }),
    };
  }

  async pointAt(options: PointAtOptions): Promise<Pointed | undefined> {
    return this.#reading.use().engine.heads.reader ? this.#pointAt(options) : undefined;
  }

  #pointAt({ question, texts, ...options }: PointAtOptions): Promise<Pointed> {
    const { session } = this.#reading.use();
    const { tokenizer } = this.#options;
    return abortable(
      session.run(async (engine) => {
        const { calibration } = engine;
        return pointAt(
          { reader: await engine.openReader(), tokenizer, calibration },
          question,
          texts,
          options,
        );
      }),
      options.signal,
    );
  }

  answerFrom(options: {
    readonly question: string;
    readonly text: string;
    readonly signal?: AbortSignal;
  }): Promise<string> {
    const { question, text, signal } = options;
    const { session } = this.#reading.use();
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
    const kept = this.#reading.use();
    this.#retention ??= new TokenRetentions(kept);
    return this.#retention.of(options.start, options.end, options.signal);
  }

  pool(options: { readonly live?: boolean } = {}): readonly PoolEntry[] {
    const { kept } = this.#reading;
    return kept ? poolEntriesOf(kept, options.live ?? false) : [];
  }

  fidelity(options: { readonly signal?: AbortSignal } = {}): Promise<Fidelity> {
    const { session, points, tokens } = this.#reading.use();
    const { signal } = options;
    const ids = (from: number, to: number) => tokens.ids(from, to);
    return abortable(
      session.run((engine) =>
        fidelityOf(engine, points, session.position, ids, { pool: session.pool, signal }),
      ),
      signal,
    );
  }

  /** What the model thought of a range of text. */
  evidence(start: number, end: number): NoteEvidence {
    return noteEvidenceOf(this.#reading.use(), start, end);
  }

  dispose(): void {
    this.#reading.dispose();
    this.#forget();
  }

  /** Drops what was made of the document as it was read. */
  #forget(): void {
    this.#layout = undefined;
    this.#passages = undefined;
    this.#retention = undefined;
  }

  /** Takes how the text is to be laid out, which may be another way than before though the text is the same. */
  #layOut({ cuts = [], blocks, format }: ReadOptions): void {
    const isSame =
      blocks === this.#known.blocks &&
      format === this.#known.format &&
      cuts.length === this.#cuts.length &&
      cuts.every((cut, i) => cut === this.#cuts[i]);
    if (isSame) return;
    this.#cuts = cuts;
    this.#known = { blocks, format };
    this.#layout = undefined;
    this.#passages = undefined;
  }

  #structure(): Layout {
    return (this.#layout ??= layoutOf(this.#reading.use().text, this.#cuts, this.#known));
  }

  #search(): PassageSearch {
    return (this.#passages ??= new PassageSearch(
      this.#reading.use(),
      this.#structure(),
      this.#options.tokenizer,
    ));
  }
}

/**
 * What an answer is looked up in: the text as it is read, its structure, and the way back to the source where the two
 * are not the same.
 */
function lookedUpIn(text: DocumentText, structure: Layout, remembered: Answer) {
  const { decoded } = structure;
  const lineOf = (offset: number) => text.lines.lineOf(offset);
  if (decoded.edits === 0 && !decoded.outer) return { remembered, text: text.pieces(), structure, lineOf };
  const locate = ({ start, end }: Span) => {
    const place = decoded.toSource(start, end);
    return { ...place, line: lineOf(place.start) };
  };
  return {
    remembered: shownIn(structure, remembered),
    text: inPieces(decoded.text),
    locate,
    structure,
    lineOf,
  };
}

/** What was recalled, its evidence as it is read. */
function shownIn({ decoded }: Layout, remembered: Answer): Answer {
  if (decoded.edits === 0 && !decoded.outer) return remembered;
  const evidence = remembered.evidence.map((passage) => {
    return { ...passage, text: decoded.shown(passage.start, passage.end).trim() };
  });
  return { ...remembered, evidence };
}
