/**
 * Lays out real files and checks what holds of every layout, by format:
 *
 *   npm run eval -- documents [FOLDER …] [--data DATA] [--share 1/10] [--faults FILE]
 *
 * FOLDER: every file in it that is text, gzip unpacked; of `node_modules` the Markdown files. Without any it is
 * `node_modules`, `/usr/share/doc` and `/usr/share/man`. `--data`: the folder that holds `eval/` and `corpus/`, whose texts
 * are laid out, too. `--share` takes every so-manieth file and text. `--faults` writes what was found wrong, a line each.
 *
 * Needs `xz` for `--data`. Prints a table by format. It has files, megabytes, and seconds of processor time per million
 * units in the smaller and in the larger half of the files. It has faults of each kind, and sentences above 400 units. It
 * has the share of headings found of those that another parser or the format's own marks show, and of documents with four
 * headings or more those that have 4 to 40 sections.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkedLayout, FAULTS, type Checked } from './documents/check.js';
import { textsOfFolder, textsOfSets, type RealText } from './documents/real-texts.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    share: { type: 'string', default: '1' },
    faults: { type: 'string' },
  },
});
const [part = 1, of = 1] = values.share.split('/').map(Number);
const every = of / part;
const folders =
  positionals.length > 0
    ? positionals
    : values.data === undefined
      ? ['node_modules', '/usr/share/doc', '/usr/share/man']
      : [];

const found: Checked[] = [];
const faults: string[] = [];

async function check(texts: AsyncIterable<RealText>): Promise<void> {
  for await (const { name, text, kind } of texts) {
    const checked = checkedLayout(text, kind);
    found.push(checked);
    for (const { kind: fault, detail } of checked.faults)
      faults.push(`${fault}\t${checked.format}\t${name}\t${detail}`);
  }
}

const refused: string[] = [];
for (const folder of folders) await check(textsOfFolder(folder, every, (name) => refused.push(name)));
if (values.data !== undefined) await check(textsOfSets(values.data, every));
if (values.faults !== undefined) writeFileSync(values.faults, `${faults.join('\n')}\n`);

const MEGABYTE = 1e6;
const secondsPerMegabyte = (some: readonly Checked[]) => {
  const units = some.reduce((sum, { length }) => sum + length, 0);
  return units === 0
    ? '–'
    : ((some.reduce((sum, { seconds }) => sum + seconds, 0) * MEGABYTE) / units).toFixed(2);
};

function rowOf(name: string, some: readonly Checked[]): string[] {
  const sum = (value: (one: Checked) => number) => some.reduce((total, one) => total + value(one), 0);
  // Short files take a moment each, whatever is in them.
  const timed = some.filter(({ length }) => length > 10_000).sort((a, b) => a.length - b.length);
  const half = timed.reduce((total, { length }) => total + length, 0) / 2;
  let reached = 0;
  const smaller = timed.filter(({ length }) => (reached += length) <= half);
  const headings = sum(({ expectedHeadings = 0 }) => expectedHeadings);
  const known = sum(({ expectedHeadings, foundHeadings }) =>
    expectedHeadings === undefined ? 0 : foundHeadings,
  );
  const long = some.filter(({ length, headings: count }) => count >= 4 && length > 4000);
  const useful = long.filter(({ sections }) => sections >= 4 && sections <= 41).length;
  return [
    name,
    String(some.length),
    (sum(({ length }) => length) / MEGABYTE).toFixed(1),
    `${secondsPerMegabyte(smaller)} / ${secondsPerMegabyte(timed.slice(smaller.length))}`,
    ...FAULTS.map((fault) =>
      String(sum(({ faults: own }) => own.filter(({ kind }) => kind === fault).length)),
    ),
    String(sum(({ sentences }) => sentences)),
    String(sum(({ longSentences }) => longSentences)),
    headings === 0 ? '–' : ((100 * known) / headings).toFixed(1),
    long.length === 0 ? '–' : `${useful} of ${long.length}`,
  ];
}

const formats = [...new Set(found.map(({ format }) => format))].sort();
const rows = [
  [
    'format',
    'files',
    'million units',
    's per million',
    ...FAULTS,
    'sentences',
    'above 400',
    '% of headings',
    '4 to 40 sections',
  ],
  ...formats.map((format) =>
    rowOf(
      format,
      found.filter((one) => one.format === format),
    ),
  ),
  rowOf('all', found),
];
rows.splice(
  1,
  0,
  rows[0]!.map(() => '---'),
);
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
console.log(`\n${refused.length} files are no text.`);
