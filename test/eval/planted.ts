/**
 * Facts planted in other text and the questions about them. No wording here is one of training
 * (`models/training/memmamba_training/facts/templates.txt`, seen or held out): {@link assertUnseen} checks it.
 */
import { readFileSync } from 'node:fs';
import { LOOKUP_WORDINGS } from './lookup-wordings.js';
import {
  digits,
  letters,
  pick,
  VALUES,
  type Haystack,
  type Random,
  type ValueKind,
} from './planted-values.js';
import { generator } from './statistics.js';

/** How a fact is told and asked for; {value} and {name} are filled in. */
interface Template {
  readonly kind: string;
  readonly haystack: Haystack;
  readonly value: ValueKind;
  readonly statement: string;
  readonly question: string;
  /** Near misses, told in the text with the fact and without it; {other} is another name. */
  readonly decoys?: readonly string[];
}

export interface Planted {
  readonly kind: string;
  readonly statement: string;
  /** Near misses, such as the same said of other owners; they stand in the text with the fact and without it. */
  readonly others: readonly string[];
  readonly question: string;
  readonly value: string;
}

const NAMES =
  'Alaric Benedikta Cosima Dunstan Eulalia Ferdinand Griselda Hartmut Isolde Jolanthe Konrad Leopoldine'.split(
    ' ',
  );

const prose = (kind: string, value: keyof typeof VALUES, statement: string, question: string): Template => ({
  kind,
  haystack: 'prose',
  value,
  statement,
  question,
});

/** Owners besides the one that is asked for. */
const OTHERS = 3;

/** Wordings that were looked at while the rules of `models/answers` were made. */
const DEVELOPMENT: readonly Template[] = [
  prose(
    'key',
    'number',
    'Whoever wishes to open the strongroom must enter {value}.',
    'What must be entered to open the strongroom?',
  ),
  prose(
    'key',
    'number',
    'The combination of the bank safe was, he whispered, {value}.',
    'What was the combination of the bank safe?',
  ),
  prose(
    'key',
    'number',
    'Scratched on the lid of the trunk stood the padlock number {value}.',
    'What is the padlock number of the trunk?',
  ),
  prose(
    'key',
    'number',
    'For the alarm of the observatory one types {value} and waits.',
    'What does one type for the alarm of the observatory?',
  ),
  prose(
    'named',
    'number',
    '{name} dials {value} to reach the cellar.',
    'What does {name} dial to reach the cellar?',
  ),
  prose(
    'named',
    'number',
    'In the ledger {name} is listed under {value}.',
    'Under which number is {name} listed in the ledger?',
  ),
  prose(
    'named',
    'hex',
    '{name} signs every telegram with {value}, never otherwise.',
    'With what does {name} sign every telegram?',
  ),
  prose(
    'identifier',
    'label',
    'The consignment from Trieste carries the label {value}.',
    'Which label does the consignment from Trieste carry?',
  ),
  prose(
    'identifier',
    'label',
    'They filed the deed of the windmill under {value}.',
    'Under what was the deed of the windmill filed?',
  ),
  prose(
    'date',
    'date',
    'The two sisters agreed to meet at the ferry on {value}.',
    'When did the two sisters agree to meet at the ferry?',
  ),
  prose('date', 'date', 'The lease of the quarry ends on {value}.', 'When does the lease of the quarry end?'),
  prose(
    'amount',
    'amount',
    'For the grey mare he paid {value} guineas.',
    'How many guineas did he pay for the grey mare?',
  ),
  prose(
    'amount',
    'amount',
    'The organ of the abbey has {value} pipes.',
    'How many pipes has the organ of the abbey?',
  ),
  {
    kind: 'log',
    haystack: 'log',
    value: 'hex',
    statement: 'WARN vault: root credential rotated, new value {value}',
    question: 'What is the new value of the root credential?',
  },
  {
    kind: 'log',
    haystack: 'log',
    value: 'number',
    statement: 'INFO mail: one-time pin for operations: {value}',
    question: 'What is the one-time pin for operations?',
  },
  {
    kind: 'log',
    haystack: 'log',
    value: 'label',
    statement: 'ERROR ledger: refund {value} was declined by the bank',
    question: 'Which refund was declined by the bank?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'hex',
    statement: "const BACKUP_PASSPHRASE = '{value}';",
    question: 'What is the backup passphrase?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'number',
    statement: 'private static final int MASTER_UNLOCK = {value};',
    question: 'What is the value of MASTER_UNLOCK?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'label',
    statement: '# the staging signing id is {value}, do not commit',
    question: 'What is the staging signing id?',
  },
];

