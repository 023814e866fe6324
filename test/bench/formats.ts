/**
 * Time and memory of laying documents out, by format:
 *
 *   npx tsx test/bench/formats.ts [--mb 10] [--only yaml,csv] [--repeats]
 *
 * Every document is made of a small piece of its format, again and again with another number, up to so many megabytes.
 * Each is laid out in a process of its own. Prints JSON, a line each: seconds of processor time, the most megabytes of
 * resident memory, and how many blocks, sentences, records and sections there are.
 *
 * With `--repeats` it lays out 100 kB of every mark and of every pair of marks instead, and prints those that take above a
 * second per megabyte.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    repeats: { type: 'boolean', default: false },
    one: { type: 'string' },
  },
});

/** A piece of a document by its number; `head` stands before all of them. */
const PIECES: Readonly<Record<string, { readonly head?: string; readonly piece: (i: number) => string }>> = {
  text: {
    piece: (i) =>
      `Boat ${i} left the harbour at dawn. Its crew of four, led by Mr. Holm, saw no\nland for days.\n\n`,
  },
  markdown: {
    piece: (i) =>
      `## Boat ${i}\n\nIt left at *dawn*, see [the list](boats.md).[^1]\n\n- four men\n- a dog &amp; a cat\n\n| Door | Code |\n| --- | --- |\n| North | ${i}-K |\n\n`,
  },
  html: {
    head: '<!doctype html>\n<html><body>\n',
    piece: (i) =>
      `<h2>Boat ${i}</h2>\n<p>It left at <b>dawn</b> &amp; saw no land.</p><ul><li>four men</li></ul>\n`,
  },
  latex: {
    head: '\\documentclass{article}\n\\begin{document}\n',
    piece: (i) => `\\section{Boat ${i}}\nIt left at \\emph{dawn}~\\cite{holm} and saw no land. % check\n\n`,
  },
  org: {
    head: '#+TITLE: Boats\n',
    piece: (i) => `* Boat ${i} :sea:\nIt left at dawn.\n** Crew\n- four men\n`,
  },
  csv: { head: 'boat,code,left\n', piece: (i) => `Boat ${i},${i}-K,2031-04-${1 + (i % 28)}\n` },
  json: { head: '[', piece: (i) => `{"boat":"Boat ${i}","code":"${i}-K","crew":{"size":4,"dog":true}},\n` },
  jsonl: {
    piece: (i) => `{"boat":"Boat ${i}","text":"It left the harbour at dawn and saw no land for days."}\n`,
  },
  yaml: { piece: (i) => `boat${i}:\n  code: ${i}-K\n  crew:\n    - four men\n    - name: Bo\n` },
  settings: { piece: (i) => `[boat.${i}]\ncode = "${i}-K"\ncrew = [1, 2, 3]\n` },
  mail: {
    piece: (i) =>
      `From bo@example.org Mon Dec  8 16:07:17 2003\nFrom: Bo <bo@example.org>\nSubject: Boat ${i}\nDate: Mon, 8 Dec 2003 09:53:02 -0500\n\n> When does it leave?\n\nBoat ${i} leaves at dawn. Bring a coat.\n\n`,
  },
  subtitles: {
    piece: (i) => {
      const clock = (s: number) => new Date(s * 1000).toISOString().slice(11, 19);
      return `${i + 1}\n${clock(i * 3)},000 --> ${clock(i * 3 + 2)},000\nBoat ${i} left the harbour\n\n`;
    },
  },
  chat: {
    piece: (i) => `${1 + (i % 28)}/05/2021, 09:12 - ${'ABC'[i % 3]}da: Boat ${i} left the harbour at dawn.\n`,
  },
  log: {
    piece: (i) =>
      `2031-04-02 08:00:${10 + (i % 50)} INFO [pump-${i % 4}] valve ${i % 9} checked, pressure ${i}\n`,
  },
  sql: { piece: (i) => `INSERT INTO boats (id, name) VALUES\n  (${i}, 'Boat ${i}');\n` },
};
const MARKS = Array.from(' \t\n\r\f"\'`#*_-+=~.,:;!?()[]{}<>/\\|&%$@^0aAé。「的\u200b\u0000\u001b😀');
/** Bytes of a text of one mark or pair, and the seconds per megabyte that are too many. */
const REPEATED = 1e5;
const SLOW = 1;

if (values.one !== undefined) one(values.one);
else if (values.repeats) repeats();
else {
  const names = values.only === '' ? Object.keys(PIECES) : values.only.split(',');
  for (const name of names) {
    const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--one', name, '--mb', values.mb];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  }
}

function one(name: string): void {
  const { head = '', piece } = PIECES[name]!;
  let text = head;
  for (let i = 0; text.length < Number(values.mb) * 1e6; i++) text += piece(i);
  const begin = process.cpuUsage();
  const { format, blocks, sentences, records, sections } = laidOut(text);
  const { user, system } = process.cpuUsage(begin);
  const result = {
    name,
    format,
    seconds: Number(((user + system) / 1e6).toFixed(2)),
    megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    blocks: blocks.length,
    sentences: sentences.length,
    records: records.length,
    sections: sections.length,
  };
  console.log(JSON.stringify(result));
}

/** Every mark, alone and with every other; one that is slow is laid out again, since the machine has other work. */
function repeats(): void {
  for (const unit of MARKS.flatMap((mark) => [mark, ...MARKS.map((other) => mark + other)])) {
    const text = unit.repeat(Math.ceil(REPEATED / Buffer.byteLength(unit)));
    const seconds = Math.min(secondsFor(text), secondsFor(text)) * (1e6 / REPEATED);
    if (seconds > SLOW) console.log(JSON.stringify({ unit, secondsPerMegabyte: Number(seconds.toFixed(2)) }));
  }
}

function secondsFor(text: string): number {
  const begin = process.cpuUsage();
  laidOut(text);
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

function laidOut(text: string) {
  const document = new DocumentText();
  document.append(text);
  return layoutOf(document);
}
