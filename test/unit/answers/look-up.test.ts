import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineIndex } from '../../../models/text/line-index.js';
import { askedOf } from '../../../models/answers/question.js';
import { decide } from '../../../models/answers/choose-answer.js';
import { PlaceFinder } from '../../../models/answers/place-finder.js';
import { foundIn } from '../../../models/answers/answer-in-place.js';
import { isConfident, lookUp } from '../../../models/answers/look-up.js';
import type { Answer } from '../../../models/document/types.js';
import { LOOKUP_WORDINGS, NOT_THERE } from '../../eval/lookup-wordings.js';
import { pieces, prose } from '../../support/micro.js';

const NONE: Answer = { answer: 'none', verified: false, evidence: [] };

function placesIn(text: string, question: string, size = text.length + 1) {
  const finder = new PlaceFinder(askedOf(question));
  for (let at = 0; at < text.length; at += size) finder.push(text.slice(at, at + size));
  return finder.end();
}

/** The answer that the text gives in so many words. */
function certain(text: string, question: string): string | undefined {
  const { certain: found } = decide(placesIn(text, question), askedOf(question));
  if (found) {
    const { place, value } = found;
    expect(text.slice(place.start, place.end)).toBe(place.statement);
    expect(place.statement.slice(value.start, value.end)).toBe(value.text);
  }
  return found?.value.text;
}
const amid = (statement: string) => `${prose(1500)}\n\n${statement}\n\n${prose(1500, 5)}`;

