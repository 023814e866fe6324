import type { PoolEntry } from '../../models/document/types.js';
import { el } from '../elements/dom.js';
import { t } from '../elements/l10n.js';
import type { Memory } from './memory.js';
import { table } from '../elements/table.js';
import { actionLink, checkbox, dropdown, progressRing, slider } from '../elements/toolkit.js';
import type { Panel, PanelState, Reveal } from './panel.js';
import { poolAt, stayOf, wordsOfNotes, type NotedWord } from './pool-slots.js';
import { PoolTimeline } from './pool-timeline.js';
import { count, failure, legendItem, more, quote } from './twin.js';

const ALL = 'all';
/** Dragging ends in a pause; only then are lists drawn anew. */
const SETTLE_MS = 60;

/**
 * Which notes entered which layer's pool, when they left, and what took their place: as a timeline, as the words
 * that the pools held at the point of the document under the slider, and as a table.
 */
export class StatePoolPanel implements Panel {
  readonly #reveal: Reveal;
  readonly element = el('div', { class: 'panel', 'data-panel': 'pool' });
  readonly #timeline: PoolTimeline;
  readonly #words = el('ul', { id: 'pool-words', class: 'chips' });
  readonly #wordsTitle = el('h2', { id: 'pool-words-title' });
  /** Stays where it is while its words change: else no screen reader hears of it. */
  readonly #count = el('p', { id: 'pool-count', role: 'status' });
  readonly #table = el('div');
  readonly #position: ReturnType<typeof slider>;
  #memory: Memory | undefined;
  #entries: readonly PoolEntry[] = [];
  #byToken: ReadonlyMap<string, PoolEntry> = new Map();
  #layer = ALL;
  #hereOnly = false;
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(reveal: Reveal) {
    this.#reveal = reveal;
    this.#timeline = new PoolTimeline({
      onChoose: (entry) => this.#go(entry),
      onMove: (position) => this.#moveTo(position),
      describe: (entry) => this.#describe(entry),
    });
    this.#position = slider('pool-position', t('Point of the document, in tokens'), (value) =>
      this.#moveTo(value),
    );
    this.#words.addEventListener('keydown', (event) => walk(this.#words, event));
  }

  show({ memory }: PanelState): void {
    if (memory === this.#memory && memory) return;
    const isSame = memory !== undefined && memory.document === this.#memory?.document;
    this.#memory = memory;
    if (!memory) {
      this.element.replaceChildren(
        el('p', { class: 'muted' }, t('Read a document first: run “Show State Pool” on it.')),
      );
      return;
    }
    this.element.replaceChildren(progressRing(t('Loading the state pool')));
    memory.engine.request('pool', { document: memory.document }).then(
      (entries) => {
        if (this.#memory === memory) this.#draw(memory, entries, isSame);
      },
      (error: unknown) => {
        if (this.#memory !== memory) return;
        this.element.replaceChildren(failure(error));
        this.#memory = undefined;
      },
    );
  }

  /** @param isSame the document was shown before: what the reader had chosen stays chosen */
  #draw(memory: Memory, entries: readonly PoolEntry[], isSame: boolean): void {
    this.#entries = entries;
    this.#byToken = new Map(entries.map((entry) => [`${entry.layer} ${entry.token}`, entry]));
    const layers = [...new Set(entries.map(({ layer }) => layer))].sort((a, b) => a - b);
    if (!isSame || !layers.includes(Number(this.#layer))) this.#layer = ALL;
    this.#hereOnly = false;
    this.#at = memory.coverage.tokens;
    this.#position.range(memory.coverage.tokens);
    this.element.replaceChildren(
      el('h1', {}, t('State pool of {0}', memory.name)),
      el(
        'p',
        { class: 'muted' },
        t(
          'The notes that each layer kept of the text. A note enters at the end of its chunk and leaves when notes with higher scores need its place.',
        ),
      ),
      this.#toolbar(layers),
      el('h2', {}, t('Timeline')),
      legend(),
      this.#timeline.element,
      this.#position.element,
      this.#wordsTitle,
      this.#words,
      el('h2', {}, t('Notes as a table')),
      el(
        'div',
        { class: 'toolbar' },
        checkbox('pool-here', t('Only those in the pool at this point'), (checked) => {
          this.#hereOnly = checked;
          this.#drawTable();
        }),
      ),
      this.#count,
      this.#table,
    );
    this.#drawAll();
  }

  #toolbar(layers: readonly number[]): HTMLElement {
    return el(
      'div',
      { class: 'toolbar' },
      dropdown(
        'pool-layer',
        t('Layer'),
        [
          { value: ALL, label: t('All layers') },
          ...layers.map((layer) => ({ value: String(layer), label: t('Layer {0}', layer + 1) })),
        ],
        (value) => {
          this.#layer = value;
          this.#drawAll();
        },
        this.#layer,
      ),
      checkbox('pool-logarithmic', t('Logarithmic axis'), (checked) => {
        this.#timeline.scale = checked ? 'logarithmic' : 'linear';
      }),
    );
  }

  /** Entries of the layers that are shown. */
  #shown(): readonly PoolEntry[] {
    return this.#layer === ALL
      ? this.#entries
      : this.#entries.filter(({ layer }) => String(layer) === this.#layer);
  }

  #drawAll(): void {
    this.#timeline.show(this.#shown(), this.#memory?.coverage.tokens ?? 1);
    this.#moveTo(this.#at);
    this.#drawTable();
  }

  #moveTo(position: number): void {
    this.#at = position;
    this.#timeline.moveTo(position);
    this.#position.set(position, t('token {0}', count(position)));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#drawWords();
      if (this.#hereOnly) this.#drawTable();
    }, SETTLE_MS);
  }

  #drawWords(): void {
    const notes = poolAt(this.#shown(), this.#at);
    const words = wordsOfNotes(notes);
    const isEnd = this.#at === this.#memory?.coverage.tokens;
    this.#wordsTitle.textContent = isEnd
      ? t('In the pool now: {0} notes of {1} words', count(notes.length), count(words.length))
      : t(
          'In the pool after token {0}: {1} notes of {2} words',
          count(this.#at),
          count(notes.length),
          count(words.length),
        );
    this.#words.replaceChildren(...words.map((word, i) => el('li', {}, this.#chip(word, i === 0))));
  }

  #chip(word: NotedWord, isFirst: boolean): HTMLElement {
    const layers = word.layers.map((layer) => layer + 1).join(', ');
    const chip = el(
      'button',
      {
        type: 'button',
        class: 'chip',
        tabindex: isFirst ? 0 : -1,
        title: t('Line {0} · layers {1}', word.line, layers),
        'aria-label': t('{0}, {1} notes, line {2}, layers {3}', word.word, word.notes, word.line, layers),
      },
      el('span', {}, word.word.trim() === '' ? quote(word.word) : word.word.replace(/\s+/g, ' ')),
      el('span', { class: 'times' }, `×${word.notes}`),
    );
    chip.addEventListener('click', () => {
      if (this.#memory) this.#reveal(this.#memory.document, word);
    });
    return chip;
  }

  #go(entry: PoolEntry): void {
    if (!this.#memory) return;
    const start = entry.wordStart;
    this.#reveal(this.#memory.document, { start, end: start + entry.word.length });
  }

  #successor({ layer, replacedBy }: PoolEntry): PoolEntry | undefined {
    return replacedBy === null ? undefined : this.#byToken.get(`${layer} ${replacedBy}`);
  }

  #describe(entry: PoolEntry): string {
    const length = this.#memory?.coverage.tokens ?? 0;
    const by = this.#successor(entry);
    return [
      `${t('Layer {0}', entry.layer + 1)}: ${named(entry)}`,
      t('line {0}', entry.line),
      t('score {0}', entry.score.toFixed(3)),
      entry.leftAt === null
        ? t('entered at token {0}, still there', count(entry.enteredAt))
        : t('entered at token {0}, left after {1}', count(entry.enteredAt), count(stayOf(entry, length))),
      ...(by ? [t('replaced by {0}', named(by))] : []),
    ].join(' · ');
  }

  #drawTable(): void {
    const memory = this.#memory;
    if (!memory) return;
    const length = memory.coverage.tokens;
    const rows = this.#hereOnly ? poolAt(this.#shown(), this.#at) : this.#shown();
    const link = (entry: PoolEntry) =>
      actionLink(named(entry), t('Go to {0} in line {1}', named(entry), entry.line), () => this.#go(entry));
    this.#count.textContent = t('{0} notes', count(rows.length));
    this.#table.replaceChildren(
      table<PoolEntry>(
        'pool-table',
        t('State pool'),
        [
          { title: t('Note'), cell: link, by: ({ word }) => word.toLowerCase() },
          { title: t('Layer'), cell: ({ layer }) => String(layer + 1), by: ({ layer }) => layer },
          { title: t('Line'), cell: ({ line }) => count(line), by: ({ start }) => start },
          { title: t('Score'), cell: ({ score }) => score.toFixed(3), by: ({ score }) => score },
          {
            title: t('Entered'),
            cell: ({ enteredAt }) => count(enteredAt),
            by: ({ enteredAt }) => enteredAt,
          },
          {
            title: t('Stayed'),
            cell: (entry) => t('{0} tokens', count(stayOf(entry, length))),
            by: (entry) => stayOf(entry, length),
          },
          {
            title: t('Left'),
            cell: ({ leftAt }) => (leftAt === null ? t('in the pool') : count(leftAt)),
            by: ({ leftAt }) => leftAt ?? Infinity,
          },
          {
            title: t('Replaced by'),
            cell: (entry) => {
              const by = this.#successor(entry);
              return by ? link(by) : '–';
            },
          },
        ],
        rows,
        more,
      ),
    );
  }
}

/** A note's word, and of a token that is a part of it which part. */
function named({ word, text }: PoolEntry): string {
  return text.trim() === word || text.trim() === '' ? quote(word) : `${quote(word)} (${quote(text.trim())})`;
}

/** Arrow keys between the buttons of a list, which is one stop for the Tab key. */
function walk(list: HTMLElement, event: KeyboardEvent): void {
  const buttons = [...list.querySelectorAll<HTMLElement>('button')];
  const at = buttons.findIndex((button) => button === event.target);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: buttons.length - 1,
  };
  const next = buttons[steps[event.key] ?? -1];
  if (at < 0 || !next) return;
  event.preventDefault();
  buttons[at]?.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}

function legend(): HTMLElement {
  return el(
    'div',
    { class: 'legend' },
    legendItem(
      'bar-sample',
      t('a note while it is in the pool; the stronger the tint, the higher its score'),
    ),
    legendItem('bar-sample live', t('with an end mark: still there')),
  );
}
