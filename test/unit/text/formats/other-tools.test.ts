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
  // A list of illustrations, tables of contents: known, and left out.
  {
    name: 'a table of contents with dots, German, and a list of maps',
    format: 'text',
    source:
      'DIE MÜHLE\n\n\nInhaltsverzeichnis\n\nVorwort . . . . . . . . . . 3\nErstes Kapitel. Der Bach  . . . . 7\nZweites Kapitel. Das Rad . . . . 21\nNachwort . . . . . . . . . 99\n\n\nVORWORT\n\nDieses Buch erzählt von einer Mühle am Bach.\n\nERSTES KAPITEL\n\nDer Bach kam im Frühling mit viel Wasser ins Tal.\n',
    without: ['Zweites Kapitel', '. . .'],
    sentences: [
      'Dieses Buch erzählt von einer Mühle am Bach.',
      'Der Bach kam im Frühling mit viel Wasser ins Tal.',
    ],
  },
  {
    name: 'a table of contents of Markdown, as links',
    format: 'markdown',
    source:
      '# Pump\n\n## Table of Contents\n\n- [Start](#start)\n- [Care of the valve](#care-of-the-valve)\n  - [Oil it often](#oil-it-often)\n- [Licence](#licence)\n\n## Start\n\nTurn the key to the left.\n\n## Care of the valve\n\nThe valve is oiled once a year.\n',
    titles: ['Start', 'Care of the valve'],
    sentences: ['Turn the key to the left.', 'The valve is oiled once a year.'],
  },
  // Mail: a section for each message; headers, signatures and quotations left out.
  {
    name: 'mail with folded and encoded subject, quoted-printable, German reply',
    format: 'mail',
    source:
      'Return-Path: <bo@example.org>\r\nReceived: from a (b [10.0.0.1])\r\n\tby c; Mon, 1 Dec 2031 09:00:00 +0100\r\nFrom: =?utf-8?q?Bj=C3=B6rn?= <bo@example.org>\r\nTo: ada@example.org\r\nSubject: =?utf-8?q?Schl=C3=BCssel_f=C3=BCr?=\r\n =?utf-8?q?_das_Bootshaus?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDer Schl=C3=BCssel h=C3=A4ngt hinter der T=C3=BCr, und zwar ganz oben, wo ihn =\r\nniemand sieht.\r\n\r\nAm 30.11.2031 um 18:00 schrieb Ada Lund:\r\n> Wo ist der Schl=C3=BCssel?\r\n\r\n-- =20\r\nBj=C3=B6rn\r\nRuderclub e. V.\r\n',
    titles: ['Schlüssel für das Bootshaus'],
    sentences: ['Der Schlüssel hängt hinter der Tür, und zwar ganz oben, wo ihn niemand sieht.'],
  },
  {
    name: 'mail of two parts, plain text before HTML, base64',
    format: 'mail',
    source:
      'From: ada@example.org\nTo: bo@example.org\nSubject: Oars\nDate: Mon, 1 Dec 2031 09:00:00 +0100\nContent-Type: multipart/alternative; boundary="=_x1"\n\n--=_x1\nContent-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64\n\nVGhlIG9hcnMgYXJlIGJlaGluZCB0aGUgc2hlZCDwn5qjLg==\n\n--=_x1\nContent-Type: text/html\n\n<p>The oars are <b>behind</b> the shed.</p>\n--=_x1--\n',
    titles: ['Oars'],
    sentences: ['The oars are behind the shed 🚣.'],
  },
  // Notebooks.
  {
    name: 'a notebook of another tool: the source as one string, its kind behind it, outputs large',
    format: 'notebook',
    source: JSON.stringify({
      cells: [
        {
          source: '# Levels\n\nThe gauge reports “the level” every hour.',
          metadata: {},
          cell_type: 'markdown',
        },
        {
          outputs: [{ text: ['# no title\n', 'A line of output.'] }],
          source: '# a remark\nprint(1)',
          cell_type: 'code',
        },
        { cell_type: 'markdown', source: '## Gaps\r\n\r\nGaps are left open\tall the same 😀.' },
      ],
      nbformat: 4,
    }),
    titles: ['Levels', 'Gaps'],
    sentences: ['The gauge reports “the level” every hour.', 'Gaps are left open all the same 😀.'],
  },
  // Org and its dialects.
  {
    name: 'Org with a Russian keyword, priorities, cookies, drawers and tables',
    format: 'org',
    source:
      '#+TITLE: Дом\n* TODO [#A] Отопление [1/2] :дом:\n:PROPERTIES:\n:CUSTOM_ID: x\n:END:\nДом отапливается двумя печами с октября.\n** DONE Труба\nCLOSED: [2031-04-02 Wed]\nТрубу чистят дважды в год.\n* Вода\n| бочка | литры |\n|-------+-------|\n| синяя | 200   |\nДождевая вода стоит в трёх бочках.\n',
    titles: ['Отопление', 'Труба', 'Вода'],
    sentences: [
      'Дом отапливается двумя печами с октября.',
      'Трубу чистят дважды в год.',
      'Дождевая вода стоит в трёх бочках.',
    ],
  },
  // Page furniture.
  {
    name: 'running headers with numbers of both sides, a word divided over the page',
    format: 'text',
    source: Array.from(
      { length: 4 },
      (_, i) =>
        `${i % 2 === 0 ? `${i + 1}      The Mooring of Boats` : `The Mooring of Boats      ${i + 1}`}\n\nThe chain number ${i} has to be three times as long as the\nwater is deep. It is changed every fourth year since salt\neats the links. Nobody may take more than one buoy, and the\nboard has to be asked before a block is laid on the ground.\n\nMay 2031                              Harbour Board\n`,
    ).join('\f'),
    without: ['The Mooring of Boats', 'Harbour Board'],
  },
  // Manual pages.
  {
    name: 'a manual page in mdoc, with quotation marks and a table',
    format: 'roff',
    source:
      '.\\" remark\n.Dd December 1, 2031\n.Dt PUMP 8\n.Os\n.Sh NAME\n.Nm pump\n.Nd move water\n.Sh DESCRIPTION\nThe\n.Nm\nprogram moves water until the tank is empty.\n.Bl -tag -width Ds\n.It Fl v\nPrint a line for every litre that was moved.\n.El\n.Sh SEE ALSO\n.Xr tank 5\n',
    titles: ['NAME', 'DESCRIPTION', 'SEE ALSO'],
    without: ['.Nm', '.It', 'remark'],
  },
  // SQL dialects.
  {
    name: 'a dump of MySQL, with comments that are commands',
    format: 'sql',
    source:
      "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `boats`;\nCREATE TABLE `boats` (\n  `id` int NOT NULL,\n  `name` varchar(40) DEFAULT 'no; name',\n  PRIMARY KEY (`id`)\n);\nINSERT INTO `boats` VALUES (1,'Gull. A boat'),(2,'Tern');\n",
  },
  // Captions.
  {
    name: 'WebVTT with voices, positions, notes and styles',
    format: 'subtitles',
    source:
      'WEBVTT - Talk\n\nNOTE a remark. Of two sentences.\n\nSTYLE\n::cue { color: red }\n\n1\n00:01.000 --> 00:03.000 align:start position:0%\n<v Ada>We drove over\nthe <i>ice</i> with\n\n2\n00:03.000 --> 00:05.000\n<v Ada>a lorry full of flour.\n\n00:05.500 --> 00:07.000\n<v Bo>Was nobody afraid?\n',
    without: ['remark', 'color', 'align'],
    sentences: ['We drove over the ice with a lorry full of flour.', 'Was nobody afraid?'],
  },
  // Logs.
  {
    name: 'a log of a program on Android',
    format: 'log',
    source: Array.from(
      { length: 8 },
      (_, i) => `04-02 08:00:0${i}.120  1234  1250 ${i === 5 ? 'E' : 'D'} PumpService: valve ${i} checked`,
    ).join('\n'),
  },
  {
    name: 'a log of nginx errors with NUL bytes in its middle',
    format: 'log',
    source: `${Array.from({ length: 5 }, (_, i) => `2031/04/02 08:00:0${i} [error] 12#12: *${i} connect() failed (111: Connection refused)`).join('\n')}\n${'\0'.repeat(300)}\n2031/04/02 08:09:00 [notice] 1#1: start worker processes\n`,
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
