/**
 * Documents of the training corpus that bring their own summary, with that summary withheld: what constants of
 * the summarizer are fitted on. Evaluation sets are never fitted on.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { linesOfXz } from './data.js';
import { drawn } from './statistics.js';
import type { Summarized } from './summary-sets.js';

interface Family {
  readonly name: string;
  /** Ids of corpus documents, each of which holds many documents of the family. */
  readonly ids: RegExp;
  /** Where one of them begins. */
  readonly begin: RegExp;
  /** The heading of its summary. */
  readonly heading: RegExp;
}

const FAMILIES: readonly Family[] = [
  { name: 'peps', ids: /^peps-/u, begin: /^PEP: \d+$/gmu, heading: /^Abstract\n=+\n/mu },
  { name: 'eips', ids: /^(?:EIPs|ERCs)-/u, begin: /^# \S/gmu, heading: /^## Abstract\n/mu },
  { name: 'rfcs', ids: /^rfcs-text/u, begin: /^- Feature Name: /gmu, heading: /^## Summary\n/mu },
  { name: 'keps', ids: /^enhancements-keps/u, begin: /^# \S/gmu, heading: /^## Summary\n/mu },
  // A module ends with its summary.
  {
    name: 'textbooks',
    ids: /^openstax-/u,
    begin: /(?<=^## (?:Chapter s|S)ummary\n[^#]*\n)(?=## )/gmu,
    heading: /^## (?:Chapter s|S)ummary\n/mu,
  },
];

const HEADING = /^(?:#{1,6} .+|.+\n[=-]{3,})$/mu;
const WORDS = { least: 25, most: 400 };
const UNITS = { least: 5000, most: 90_000 };

/** `count` documents of every family, drawn with the seed, of those that `isWanted` by their id. */
export async function corpusSummaries(
  folder: string,
  count: number,
  seed: number,
  isWanted: (id: string) => boolean = () => true,
): Promise<Map<string, Summarized[]>> {
  const found = new Map<string, Summarized[]>(FAMILIES.map(({ name }) => [name, []]));
  const corpus = path.join(folder, 'corpus');
  const shards = readdirSync(corpus).filter((name) => /^(?:docs|textbooks|val)-\d+\.jsonl\.xz$/u.test(name));
  for (const shard of shards.sort()) {
    for await (const line of linesOfXz(path.join(corpus, shard))) {
      const { id, text } = JSON.parse(line) as { id: string; text: string };
      const family = FAMILIES.find(({ ids }) => ids.test(id));
      if (!family) continue;
      found.get(family.name)!.push(...withheld(family, id, text).filter((each) => isWanted(each.id)));
    }
  }
  return new Map([...found].map(([name, all]) => [name, drawn(all, count, seed)]));
}

/**
 * Whether the training of sentence heads leaves a document out, as `memmamba_training.train.sentence_head` decides:
 * the first byte of its id's SHA-256 is below 26, of about a tenth.
 */
export function isHeldOut(id: string): boolean {
  return createHash('sha256').update(id).digest()[0]! < 26;
}

function withheld({ begin, heading }: Family, id: string, text: string): Summarized[] {
  const starts = [...text.matchAll(begin)].map(({ index }) => index);
  return starts.flatMap((start, i): Summarized[] => {
    const part = text.slice(start, starts[i + 1] ?? text.length);
    const found = heading.exec(part);
    if (!found) return [];
    const from = found.index + found[0].length;
    const rest = part.slice(from);
    const end = HEADING.exec(rest)?.index ?? rest.length;
    const summary = rest.slice(0, end).trim();
    const document = `${part.slice(0, found.index)}${rest.slice(end)}`.trim();
    const words = summary.split(/\s+/u).length;
    const isUsable =
      words >= WORDS.least &&
      words <= WORDS.most &&
      document.length >= UNITS.least &&
      document.length <= UNITS.most;
    return isUsable ? [{ id: `${id}:${start}`, document, references: [summary] }] : [];
  });
}
