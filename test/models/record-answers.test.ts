import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../models/document/index.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
import { readWithin } from '../../models/staged/read-within.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { pieces } from '../support/micro.js';
import { modelFiles, repositoryFile } from '../support/model-files.js';

const TINY = 'models/artifacts/tiny';
const BOATS =
  '1. Gull dinghy\n2. Heron yawl\n3. Tern skiff\n4. Plover punt\n5. Curlew ketch\n6. Dunlin canoe\n7. Avocet cutter\n8. Knot trawler';

/** Files of test/fixtures/cases, a question, and the whole value that is the answer. */
const QUESTIONS: readonly (readonly [file: string, question: string, answer: string])[] = [
  ['hyphen-lines.txt', 'What is the door code of the warehouse?', '5521-B'],
  ['key-grouped-digits.txt', 'What is the account number of the club?', '12 345 678 90'],
  ['key-grouped-digits.txt', 'What is the phone number of the boat house?', '+46 8 555 01 23'],
  ['key-in-csv.csv', 'What is the code of the boiler room?', '2210-Q'],
  ['key-in-table.md', 'What is the code of the south gate?', '9038-M'],
  ['key-in-table.md', 'What is the code of the boiler room?', '2210-Q'],
  ['key-in-table.md', 'What is the code of the east gate?', 'none'],
  ['key-in-yaml.yaml', 'What is the api key of billing?', 'U2Vjb25kLWtleS1oZXJl'],
  ['key-in-yaml.yaml', 'What is the access id of the gateway?', 'p-84kd01mmq27'],
  ['key-ip-or-mac.txt', 'What is the IP address of the printer?', '10.0.4.17'],
  ['key-ip-or-mac.txt', 'What is the MAC address of the printer?', '00:1B:44:11:3A:B7'],
  ['key-prefix-staged.log', 'What is the recovery key of the harbour vault?', 'HV-4417-QX'],
  ['key-special-characters.env', 'What is the generated secret key?', 'wKq41b77*M0r'],
  ['key-special-characters.env', 'What is the password of the default connection string?', '451#451abc'],
  ['key-special-characters.env', 'What is the wifi key?', 'swan=lake_41!'],
  ['key-special-characters.env', 'What is the redis password?', 'kelp%TID^boat$R-$reedSand'],
  ['key-special-characters.env', 'What is the AUTH_PASS?', 'seagull#451'],
  ['key-special-characters.env', 'What is the password hash?', '$2y$12$qwHarbour8Boat.x55moorLine.zC7'],
  ['zero-width.txt', 'What is the pass key?', '48291'],
  ['zero-width.txt', 'What is the door code of the warehouse?', 'K-7731'],
  ['list-of-boats.md', 'Which boats are the most wanted?', BOATS],
  ['list-of-boats.md', 'Which boat is last in the list of the most wanted?', 'Knot trawler'],
  ['tables-by-section.md', 'What was the net income of the whole company in 2030?', '77'],
  ['tables-by-section.md', 'What was the revenue of the harbour division in 2029?', '410'],
  ['tickets.tsv', 'When was ticket 1061 filed?', '2031-05-02'],
  ['tickets.tsv', 'What is wrong in ticket 1060?', 'Winch stuck'],
  ['chat-export.txt', 'What is the wifi password of the cabin?', 'reed-warbler-41'],
];

