import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentMemory } from '../../models/document/index.js';
import { CpuEngine } from '../../models/memmamba/cpu/cpu-engine.js';
import { loadModel } from '../../models/memmamba/weights.js';
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
});
