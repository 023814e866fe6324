import { describe, expect, it } from 'vitest';
import { DocumentText } from '../../../../models/reading/document-text.js';
import { layoutOf } from '../../../../models/reading/layout.js';
import type { DocumentFormat } from '../../../../models/text/formats/document-format.js';

/** A document as other people and tools write it, and what is to be seen of it. */
interface Case {
  readonly name: string;
  readonly source: string;
  readonly format: DocumentFormat;
  readonly titles?: readonly string[];
  readonly sentences?: readonly string[];
  /** What stands in no sentence. */
  readonly without?: readonly string[];
}

const CASES: readonly Case[] = [
  // Listings hold no headings and are not quoted.
  {
    name: 'AsciiDoc with a literal block, a listing in a list and a callout',
    format: 'asciidoc',
    source:
      '= Pumpe\n:toc:\n\nDie Pumpe läuft leise.\n\n.Start\n[source,bash]\n----\n# kein Titel\npumpd --start\n----\n<1> Nur als root.\n\n....\n== auch kein Titel\n....\n\n== Wartung\n\n* Das Ventil wird jährlich geölt.\n+\n----\n== nein\n----\n',
    titles: ['Pumpe', 'Wartung'],
    sentences: ['Die Pumpe läuft leise.', '<1> Nur als root.', '* Das Ventil wird jährlich geölt.'],
  },
  {
    name: 'reStructuredText with a code block and a literal block',
    format: 'rst',
    source:
      'Pump\n====\n\nThe pump runs quietly.\n\n.. code-block:: sh\n\n   # no title\n   pumpd --start\n\nIt stops like this::\n\n   # none either\n   pumpd --stop\n\nCare\n----\n\nThe valve is oiled once a year.\n',
    titles: ['Pump', 'Care'],
    sentences: ['The pump runs quietly.', 'It stops like this::', 'The valve is oiled once a year.'],
  },
  {
    name: 'Markdown with a listing in a list, tildes and longer fences',
    format: 'markdown',
    source:
      '# Pump\r\n\r\nThe pump runs quietly.\r\n\r\n1. Start it:\r\n\r\n   ```sh\r\n   # no title\r\n   pumpd --start\r\n   ```\r\n\r\n~~~~ text\r\n~~~\r\n## none either\r\n~~~~\r\n\r\n## Care 🛠️\r\n\r\nThe valve is oiled once a year.\r\n',
    titles: ['Pump', 'Care 🛠️'],
    sentences: ['The pump runs quietly.', '1. Start it:', 'The valve is oiled once a year.'],
  },
  // A turn for each message; notices of the system are not quoted.
  {
    name: 'a chat of WhatsApp on a phone, German, with seconds and marks of direction',
    format: 'chat',
    source:
      '[14.05.21, 09:12:03] Ruderclub: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.\n[14.05.21, 09:13:41] Anna Holm: Hat jemand den Schlüssel vom Bootshaus gesehen?\n[14.05.21, 09:14:10] Bo 🚣: Er hängt hinter der Tür.\nNimm den mit dem roten Schild.\n\u200e[14.05.21, 09:15:00] Bo 🚣: \u200eBild weggelassen\n[15.05.21, 08:00:00] Anna Holm: Wir fahren um neun Uhr am Steg los.\n',
    titles: ['14.05.21', '15.05.21'],
    sentences: [
      'Hat jemand den Schlüssel vom Bootshaus gesehen?',
      'Er hängt hinter der Tür.',
      'Nimm den mit dem roten Schild.',
      'Wir fahren um neun Uhr am Steg los.',
    ],
  },
  {
    name: 'a chat with the time of day in American style',
    format: 'chat',
    source:
      '5/14/21, 9:12 AM - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n5/14/21, 9:13 AM - Ada Lund: Has anybody seen the oars?\n5/14/21, 9:14\u202fPM - Bo: They are behind the shed.\n5/14/21, 9:15 PM - Ada Lund: <Media omitted>\n5/15/21, 7:00 AM - Bo: I found a third one in the reeds.\n',
    titles: ['5/14/21', '5/15/21'],
    sentences: [
      'Has anybody seen the oars?',
      'They are behind the shed.',
      'I found a third one in the reeds.',
    ],
  },
  {
    name: 'a log of IRC',
    format: 'chat',
    source:
      '[09:12] <ada> has anybody seen the oars of the blue boat?\n[09:13] * bo waves to everybody\n[09:14] <bo> They are behind the shed.\n[09:15] -!- carl [~c@example.org] has joined #boats\n[09:16] <@carl> I found a third one in the reeds.\n[09:17] <ada> Then we can row today.\n',
    sentences: [
      'has anybody seen the oars of the blue boat?',
      'They are behind the shed.',
      'I found a third one in the reeds.',
      'Then we can row today.',
    ],
  },
  // No split within emphasis, abbreviations and addresses.
  {
    name: 'abbreviations in strong and struck text, and an address with marks',
    format: 'text',
    source:
      'The builder asked **Prof. Lund** for a loan, and __St. Anna__ gave it. He wrote to ~~Mr. Berg~~ Mrs. Berg instead.\nSee http://example.org/a.b?c=1.5&d=x!y. It has pictures; mail j.p.holm@example.co.uk for more. Ph.D. students pay half.\n',
    sentences: [
      'The builder asked **Prof. Lund** for a loan, and __St. Anna__ gave it.',
      'He wrote to ~~Mr. Berg~~ Mrs. Berg instead.',
      'See http://example.org/a.b?c=1.5&d=x!y.',
      'It has pictures; mail j.p.holm@example.co.uk for more.',
      'Ph.D. students pay half.',
    ],
  },
  // Marks of notes belong to the sentence before them.
  {
    name: 'notes in Markdown: numbers, names, after quotation marks',
    format: 'markdown',
    source:
      '# Mill\n\nIt was built in 1720.[^built] “It turns still.”[^2] Nobody knows why.[12] The dam was raised.[^a][^b]  It held!¹ The barge sank.<sup>3</sup> It was mended.\n\n[^built]: By three brothers.\n[^2]: Said the miller.\n',
    sentences: [
      'It was built in 1720.[^built]',
      '“It turns still.”[^2]',
      'Nobody knows why.[12]',
      'The dam was raised.[^a][^b]',
      'It held!¹',
      'The barge sank.3',
      'It was mended.',
      'By three brothers.',
      'Said the miller.',
    ],
  },
  {
    name: 'notes in HTML',
    format: 'html',
    source:
      '<!doctype html><html><body><p>It was built in 1720.<sup><a href="#n1">[1]</a></sup> It ships today.<a href="#n2">[2]</a> Ships leave daily.<sup>3</sup> They return at night.</p></body></html>',
    sentences: [
      'It was built in 1720.[1]',
      'It ships today.[2]',
      'Ships leave daily.3',
      'They return at night.',
    ],
  },
  // Front matter is left out.
  {
    name: 'front matter of Hugo in TOML',
    format: 'markdown',
    source:
      '+++\ntitle = "Harbours. A list"\ndate = 2031-04-02\ntags = ["sea", "oak"]\n+++\n\n# The First Harbour\n\nIt was built of oak.\n',
    titles: ['The First Harbour'],
    sentences: ['It was built of oak.'],
  },
  {
    name: 'front matter with nested keys, a byte order mark and CR LF',
    format: 'markdown',
    source:
      '\ufeff---\r\ntitle: >\r\n  Harbours. A long\r\n  list.\r\nauthor:\r\n  - name: Ada Lund\r\n    mail: ada@example.org\r\n---\r\n\r\nThe first harbour was built of oak.\r\n\r\n## Tides\r\n\r\nThe tide rises twice a day.\r\n',
    sentences: ['The first harbour was built of oak.', 'The tide rises twice a day.'],
  },
  // Comments are nothing.
  {
    name: 'comments of HTML within and around headings of Markdown',
    format: 'markdown',
    source:
      '<!-- # no title -->\n# Rules<!-- old -->\n\nQuiet, please.\n\n<!--\n## none\n-->\n\n## Hours <a name="h"></a>\n\nWe open at eight <!-- or nine? --> every day.\n',
    titles: ['Rules', 'Hours'],
    sentences: ['We open at eight every day.'],
  },
];

function documentOf(source: string) {
  const text = new DocumentText();
  text.append(source);
  const layout = layoutOf(text);
  const flat = (shown: string) => shown.replace(/\s+/gu, ' ').trim();
  return {
    format: layout.format,
    titles: layout.sections.map(({ title }) => title),
    sentences: layout.sentences.map(({ start, end }) => flat(layout.decoded.shown(start, end))),
  };
}

describe('as others write it', () => {
  it.each(CASES.map((one) => [one.name, one] as const))(
    '%s',
    (_, { name: _name, source, without = [], ...expected }) => {
      const found = documentOf(source);
      expect(found).toMatchObject(expected);
      for (const words of without) expect(found.sentences.join('\n')).not.toContain(words);
    },
  );
});
