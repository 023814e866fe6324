import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import { cautionOf } from '../../../../models/summary/caution.js';
import type { DocumentFormat } from '../../../../models/text/formats/document-format.js';

/** What is to be seen of a document. */
interface Expected {
  readonly format: DocumentFormat;
  readonly titles: readonly string[];
  readonly sentences: readonly string[];
}

function documentOf(source: string) {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const flat = (shown: string) => shown.replace(/\s+/gu, ' ').trim();
  return {
    layout,
    format: layout.format,
    titles: layout.sections.map(({ title }) => title),
    sentences: layout.sentences.map(({ start, end }) => flat(layout.decoded.shown(start, end))),
  };
}
const fixture = (name: string) => readFileSync(`test/fixtures/cases/${name}`, 'utf8');

const CASES: Readonly<Record<string, Expected>> = {
  'asciidoc-listing.asc': {
    format: 'asciidoc',
    titles: ['Watching the Pump'],
    sentences: [
      'The `pumpd status` command tells you which valves are open.',
      'It reads the list once and prints a line for each valve.',
      'If a valve stays open for an hour, the daemon writes a warning to its journal.',
      'You can silence the warning with `pumpd quiet`, which lasts until the next reboot.',
    ],
  },
  'chat-export.txt': {
    format: 'chat',
    titles: ['14/05/2021', '15/05/2021'],
    sentences: [
      'Has anybody seen the key of the boat house?',
      'It hangs behind the door.',
      'Take the one with the red tag.',
      "We leave at nine o'clock from the pier.",
      'Is everything packed?',
      'The wifi password of the cabin is reed-warbler-41',
      'The storm will come in the afternoon, so we should be back by two.',
      'Bring warm clothes, because the cabin has no stove.',
    ],
  },
  'co-no.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'North Harbour Inc. sold 1,550,000 shares, according to A.B. Holm & Co.',
      'The price rose later.',
      'Mr. Lund said no.',
      'See Fig. A for the plan.',
      'Version 2.0.',
      '1 of the rules changed.',
    ],
  },
  'emphasis-abbreviation.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'The boat was painted green in the year of the flood.',
      '(Everybody knew how _Mrs. Holm_ had wanted it blue.)',
      'The builder had asked *Dr. Lund* for a loan.',
      'Visit https://example.org/boats?id=77.4&lang=en for pictures of the boat.',
      'The yard was closed in 1911.',
    ],
  },
  'footnote-markers.md': {
    format: 'markdown',
    titles: ['The Tide Mill'],
    sentences: [
      'The mill at Holm was built by three brothers in the year 1720.[4]',
      'It is the oldest mill of the coast,[5][6] and its wheel still turns.[^1]',
      'The dam was raised twice in the last century.¹',
      'Flour was carried to the town by barge.[7]',
      'The barge sank in a storm.',
      'The wheel was mended in 1958.',
    ],
  },
  'front-matter.md': {
    format: 'markdown',
    titles: ['The First Harbour', 'Tides'],
    sentences: [
      'The first harbour was built of oak by the monks.',
      'The tide rises four metres twice a day.',
    ],
  },
  'german.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'Das Fest ist am 14. August 2031 im alten Park.',
      'Die Fahrt dauert ca. 3 Std. und kostet 12,50 Euro pro Person.',
      'Das Gesetz v. 3. März 2029 gilt weiter.',
      'Der 2. Absatz wurde gestrichen, d. h. er gilt nicht mehr.',
      'Der Verein tagt im 3. Stock, Hafenstr. 5, und lädt bzw. bittet alle Mitglieder.',
    ],
  },
  'html-comment-heading.md': {
    format: 'markdown',
    titles: ['Rules for the Reading Room'],
    sentences: [
      'Adopted by the board on 27 November 2020',
      'Article 1 These rules serve readers who wish to work in quiet.',
      "Article 2 Books are handed out at the counter until five o'clock.",
      'Readers sign for each of them.',
      'Article 3 Maps may not leave the room, because many of them are the only copy.',
    ],
  },
  'hyphen-lines.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'The office of the valley stands beside the old mill and opens at eight.',
      'The growers read the weather forecast on the board every evening.',
      'The door code of the warehouse is 5521-B and was chosen by the miller.',
      'The door code of the mill is 9044-C.',
      'The ditch was dug by hand, and it took the men two summers.',
    ],
  },
  'list-of-illustrations.txt': {
    format: 'text',
    titles: ['', 'Chapter I.'],
    sentences: [
      'The preface was written a hundred years after the book.',
      "The miller's wife is drawn with a light hand.",
      'For a journey by boat, however, one would choose Anna.',
      'The house stood so near to the river that the children could fish from the kitchen window.',
      'Nobody in the village thought it wise, and everybody came to see it.',
    ],
  },
  'mail.mbox': {
    format: 'mail',
    titles: ['[Boats] Winter storage', 'Re: [Boats] Winter storage'],
    sentences: [
      'The boats have to be out of the water by the tenth of December, because the lock will be closed.',
      'Please mark your cover with your name.',
      'The crane is free on Saturday only, so I put our two boats on the list for that day.',
    ],
  },
  'notebook.ipynb': {
    format: 'notebook',
    titles: ['Measuring River Levels', 'Gaps'],
    sentences: [
      'The gauge at the bridge reports the water level every ten minutes.',
      'A level above 4.2 metres closes the lower road.',
      'Missing readings are filled with the mean of their neighbours.',
      'Gaps longer than an hour are left open, because a guess would hide a flood.',
    ],
  },
  'orgmode.org': {
    format: 'org',
    titles: ['Heating', 'Chimney', 'Watering', 'Rain water'],
    sentences: [
      'The greenhouse is heated by two stoves, which burn wood from October to March.',
      'You do not need to be a plumber to bleed the pipes.',
      'Each stove needs a new fire every six hours.',
      'The chimney has to be swept twice a year because resin collects in it.',
      'Tomatoes are watered in the morning only, so that the leaves are dry at night.',
      'Rain water is kept in three barrels behind the shed.',
    ],
  },
  'page-headers.txt': {
    format: 'text',
    titles: ['', '1.  INTRODUCTION', '1.1 Chains', '1.2 Buoys'],
    sentences: [
      'Harbour Board A. Holm Notice: 77 B. Lund May 1993',
      'Mooring of Small Boats',
      'A mooring holds a boat in its place while nobody is on board.',
      'A mooring consists of a block on the ground, a chain, and a buoy that carries the upper end of the chain.',
      'The chain has to be three times as long as the water is deep.',
      'It is changed every fourth year because salt eats the links.',
      "A buoy shows the number of the mooring in figures of a hand's breadth.",
    ],
  },
  'roff.1': {
    format: 'roff',
    titles: ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'FILES'],
    sentences: [
      'pump - moves water from one tank to another',
      'pump [-qv] tank',
      'pump moves water until the tank is empty.',
      'By default pump stops when the motor is hot.',
      '-q, --quiet Print nothing while the motor runs.',
      '-v, --verbose Print a line for every litre that was moved.',
      'The settings are read from /etc/pump.conf when the program starts.',
    ],
  },
  'srt-fragments.srt': {
    format: 'subtitles',
    titles: [''],
    sentences: [
      'Um, today we talk about the time when the harbour was frozen and nobody could reach the islands.',
      'Bo, you were there, what do you remember of it?',
      'Well, we drove over the ice with a lorry full of flour, because the bakery had been closed for a week.',
    ],
  },
  'zero-width.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'The pass key is 48291, as the captain said.',
      'The door code of the warehouse is K-7731.',
      'The name of the ship is Northern Light.',
    ],
  },
  'ansi.txt': {
    format: 'text',
    titles: [''],
    sentences: [
      'The pass key is 4711 and it is red here now.',
      'Another sentence is here now for all gnp.exe people.',
    ],
  },
  'emoji-in-tag.html': {
    format: 'html',
    titles: [''],
    sentences: ['The pass key of the vault is 47118.', 'It was written down by the old keeper.'],
  },
};

