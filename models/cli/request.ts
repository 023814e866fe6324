import type { PassageMethod } from '../document/types.js';
import { UsageError } from './errors.js';

export const COMMANDS = ['summarize', 'ask', 'passages', 'retention', 'perplexity', 'check'] as const;
export type Command = (typeof COMMANDS)[number];
export const METHODS = ['notes', 'bm25', 'fused'] as const;

/** Where the text comes from. */
export type Source = { readonly file: string } | { readonly text: string };

/** One thing to do, checked, from the command line or from a line of a batch. */
export type Request =
  | { readonly command: 'summarize'; readonly source: Source; readonly sentences?: number }
  | { readonly command: 'ask'; readonly source: Source; readonly question: string }
  | {
      readonly command: 'passages';
      readonly source: Source;
      readonly query: string;
      readonly top?: number;
      readonly method?: PassageMethod;
    }
  | { readonly command: 'retention'; readonly source: Source }
  | { readonly command: 'perplexity'; readonly source: Source; readonly lengths: readonly number[] }
  | { readonly command: 'check' };

/** Values as they come: strings from the command line, anything from JSON. */
export type RawOptions = Readonly<Partial<Record<OptionName, unknown>>>;
export const OPTION_NAMES = ['sentences', 'question', 'query', 'top', 'method', 'lengths'] as const;
export type OptionName = (typeof OPTION_NAMES)[number];

const OPTIONS_OF: Record<Command, readonly OptionName[]> = {
  summarize: ['sentences'],
  ask: ['question'],
  passages: ['query', 'top', 'method'],
  retention: [],
  perplexity: ['lengths'],
  check: [],
};

/**
 * Checks a command and its options.
 *
 * @param nameOf how an option is written here, for messages: `--top` or `"top"`
 * @throws {UsageError}
 */
export function requestOf(
  command: unknown,
  source: Source | undefined,
  options: RawOptions,
  nameOf: (option: OptionName) => string,
): Request {
  const known = commandOf(command);
  for (const name of OPTION_NAMES) {
    if (options[name] !== undefined && !OPTIONS_OF[known].includes(name)) {
      throw new UsageError(`${nameOf(name)} does not belong to the command ${known}.`);
    }
  }
  if (known === 'check') return { command: known };
  if (!source) throw new UsageError(`The command ${known} needs a file.`);
  const values = new OptionValues(known, options, nameOf);
  switch (known) {
    case 'summarize':
      return { command: known, source, ...values.optional('sentences', (name) => values.count(name)) };
    case 'ask':
      return { command: known, source, question: values.words('question') };
    case 'passages':
      return {
        command: known,
        source,
        query: values.words('query'),
        ...values.optional('top', (name) => values.count(name)),
        ...values.optional('method', (name) => values.method(name)),
      };
    case 'retention':
      return { command: known, source };
    case 'perplexity':
      return { command: known, source, lengths: values.lengths('lengths') };
  }
}

function commandOf(command: unknown): Command {
  if (isOneOf(COMMANDS, command)) return command;
  const known = COMMANDS.join(', ');
  throw new UsageError(
    command === undefined
      ? `No command; there are ${known}.`
      : `Unknown command ${show(command)}; there are ${known}.`,
  );
}

/** Reads the options of one command. */
class OptionValues {
  readonly #command: Command;
  readonly #options: RawOptions;
  readonly #nameOf: (option: OptionName) => string;

  constructor(command: Command, options: RawOptions, nameOf: (option: OptionName) => string) {
    this.#command = command;
    this.#options = options;
    this.#nameOf = nameOf;
  }

  optional<K extends OptionName, T>(name: K, read: (name: K) => T): Partial<Record<K, T>> {
    return this.#options[name] === undefined ? {} : ({ [name]: read(name) } as Record<K, T>);
  }

  words(name: OptionName): string {
    const value = this.#options[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
    throw new UsageError(`${this.#command} needs ${this.#nameOf(name)} with some words.`);
  }

  count(name: OptionName): number {
    return wholeNumber(this.#options[name], this.#nameOf(name));
  }

  method(name: OptionName): PassageMethod {
    const value = this.#options[name];
    if (isOneOf(METHODS, value)) return value;
    throw new UsageError(`${this.#nameOf(name)} is one of ${METHODS.join(', ')}, not ${show(value)}.`);
  }

  lengths(name: OptionName): number[] {
    const value = this.#options[name];
    const list: unknown = typeof value === 'string' ? value.split(',') : value;
    if (!Array.isArray(list) || list.length === 0) {
      throw new UsageError(`${this.#command} needs ${this.#nameOf(name)}, for example 1000,2000,4000.`);
    }
    return list.map((item) => wholeNumber(item, this.#nameOf(name)));
  }
}

function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\s*\d+\s*$/u.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
  throw new UsageError(`${name} takes whole numbers from 1 up, not ${show(value)}.`);
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