/** Wordings that were written after those rules, and are only measured with. */
const FRESH: readonly Template[] = [
  prose(
    'key',
    'number',
    'Turn the dial of the iron chest to {value} and pull.',
    'To which number must the dial of the iron chest be turned?',
  ),
  prose(
    'key',
    'number',
    'The gatekeeper of the orchard lets in only those who say {value}.',
    'What must one say to the gatekeeper of the orchard?',
  ),
  prose(
    'key',
    'number',
    'On the brass plate of the lift somebody had engraved the override code {value}.',
    'What is the override code of the lift?',
  ),
  prose(
    'key',
    'number',
    'The watchman unlocked the boathouse with {value}.',
    'With what did the watchman unlock the boathouse?',
  ),
  prose(
    'named',
    'number',
    'At the sanatorium {name} occupied bed {value}.',
    'Which bed did {name} occupy at the sanatorium?',
  ),
  prose(
    'named',
    'number',
    "{name}'s season ticket for the opera bears the number {value}.",
    "What number does {name}'s season ticket for the opera bear?",
  ),
  prose(
    'named',
    'hex',
    'In the correspondence of the lodge {name} went by {value}.',
    'By what did {name} go in the correspondence of the lodge?',
  ),
  prose(
    'identifier',
    'label',
    'The herbarium keeps the blue gentian as specimen {value}.',
    'As which specimen does the herbarium keep the blue gentian?',
  ),
  prose(
    'identifier',
    'label',
    'Every crate from the porcelain works was stamped {value}.',
    'What was stamped on every crate from the porcelain works?',
  ),
  prose(
    'date',
    'date',
    'The cornerstone of the town hall was laid on {value}.',
    'When was the cornerstone of the town hall laid?',
  ),
  prose(
    'date',
    'date',
    'On {value} the comet was seen over the monastery for the first time.',
    'When was the comet first seen over the monastery?',
  ),
  prose(
    'amount',
    'amount',
    'The flood drowned {value} sheep in the lower valley.',
    'How many sheep did the flood drown in the lower valley?',
  ),
  prose(
    'amount',
    'amount',
    'He left {value} crowns to the hospital of the blind.',
    'How many crowns did he leave to the hospital of the blind?',
  ),
  {
    kind: 'log',
    haystack: 'log',
    value: 'hex',
    statement: 'INFO deploy: release pinned to commit {value}',
    question: 'To which commit was the release pinned?',
  },
  {
    kind: 'log',
    haystack: 'log',
    value: 'number',
    statement: 'WARN quota: tenant zephyr exceeded its limit of {value} requests',
    question: 'What limit of requests did tenant zephyr exceed?',
  },
  {
    kind: 'log',
    haystack: 'log',
    value: 'label',
    statement: 'ERROR backup: volume {value} could not be mounted',
    question: 'Which volume could not be mounted?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'hex',
    statement: 'export WEBHOOK_SIGNATURE={value}',
    question: 'What is the webhook signature?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'number',
    statement: 'if (attempt === {value}) return grantMaintenanceAccess();',
    question: 'Which attempt grants maintenance access?',
  },
  {
    kind: 'code',
    haystack: 'code',
    value: 'label',
    statement: '  licenseHolder: "{value}",',
    question: 'Who is the license holder?',
  },
];

export const WORDINGS = { development: DEVELOPMENT, fresh: FRESH, lookup: LOOKUP_WORDINGS } as const;