describe('a value that the text gives in so many words', () => {
  const several = amid('The vault code of Clara is 5521-AB. The vault code of Hugo is 9043-XY.');
  const log = [
    '2024-11-22 01:23:09 INFO  [web-1] request 9f8e7d6c5b4a handled in 12 ms',
    '2024-11-22 01:23:10 DEBUG [auth] session token for alice: 7f3a-99c2-e1',
    '2024-11-22 01:23:11 INFO  [web-2] request 1a2b3c4d5e6f handled in 15 ms',
  ].join('\n');

  it.each([
    ['in prose', amid('The pass key is 48213. Remember it.'), 'What is the pass key?', '48213'],
    ['in one word', amid('The passkey is 48213. Remember it.'), 'What is the pass key?', '48213'],
    ['before its name', `${prose(300)}\n\n73310 is the door code.\n`, 'What is the door code?', '73310'],
    ['of one of several', several, "What is Hugo's vault code?", '9043-XY'],
    [
      'of several in one sentence',
      amid('Clara has the badge 55217 and Hugo has the badge 90431.'),
      'Which badge has Hugo?',
      '90431',
    ],
    ['in a log', log, 'What is the session token for alice?', '7f3a-99c2-e1'],
    [
      'in code',
      'const retries = 3;\nconst API_KEY = "sk_live_51H8xQ2";\n',
      'What is the API key?',
      'sk_live_51H8xQ2',
    ],
    ['in settings', '[db]\nhost = db3\ndbPassword: hunter2024\n', 'Which DB password is set?', 'hunter2024'],
    [
      'joined without a space',
      'export WEBHOOK_SIGNATURE=7d6f43f6f8\n',
      'What is the webhook signature?',
      '7d6f43f6f8',
    ],
    [
      'as a date',
      'The lease was signed late. The closing date is 2031-04-17.',
      'What is the closing date?',
      '2031-04-17',
    ],
    ['of letters alone', amid('The transfer code is QXV-TRB.'), 'What is the transfer code?', 'QXV-TRB'],
    [
      'as an address of mail',
      amid('The e-mail address of the abbey is prior@abbey.org.'),
      'What is the e-mail address of the abbey?',
      'prior@abbey.org',
    ],
    [
      'in a table',
      amid('| brewery | entry code | 162a3249 |'),
      'Which entry code does the brewery have?',
      '162a3249',
    ],
    [
      'without a link',
      amid('Whoever wants the west cellar dials 48213 twice.'),
      'What must one dial for the west cellar?',
      '48213',
    ],
    [
      'in other forms of the words',
      amid('The sale of the mill took place on 3 May 1871.'),
      'When did the sale of the mill take place?',
      '3 May 1871',
    ],
    [
      'in irregular forms',
      amid('The abbot sold the vineyard to Hugo for 1,250 marks.'),
      'For how many marks did the abbot sell the vineyard?',
      '1,250',
    ],
    [
      'in other words',
      amid('The combination for the pantry of the inn is 48213.'),
      'What is the code of the pantry of the inn?',
      '48213',
    ],
    [
      'with its unit',
      amid('The depth of the north shaft is 929 metres.'),
      'What is the depth of the north shaft?',
      '929 metres',
    ],
    [
      'over the end of a wrapped line',
      amid(
        'He who would enter must know the number of the northern\nvault, which is 48213, and never write it down again.',
      ),
      'What is the number of the northern vault?',
      '48213',
    ],
    [
      'in one entry of a log of words',
      'commit the override key 48213 was accepted from the console of the reactor\ncommit f07f2352 by the same author\n',
      'Which override key was accepted from the console?',
      '48213',
    ],
    [
      'as a year',
      amid('In the year 1434 there died at Barchester one John Hiram.'),
      'When did John Hiram die?',
      '1434',
    ],
    [
      'behind a request',
      amid('The pass key is 48213.'),
      'According to the text, what is the pass key?',
      '48213',
    ],
    [
      'in the next sentence',
      amid('Clara hid the strongbox beneath the chapel. Its code is 5521-AB, and nobody else knows.'),
      "What is the code of Clara's strongbox?",
      undefined,
    ],
  ])('is found %s', (_, text, question, expected) => {
    expect(certain(text, question)).toBe(expected);
  });

  it.each([
    ['there is none', prose(3000), 'What is the pass key?'],
    ['the question does not say which', several, 'What is the vault code?'],
    ['only some of the words are there', 'The key is 48213.', 'What is the pass phrase of Clara?'],
    [
      'a number is near but not joined',
      'Of the pass key nothing was known in 1921.',
      'What is the pass key?',
    ],
    ['the question names nothing', amid('The pass key is 48213.'), 'What is it?'],
    [
      'it is said of another owner',
      amid('The vault code of Hugo is 48213.'),
      'What is the vault code of Clara?',
    ],
    [
      'the owner only speaks',
      amid('“The vault code of Hugo is 48213,” said Clara.'),
      'What is the vault code of Clara?',
    ],
    [
      'it is that of another thing',
      amid('The API key of client 90812 has expired.'),
      'What is the API key of the client?',
    ],
    [
      'other things are counted',
      amid('The regiment lost 450 horses and many men in the marsh.'),
      'How many men did the regiment lose in the marsh?',
    ],
    ['the attribute is another', amid('Clara was christened on 3 May 1871.'), 'When was Clara married?'],
    [
      'the opposite is said',
      amid('The bridge over the gorge was closed on 3 May 1871.'),
      'When was the bridge over the gorge opened?',
    ],
    [
      'it has ended, not begun',
      amid('The lease of the quarry ends on 3 May 1871.'),
      'When does the lease of the quarry begin?',
    ],
    [
      'he left, not entered',
      amid('Hugo left the service on 3 May 1871.'),
      'When did Hugo enter the service?',
    ],
    [
      'another measure is given',
      amid('The tower of the abbey is 90 feet wide at its foot.'),
      'How high is the tower of the abbey?',
    ],
    [
      'first is not last',
      amid('The first coach to the spa ran on 3 May 1871.'),
      'When did the last coach to the spa run?',
    ],
    [
      'the words of a name stand apart',
      amid('Codes such as 48213-AB say whether a key may pass or fail.'),
      'What is the pass key?',
    ],
    [
      'a line has a time stamp only',
      '2026-03-04T05:06:07Z ERROR the volume could not be mounted\n',
      'Which volume could not be mounted?',
    ],
    [
      'a line has several',
      'volume A1-77 or B2-88 could not be mounted\n',
      'Which volume could not be mounted?',
    ],
    [
      'lines differ',
      'volume A1-77 could not be mounted\nvolume B2-88 could not be mounted\n',
      'Which volume could not be mounted?',
    ],
    [
      'a type looks like a value',
      'mapping(uint256 => Order) public orders;\n',
      'Which order was for the map?',
    ],
  ])('is not guessed where %s', (_, text, question) => {
    expect(certain(text, question)).toBeUndefined();
  });

  it('is never one of the near misses of the development set', () => {
    const fill = (template: string, i: number) =>
      template
        .replaceAll('{name}', 'Aurelia')
        .replaceAll('{other}', 'Crispin')
        .replaceAll('{value}', `${41_207 + 13 * i}`);
    let found = 0;
    for (const { statement, question, decoys, value, haystack } of LOOKUP_WORDINGS) {
      if (value === 'date') continue;
      const near = decoys.map((decoy, i) => fill(decoy, i + 1)).join(haystack === 'prose' ? ' ' : '\n');
      const asked = fill(question, 0);
      expect(certain(amid(near), asked), asked).toBeUndefined();
      const answer = certain(amid(`${near}\n${fill(statement, 0)}`), asked);
      expect([undefined, '41207'], asked).toContain(answer?.replace(/ feet| thalers/u, ''));
      if (answer !== undefined) found++;
    }
    expect(found).toBeGreaterThan(60);
  });

  it.each(NOT_THERE)('is none in prose: %s', (question) => {
    expect(certain(prose(6000), question)).toBeUndefined();
  });
});

