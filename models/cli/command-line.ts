import { parseArgs } from 'node:util';
import type { EngineChoice } from '../memmamba/create-engine.js';
import { FORMAT_OPTIONS, type FormatOption } from '../text/formats/document-format.js';
import { UsageError } from './errors.js';
import { OPTION_NAMES, requestOf, type Request } from './request.js';
import { messageOf } from '../../kernels/message.js';

export const ENGINES: readonly EngineChoice[] = ['auto', 'webgpu', 'cpu', 'cpu-int8'];

/** What holds for all requests of a run. */
export interface Settings {
  /** `base`, `tiny`, or the path of a model folder. */
  readonly model: string;
  readonly engine: EngineChoice;
  readonly pool: 'on' | 'off';
  /** Seconds that the model may read a document; one that would take longer is read in stages. */
  readonly budget: number | 'all';
  /** What documents are read as. */
  readonly format: FormatOption;
}

export type Invocation =
  | { readonly kind: 'help' }
  | { readonly kind: 'batch'; readonly settings: Settings }
  | { readonly kind: 'one'; readonly settings: Settings; readonly request: Request; readonly json: boolean };

export const HELP = `Reads documents of any length with MemMamba.

  memmamba summarize FILE [--sentences N]
  memmamba ask FILE --question Q
  memmamba passages FILE --query Q [--top K] [--method notes|bm25|fused]
  memmamba retention FILE
  memmamba perplexity FILE --lengths 1000,2000
  memmamba check
  memmamba --batch        one request a line from standard input, one answer a line:
                          {"id", "command", "file" or "text", and the options by their names}

Options for all
  --json                  JSON instead of text
  --model base|tiny|PATH  a model of this installation, or a model folder        (tiny)
  --engine ENGINE         auto, webgpu, cpu or cpu-int8                          (auto)
  --pool on|off           off: the same weights as a plain Mamba                 (on)
  --budget SECONDS|all    a file that would take the model longer than SECONDS is read in stages: a fast pass
                          over every byte chooses what the model reads         (all)
  --format FORMAT         what FILE is read as: auto (its content says it), text, markdown, html, latex, rst,
                          asciidoc, org, roff, csv, json, jsonl, yaml, settings (TOML, INI, env), notebook, mail,
                          subtitles, transcript, chat, log, sql, code         (auto)
  --help

FILE is text in UTF-8, or in UTF-16 with a byte order mark, or a PDF, DOCX, ODT, EPUB, PPTX, XLSX or gzip file;
- reads standard input. Offsets are UTF-16 code units, lines count from 1.
Exit code 0: done; 1: the file, the model or the engine cannot be used; 2: wrong command line; 130: interrupted.
`;

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): Invocation {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  const settings: Settings = {
    model: values.model,
    engine: oneOf(ENGINES, values.engine, '--engine'),
    pool: oneOf(['on', 'off'] as const, values.pool, '--pool'),
    budget: budgetOf(values.budget),
    format: oneOf(FORMAT_OPTIONS, values.format, '--format'),
  };
  const [command, file, ...more] = positionals;
  if (values.batch) {
    if (positionals.length > 0)
      throw new UsageError('--batch takes its commands and files from standard input.');
    return { kind: 'batch', settings };
  }
  if (more.length > 0) throw new UsageError(`One file at a time; what is ${JSON.stringify(more[0])}?`);
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, values[name]]));
  const source = file === undefined ? undefined : { file };
  const request = requestOf(command, source, options, (name) => `--${name}`);
  return { kind: 'one', settings, request, json: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        batch: { type: 'boolean', default: false },
        model: { type: 'string', default: 'tiny' },
        engine: { type: 'string', default: 'auto' },
        pool: { type: 'string', default: 'on' },
        budget: { type: 'string', default: 'all' },
        format: { type: 'string', default: 'auto' },
        sentences: { type: 'string' },
        question: { type: 'string' },
        query: { type: 'string' },
        top: { type: 'string' },
        method: { type: 'string' },
        lengths: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function budgetOf(value: string): Settings['budget'] {
  if (value === 'all') return value;
  const seconds = Number(value);
  if (value.trim() !== '' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`--budget is a number of seconds or all, not ${JSON.stringify(value)}.`);
}

function oneOf<T extends string>(values: readonly T[], value: string, name: string): T {
  const found = values.find((each) => each === value);
  if (found === undefined)
    throw new UsageError(`${name} is one of ${values.join(', ')}, not ${JSON.stringify(value)}.`);
  return found;
}