describe.each(Object.entries(CASES))('%s', (name, expected) => {
  it.each([
    ['as it is', fixture(name)],
    ['with CR LF', fixture(name).replace(/\r?\n/gu, '\r\n')],
  ])('is read as a person reads it, %s', (_, source) => {
    const { format, titles, sentences } = documentOf(source);
    expect({ format, titles, sentences }).toEqual(expected);
  });

  it('keeps every place: what is shown leads to its source and back', () => {
    const source = fixture(name);
    const { layout } = documentOf(source);
    for (const { start, end } of [...layout.sentences, ...layout.passages]) {
      const range = layout.decoded.fromSource(start, end);
      expect(layout.decoded.toSource(range.start, range.end)).toEqual({ start, end });
    }
  });
});

describe('logs', () => {
  it('with dates in one word are logs by their lines', () => {
    const source = fixture('healthlog.log');
    const { format, sentences, layout } = documentOf(source);
    expect(format).toBe('log');
    expect(sentences).toEqual(source.trimEnd().split('\n'));
    expect(cautionOf(layout)).toBeUndefined();
  });

  it('with NUL bytes of a crash are read, the NUL as white space', () => {
    const { format, sentences } = documentOf(fixture('nul-bytes.log'));
    expect(format).toBe('log');
    expect(sentences).toEqual([
      '2024-01-01 10:00:00 INFO start',
      '2024-01-01 10:00:01 INFO crash follows',
      '2024-01-01 10:02:00 ERROR power was lost',
      '2024-01-01 10:02:01 INFO start',
    ]);
  });
});

describe('SQL', () => {
  it('is code, statement by statement', () => {
    const source = fixture('sqldump.sql');
    const { format, layout } = documentOf(source);
    expect(format).toBe('sql');
    expect(cautionOf(layout)).toBe('code');
    const statements = layout.blocks.filter(({ kind }) => kind === 'code');
    expect(statements.map(({ start, end }) => source.slice(start, end).split(/\s/u)[0])).toEqual([
      'CREATE',
      'CREATE',
      'ALTER',
      'INSERT',
      'INSERT',
    ]);
    for (const { end } of statements) expect(source[end - 1]).toBe(';');
  });
});
