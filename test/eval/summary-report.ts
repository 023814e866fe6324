import type { OverviewMeasures } from './overview-measures.js';
import type { Mean } from './statistics.js';

export const ROUGES = ['rouge1', 'rouge2', 'rougeL'] as const;

export interface RougeResult {
  readonly set: string;
  readonly documents: number;
  readonly read: boolean;
  readonly methods: Record<string, Record<(typeof ROUGES)[number] | 'mean', Mean>>;
}

export interface MeasuresResult {
  readonly set: string;
  readonly documents: number;
  readonly read: boolean;
  readonly methods: Record<string, OverviewMeasures>;
}

export interface LabelsResult {
  readonly sections: number;
  /** By method, of the sentences that were chosen: shares in [0, 1]. */
  readonly methods: Record<
    string,
    { readonly chosen: number; readonly best: number; readonly bestOrGood: number; readonly bad: number }
  >;
}

const percent = (share: number) => (100 * share).toFixed(1);

export function printRouge({ set, documents, read, methods }: RougeResult): void {
  console.log(`${set}, ${documents} documents${read ? ' read by the model' : ''}`);
  for (const [method, scores] of Object.entries(methods)) {
    const cells = ROUGES.map((measure) => scores[measure].mean.toFixed(1).padStart(5)).join('  ');
    const { mean, interval } = scores.mean;
    console.log(`  ${method.padEnd(24)}${cells}   mean ${mean.toFixed(2)} ± ${interval.toFixed(2)}`);
  }
}

/** Means over the sets, each set counted once. */
export function printMeans(sets: readonly RougeResult[]): void {
  if (sets.length === 0) return;
  console.log(`mean of ${sets.length} sets${sets[0]!.read ? ', documents read by the model' : ''}`);
  for (const method of Object.keys(sets[0]!.methods)) {
    const values = sets.map(({ methods }) => methods[method]!);
    const mean = (of: (rouge: (typeof values)[number]) => Mean) =>
      values.reduce((sum, value) => sum + of(value).mean, 0) / values.length;
    console.log(
      `  ${method.padEnd(24)}${mean((v) => v.mean).toFixed(2)}  ROUGE-1 ${mean((v) => v.rouge1).toFixed(2)}`,
    );
  }
}

export function printMeasures(results: readonly MeasuresResult[]): void {
  if (results.length === 0) return;
  console.log(
    'overviews: per cent of the sentences; words; least and most per cent in a tenth of the documents',
  );
  const head = ['dialogue', 'question', 'unresolv', 'over 60', 'repeats', 'mean', 'longest', 'tenths'];
  console.log(`  ${''.padEnd(42)}${head.map((cell) => cell.padStart(9)).join('')}`);
  for (const { set, read, methods } of results) {
    for (const [method, m] of Object.entries(methods)) {
      const shares = [m.bareDialogue, m.question, m.unresolved, m.long, m.repeated].map(percent);
      const spread = `${(100 * Math.min(...m.tenths)).toFixed(0)}–${(100 * Math.max(...m.tenths)).toFixed(0)}`;
      const cells = [...shares, m.meanWords.toFixed(1), String(m.longestWords), spread];
      const name = `${set}, ${method}${read ? ' (read)' : ''}, ${m.sentences}`;
      console.log(`  ${name.padEnd(42)}${cells.map((cell) => cell.padStart(9)).join('')}`);
    }
  }
}

export function printLabels({ sections, methods }: LabelsResult): void {
  console.log(`${sections} labelled sections: per cent of the chosen that are best, best or good, bad`);
  for (const [method, { chosen, best, bestOrGood, bad }] of Object.entries(methods)) {
    const cells = [best, bestOrGood, bad].map((share) => percent(share).padStart(7)).join('');
    console.log(`  ${method.padEnd(24)}${cells}   of ${chosen}`);
  }
}