describe('the search', () => {
  const FACTS = [
    'The sluice number of the dam is 48213.',
    'Old papers give the sluice number of the weir as 77120.',
  ];

  it('finds the same places however the text was cut, with their lines', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 0, max: 5 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (size, parts, feed) => {
          const text = [
            ...Array.from({ length: parts }, (_, i) => prose(30_000, i + 1)),
            FACTS[0],
            prose(800),
            FACTS[1],
            prose(70_000, 9),
          ]
            .join('\n\n')
            .replaceAll('\n', feed);
          const lines = new LineIndex();
          lines.append(text);
          const found = placesIn(text, 'What is the sluice number of the dam?', size);
          expect(found).toEqual(placesIn(text, 'What is the sluice number of the dam?'));
          expect(found[0]!.statement).toBe(FACTS[0]);
          for (const { start, line } of found) expect(line).toBe(lines.lineOf(start));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps a bounded number of places, whatever the text', () => {
    const line = (i: number) => `INFO the sluice number of the dam changed to ${10_000 + i}`;
    const text = Array.from({ length: 5_000 }, (_, i) => line(i)).join('\n');
    const question = 'What is the sluice number of the dam?';
    expect(placesIn(text, question, 1 << 16).length).toBeLessThanOrEqual(24);
    expect(certain(text, question)).toBeUndefined();
  });
});

describe('the look-up', () => {
  const fact = 'Should anybody want the pass key, tell them 293129.';
  const text = amid(fact);
  const look = (question: string, said: string, remembered = NONE) => {
    const read: string[] = [];
    const answer = lookUp({
      question,
      remembered,
      text: pieces(text),
      read: (part) => {
        read.push(part);
        return Promise.resolve(said);
      },
    });
    return answer.then((value) => ({ ...value, read }));
  };

  it('has the model read a place that is not certain, and takes what it says there if that stands there', async () => {
    const found = await look('What is the pass key?', '293129');
    expect(found).toMatchObject({ answer: '293129', verified: true, remembered: 'none', lookedUp: true });
    expect(found.read).toHaveLength(1);
    expect(found.read[0]).toContain(fact);
    const [place] = found.evidence;
    expect(place!.text).toBe(fact);
    expect(text.slice(place!.start, place!.end)).toBe(fact);
    expect(place!.line).toBe(text.slice(0, place!.start).split('\n').length);
  });

  it.each(['none', '', '29312', '93129', '4711', 'pass key', 'mill'])(
    'takes no %j for an answer',
    async (said) => {
      expect(await look('What is the pass key?', said)).toMatchObject({
        answer: 'none',
        verified: false,
        lookedUp: true,
      });
    },
  );

  it('reads nothing where the text does not speak of what is asked, or says it', async () => {
    const none = await look('What is the telephone number of the dentist?', '293129');
    expect(none).toMatchObject({ answer: 'none', verified: false, lookedUp: true, read: [] });
    const found = await lookUp({
      question: 'What is the door code?',
      remembered: NONE,
      text: pieces(amid('The door code is 4711.')),
      read: () => Promise.reject(new Error('nothing is to be read')),
    });
    expect(found).toMatchObject({ answer: '4711', verified: true });
  });

  it('lets what the memory said stand only where the text bears it out', async () => {
    const start = text.indexOf(fact);
    const evidence = [{ start, end: start + fact.length, line: 1, text: fact, score: 1 }];
    const said: Answer = { answer: '293129', verified: true, evidence };
    expect(await look('What is the pass key?', 'none', said)).toMatchObject({
      answer: '293129',
      verified: true,
    });
    expect(await look('What is the pass key of Clara?', 'none', said)).toMatchObject({ verified: false });
    expect(isConfident(said, 'What is the pass key of Clara?')).toBe(false);
  });

  it('does not take the words of other lines of a passage for what is said of an answer', () => {
    const passage = 'sshd: invalid user on port 63699\nparcel A1-77 returned by customs';
    const said = (answer: string): Answer => ({
      answer,
      verified: true,
      evidence: [{ start: 0, end: passage.length, line: 1, text: passage, score: 1 }],
    });
    expect(isConfident(said('A1-77'), 'Which parcel was returned by customs?')).toBe(true);
    expect(isConfident(said('63699'), 'Which parcel was returned by customs?')).toBe(false);
  });

  it('is cancelled, and says how far it is', async () => {
    const long = prose(2_000_000);
    const controller = new AbortController();
    const units: number[] = [];
    const looking = lookUp({
      question: 'What is the pass key?',
      remembered: NONE,
      text: pieces(long, 1 << 16),
      read: () => Promise.resolve('none'),
      signal: controller.signal,
      onProgress: (done) => {
        units.push(done);
        if (units.length === 2) controller.abort();
      },
    });
    await expect(looking).rejects.toThrow(/abort/i);
    expect(units).toHaveLength(2);
    expect(units[0]).toBeGreaterThan(0);
    expect(units[1]).toBeGreaterThan(units[0]!);
  });

  it('finds what the model said in the sentence behind the one that was found', () => {
    const passage = amid(
      'Clara hid the strongbox beneath the chapel. Its code is 5521-AB, and nobody knows.',
    );
    const question = "What is the code of Clara's strongbox?";
    const [place] = placesIn(passage, question);
    const found = foundIn(place!, '5521-AB', askedOf(question));
    expect(found?.place.statement).toContain('Its code is 5521-AB');
    expect(passage.slice(found!.place.start, found!.place.end)).toBe(found!.place.statement);
    expect(foundIn(place!, 'chapel', askedOf('When did Clara hide the strongbox?'))).toBeUndefined();
  });
});