/** @throws if a statement or a question stands in the templates of training */
export function assertUnseen(): void {
  const bare = (text: string) => text.replace(/\{\w+\}/gu, '{}').toLowerCase();
  const training = new Set(
    bare(readFileSync('models/training/memmamba_training/facts/templates.txt', 'utf8')).split('\n'),
  );
  for (const { statement, question } of [...DEVELOPMENT, ...FRESH]) {
    for (const text of [statement, question]) {
      if (training.has(bare(text))) throw new Error(`The models were trained on ${JSON.stringify(text)}.`);
    }
  }
}

/** One fact of each of `count` templates of a haystack, none twice. */
export function plantedFacts(
  wordings: keyof typeof WORDINGS,
  haystack: Haystack,
  count: number,
  random: Random,
): Planted[] {
  const left = WORDINGS[wordings].filter((template) => template.haystack === haystack);
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [template] = left.splice(Math.floor(random() * left.length), 1);
    const value = VALUES[template!.value](random);
    const names = [...NAMES];
    const takeName = () => names.splice(Math.floor(random() * names.length), 1)[0]!;
    const name = takeName();
    const fill = (text: string) => text.replace('{value}', value).replace('{name}', name);
    const near =
      template!.decoys ?? Array<string>(OTHERS).fill(template!.statement.replace('{name}', '{other}'));
    const others = near
      .filter((decoy) => decoy !== template!.statement)
      .map((decoy) =>
        decoy
          .replace('{value}', VALUES[template!.value](random))
          .replace('{name}', name)
          .replace('{other}', () => takeName()),
      );
    return {
      kind: template!.kind,
      statement: fill(template!.statement),
      others,
      question: fill(template!.question),
      value,
    };
  });
}

/** Lines of a server's log, of a dozen forms, for about `units` UTF-16 units. */
export function logOf(units: number, seed: number): string {
  const random = generator(seed);
  const forms = [
    () => `INFO http: GET /api/items/${digits(random, 4)} 200 ${digits(random, 2)}ms`,
    () => `INFO http: POST /api/orders 201 ${digits(random, 3)}ms user=${letters(random, 6, 'abcdefghij')}`,
    () => `DEBUG cache: hit key=item:${digits(random, 4)} ttl=${digits(random, 3)}`,
    () => `DEBUG pool: ${1 + Math.floor(random() * 30)} connections in use, ${digits(random, 1)} idle`,
    () =>
      `INFO worker-${digits(random, 1)}: job ${letters(random, 8, '0123456789abcdef')} done in ${digits(random, 4)}ms`,
    () => `WARN gc: pause of ${digits(random, 3)}ms`,
    () =>
      `INFO session: opened for user ${letters(random, 5, 'klmnopqrst')} from 10.0.${digits(random, 2)}.${digits(random, 2)}`,
    () => `ERROR http: upstream timed out after 30000ms (attempt ${1 + Math.floor(random() * 4)})`,
  ];
  let text = '';
  let second = 0;
  while (text.length < units) {
    second += Math.floor(random() * 3);
    const time = new Date(Date.UTC(2026, 2, 4) + 1000 * second).toISOString();
    text += `${time} ${pick(random, forms)()}\n`;
  }
  return text;
}

/** Puts lines or sentences into a text at places spread over it, at borders of lines or of sentences. */
export function plant(
  text: string,
  haystack: Haystack,
  statements: readonly string[],
  random: Random,
): string {
  const border = haystack === 'prose' ? '. ' : '\n';
  const places = statements.map(() => {
    const found = text.indexOf(border, Math.floor(random() * text.length));
    return found < 0 ? text.length : found + border.length;
  });
  const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!);
  let out = '';
  let from = 0;
  for (const i of order) {
    out += text.slice(from, places[i]);
    const stamp = haystack === 'log' ? (/^\S+ /u.exec(text.slice(places[i]))?.[0] ?? '') : '';
    out += haystack === 'prose' ? `${statements[i]!} ` : `${stamp}${statements[i]!}\n`;
    from = places[i]!;
  }
  return out + text.slice(from);
}