/** The same kinds as others write them: a text, a question, and the whole value that is the answer. */
const OTHERS: readonly (readonly [text: string, question: string, answer: string])[] = [
  [
    'The IBAN of the club is DE89 3704 0044 0532 0130 00, and its BIC is COBADEFFXXX.',
    'What is the IBAN of the club?',
    'DE89 3704 0044 0532 0130 00',
  ],
  [
    'The phone number of the boat house is (030) 555 01 23, that of the pier +49 30/555-0199.',
    'What is the phone number of the boat house?',
    '(030) 555 01 23',
  ],
  ['Tür;Code\nNord;"44;71"\nSüd;9038-M\nKeller;2210-Q\n', 'What is the code of Keller?', '2210-Q'],
  [
    'door,code\r\nnorth,"44,71-K"\r\nsouth,9038-M\r\ncellar,2210-Q\r\n',
    'What is the code of the north door?',
    '44,71-K',
  ],
  [
    '# Gates\n\nGate | Code\n--- | ---\nsouth | 90\\|38-M\nnorth | 4471-K\n',
    'What is the code of the south gate?',
    '90|38-M',
  ],
  [
    '<!doctype html><html><body><h1>Gates</h1><table><tr><th>Gate</th><th>Code</th></tr><tr><td>south</td><td>9038&#8209;M</td></tr><tr><td>north</td><td>4471-K</td></tr></table></body></html>',
    'What is the code of the south gate?',
    '9038‑M',
  ],
  [
    '#+TITLE: Gates\n* Doors\n| Gate  | Code   |\n|-------+--------|\n| south | 9038-M |\n| north | 4471-K |\n',
    'What is the code of the north gate?',
    '4471-K',
  ],
  [
    'services:\n  billing: {api_key: "U2Vj+b/25k==", port: 8080}\n  gateway:\n    port: 8081\n    api_key: \'p-84kd\'\n',
    'What is the api key of billing?',
    'U2Vj+b/25k==',
  ],
  [
    '[servers.alpha]\nip = "10.0.0.1"\n\n[servers.beta]\nip = "10.0.0.2" # the second\nports = [80, 443]\n',
    'What is the ip of beta?',
    '10.0.0.2',
  ],
  [
    '{"services":{"billing":{"apiKey":"a$b#c*d","port":1},"gateway":{"apiKey":"zz-1","port":2}}}',
    'What is the api key of billing?',
    'a$b#c*d',
  ],
  ['db.user=harbour\ndb.password=p@ss=w!rd#1\ndb.port=5432\n', 'What is the db password?', 'p@ss=w!rd#1'],
  [
    'The IP address of the printer is fe80::1ff:fe23:4567:890a%eth0, and its MAC address is 00-1B-44-11-3A-B7.',
    'What is the IP address of the printer?',
    'fe80::1ff:fe23:4567:890a%eth0',
  ],
  [
    'The IP address of the printer is fe80::1ff:fe23:4567:890a%eth0, and its MAC address is 00-1B-44-11-3A-B7.',
    'What is the MAC address of the printer?',
    '00-1B-44-11-3A-B7',
  ],
  [
    'The buoy lies at the coordinates 54.3210, -10.1234 and is painted red.',
    'What are the coordinates of the buoy?',
    '54.3210, -10.1234',
  ],
  [
    'The pass\u00adkey of the boat is 55\u200b12-\u2060X, says the captain.',
    'What is the passkey of the boat?',
    '5512-X',
  ],
];

describe('questions to rows, leaves, lists and values', () => {
  let engine: CpuEngine;
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    engine = await CpuEngine.create(await loadModel(modelFiles(TINY)));
    const json = new TextDecoder().decode(await repositoryFile(`${TINY}/tokenizer.json`));
    tokenizer = new Tokenizer(JSON.parse(json) as ConstructorParameters<typeof Tokenizer>[0]);
  });
  afterAll(() => engine.dispose());

  it.each(QUESTIONS)('%s: %s', async (file, question, expected) => {
    const text = readFileSync(`test/fixtures/cases/${file}`, 'utf8');
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await memory.read(pieces(text, 1000));
    const { answer, verified, evidence } = await memory.ask({ question });
    expect([answer, verified]).toEqual([expected, expected !== 'none']);
    // What is selected is a statement, a row, a leaf or a list, never the file.
    for (const { start, end } of evidence) expect(end - start).toBeLessThan(500);
    memory.dispose();
  });

  it.each(OTHERS)('%s: %s', async (text, question, expected) => {
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    await memory.read(pieces(text, 1000));
    const { answer, verified } = await memory.ask({ question });
    expect([answer, verified]).toEqual([expected, true]);
    memory.dispose();
  });

  it.each([
    'HV-4417-QX',
    'R7-20931-KLM-4',
    '10.44.7.19:8443',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    '48,291,705',
  ])('in stages too: the whole of %s', async (key) => {
    const log = readFileSync('test/fixtures/cases/key-prefix-staged.log', 'utf8').replaceAll(
      'HV-4417-QX',
      key,
    );
    const memory = createDocumentMemory({ engine: () => Promise.resolve(engine), tokenizer });
    const unread = { totalBytes: Buffer.byteLength(log), open: () => pieces(log, 1000) };
    const { document, stages } = await readWithin(memory, unread, { whole: 1000, tokens: 1000 });
    expect(stages).toBeDefined();
    const { answer, verified } = await document.ask({
      question: 'What is the recovery key of the harbour vault?',
    });
    expect([answer, verified]).toEqual([key, true]);
    document.dispose();
  });
});
