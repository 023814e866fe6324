/**
 * Wordings with which the rules of the look-up were made (`models/answers`); those that it is
 * measured with are in `planted.ts`, and none of them is here. Each has its near misses: what is said of another
 * owner, another thing or another attribute, which must never be taken for an answer.
 */
import type { Haystack, ValueKind } from './planted-values.js';

export interface Wording {
  readonly kind: string;
  readonly haystack: Haystack;
  readonly value: ValueKind;
  readonly statement: string;
  readonly question: string;
  /** Statements of the same form that do not answer the question. */
  readonly decoys: readonly string[];
}

type Row = readonly [value: ValueKind, statement: string, question: string, ...decoys: string[]];

const PROSE: readonly Row[] = [
  // Keys and numbers of things.
  [
    'number',
    'The iron gate of the orchard opens with {value}.',
    'Which number opens the iron gate of the orchard?',
    'The iron gate of the vineyard opens with {value}.',
    'The wooden door of the orchard opens with {value}.',
  ],
  [
    'number',
    'To unlock the gun cabinet in the hall, turn the dial to {value}.',
    'What unlocks the gun cabinet in the hall?',
    'To unlock the wine cabinet in the cellar, turn the dial to {value}.',
  ],
  [
    'number',
    'On the back of the portrait someone had written the safe combination, {value}.',
    'What is the safe combination on the back of the portrait?',
    'On the back of the mirror someone had written the date of the ball, {value}.',
  ],
  [
    'number',
    'The password of the lighthouse radio has been {value} since the storm.',
    'What is the password of the lighthouse radio?',
    'The frequency of the lighthouse radio has been {value} since the storm.',
    'The password of the harbour radio has been {value} since the storm.',
  ],
  [
    'number',
    'Nobody enters the laboratory who does not know {value}, its access code.',
    'What is the access code of the laboratory?',
    'Nobody enters the greenhouse who does not know {value}, its access code.',
  ],
  [
    'number',
    'Our locker at the station, so my aunt told me, has the number {value}.',
    'What number has our locker at the station?',
    'Our compartment on the train, so my aunt told me, has the number {value}.',
  ],
  [
    'hex',
    'The secret token for the archive is {value}, and it must never be shared.',
    'What is the secret token for the archive?',
    'The public token for the museum is {value}, and it must never be shared.',
  ],
  [
    'hex',
    'The monks knew the word for the crypt: {value}.',
    'What is the word for the crypt?',
    'The monks knew the word for the belfry: {value}.',
  ],
  [
    'number',
    'If the drawbridge jams, shout {value} to the guard.',
    'What should one shout to the guard if the drawbridge jams?',
    'If the portcullis jams, shout {value} to the cook.',
  ],
  [
    'number',
    'She had hidden the combination of the jewel box in the hymnal: {value}.',
    'What was the combination of the jewel box?',
    'She had hidden the combination of the medicine chest in the hymnal: {value}.',
  ],
  [
    'number',
    'Room {value} is where the chemist keeps his poisons.',
    'In which room does the chemist keep his poisons?',
    'Room {value} is where the chemist keeps his books.',
  ],
  [
    'number',
    'His telephone extension at the ministry was {value}.',
    'What was his telephone extension at the ministry?',
    'His telephone extension at the embassy was {value}.',
  ],
  // Persons.
  [
    'number',
    '{name} wrote {value} on the slate and hid it beneath the stove.',
    'What did {name} write on the slate?',
    '{other} wrote {value} on the slate and hid it beneath the stove.',
    '{name} wrote {value} on the envelope and posted it.',
  ],
  [
    'number',
    'The membership number of {name} is {value}.',
    'What is the membership number of {name}?',
    'The membership number of {other} is {value}.',
    'The telephone number of {name} is {value}.',
  ],
  [
    'number',
    '{name} told the porter that her room was {value}.',
    'Which room did {name} tell the porter?',
    '{other} told the porter that her room was {value}.',
  ],
  [
    'number',
    'At the bank {name} uses {value} as his secret number.',
    'Which secret number does {name} use at the bank?',
    'At the bank {other} uses {value} as his secret number.',
  ],
  [
    'hex',
    '{name} whispered {value} and the sentry let him pass.',
    'What did {name} whisper to the sentry?',
    '{other} whispered {value} and the sentry let him pass.',
  ],
  [
    'hex',
    "{name}'s cipher key was {value}.",
    "What was {name}'s cipher key?",
    "{other}'s cipher key was {value}.",
  ],
  [
    'label',
    '{name} travels with passport {value}.',
    'Which passport does {name} travel with?',
    '{other} travels with passport {value}.',
  ],
  [
    'number',
    'For the attic {name} chose {value} as the code.',
    'Which code did {name} choose for the attic?',
    'For the attic {other} chose {value} as the code.',
    'For the stable {name} chose {value} as the code.',
  ],
  [
    'number',
    'Captain {name} commanded regiment {value} at the river crossing.',
    'Which regiment did Captain {name} command?',
    'Captain {other} commanded regiment {value} at the river crossing.',
  ],
  [
    'amount',
    '{name} owed the tailor {value} crowns.',
    'How many crowns did {name} owe the tailor?',
    '{other} owed the tailor {value} crowns.',
    '{name} owed the baker {value} crowns.',
  ],
  [
    'date',
    '{name} was christened on {value}.',
    'When was {name} christened?',
    '{other} was christened on {value}.',
    '{name} was married on {value}.',
  ],
  [
    'date',
    '{name} left for Lisbon on {value} with two trunks.',
    'When did {name} leave for Lisbon?',
    '{other} left for Lisbon on {value} with two trunks.',
    '{name} left for Madeira on {value} with two trunks.',
  ],
  // Identifiers.
  [
    'label',
    'The crate with the telescope bears the mark {value}.',
    'Which mark does the crate with the telescope bear?',
    'The crate with the sextant bears the mark {value}.',
  ],
  [
    'label',
    'The manuscript of the sermon is catalogued as {value}.',
    'How is the manuscript of the sermon catalogued?',
    'The manuscript of the cantata is catalogued as {value}.',
  ],
  [
    'label',
    'Invoice {value} concerns the repair of the pump.',
    'Which invoice concerns the repair of the pump?',
    'Invoice {value} concerns the repair of the roof.',
    'Letter {value} concerns the sale of the pump.',
  ],
  [
    'label',
    'The wagon that carried the bells had the registration {value}.',
    'What was the registration of the wagon that carried the bells?',
    'The wagon that carried the organ had the registration {value}.',
  ],
  [
    'label',
    'In the inventory the silver candlestick is item {value}.',
    'Which item is the silver candlestick in the inventory?',
    'In the inventory the copper kettle is item {value}.',
  ],
  [
    'label',
    'The patent for the seed drill was granted under {value}.',
    'Under which number was the patent for the seed drill granted?',
    'The patent for the churn was granted under {value}.',
  ],
  [
    'number',
    'The engine was stamped with the serial number {value}.',
    'What serial number was stamped on the engine?',
    'The boiler was stamped with the serial number {value}.',
  ],
  // Dates.
  [
    'date',
    'The bridge over the gorge was opened on {value}.',
    'When was the bridge over the gorge opened?',
    'The tunnel under the gorge was opened on {value}.',
    'The bridge over the gorge was closed on {value}.',
  ],
  [
    'date',
    'They laid the foundation stone of the granary on {value}.',
    'When did they lay the foundation stone of the granary?',
    'They laid the foundation stone of the brewery on {value}.',
  ],
  [
    'date',
    'The contract with the miller expires on {value}.',
    'When does the contract with the miller expire?',
    'The contract with the cooper expires on {value}.',
    'The contract with the miller began on {value}.',
  ],
  [
    'date',
    'On {value} the great flood reached the chapel.',
    'On which day did the great flood reach the chapel?',
    'On {value} the great fire reached the chapel.',
  ],
  [
    'date',
    'The trial of the poachers was held on {value}.',
    'What was the date of the trial of the poachers?',
    'The trial of the smugglers was held on {value}.',
  ],
  [
    'date',
    'The last coach to the spa ran on {value}.',
    'When did the last coach to the spa run?',
    'The first coach to the spa ran on {value}.',
  ],
  [
    'date',
    'It was on {value} that the comet was first seen from the terrace.',
    'When was the comet first seen from the terrace?',
    'It was on {value} that the eclipse was first seen from the terrace.',
  ],
  // Amounts.
  [
    'amount',
    'The roof of the barn cost {value} florins.',
    'How many florins did the roof of the barn cost?',
    'The roof of the inn cost {value} florins.',
    'The floor of the barn cost {value} florins.',
  ],
  [
    'amount',
    'The regiment lost {value} men in the marsh.',
    'How many men did the regiment lose in the marsh?',
    'The regiment lost {value} horses in the marsh.',
  ],
  [
    'amount',
    'The library of the castle holds {value} volumes.',
    'How many volumes does the library of the castle hold?',
    'The library of the convent holds {value} volumes.',
  ],
  [
    'amount',
    'They harvested {value} bushels of barley that autumn.',
    'How many bushels of barley were harvested?',
    'They harvested {value} bushels of oats that autumn.',
  ],
  [
    'amount',
    'The ransom for the envoy was fixed at {value} ducats.',
    'How much was the ransom for the envoy?',
    'The ransom for the bishop was fixed at {value} ducats.',
  ],
  [
    'amount',
    'The hospital bought {value} blankets for the winter.',
    'How many blankets did the hospital buy for the winter?',
    'The hospital bought {value} beds for the winter.',
  ],
  [
    'amount',
    'The tower stands {value} feet above the moor.',
    'How high does the tower stand above the moor?',
    'The chimney stands {value} feet above the moor.',
  ],
  [
    'amount',
    'He sold the vineyard for {value} marks.',
    'For how many marks did he sell the vineyard?',
    'He sold the windmill for {value} marks.',
    'He bought the vineyard for {value} marks.',
  ],
  // Several keys of one form, of which one is asked.
  [
    'number',
    'The key of the north tower is {value}.',
    'What is the key of the north tower?',
    'The key of the south tower is {value}.',
    'The key of the west tower is {value}.',
  ],
  [
    'number',
    'Chest number four holds the note with {value}.',
    'Which note does chest number four hold?',
    'Chest number five holds the note with {value}.',
    'Chest number six holds the note with {value}.',
  ],
  [
    'number',
    'The pass key of the blue pavilion is {value}.',
    'What is the pass key of the blue pavilion?',
    'The pass key of the green pavilion is {value}.',
    'The pass key of the white pavilion is {value}.',
  ],
  [
    'hex',
    'The code for the Monday shift is {value}.',
    'What is the code for the Monday shift?',
    'The code for the Friday shift is {value}.',
    'The code for the Sunday shift is {value}.',
  ],
  // Other words in the question than in the text.
  [
    'number',
    'The combination for the pantry is {value}.',
    'What is the code of the pantry?',
    'The combination for the scullery is {value}.',
  ],
  [
    'number',
    'You get into the boathouse by typing {value}.',
    'What do I type to get into the boathouse?',
    'You get into the bathhouse by typing {value}.',
  ],
  [
    'date',
    'Construction of the aqueduct began on {value}.',
    'When did they start to build the aqueduct?',
    'Construction of the amphitheatre began on {value}.',
  ],
  [
    'amount',
    'The widow received a pension of {value} thalers.',
    'How large was the pension of the widow?',
    'The orphan received a pension of {value} thalers.',
  ],
  [
    'number',
    'The PIN for the tractor shed is {value}.',
    'What is the pin code for the tractor shed?',
    'The PIN for the milking shed is {value}.',
  ],
];

const LOG: readonly Row[] = [
  [
    'hex',
    'WARN auth: emergency password set to {value}',
    'What is the emergency password?',
    'WARN auth: temporary password set to {value}',
  ],
  [
    'label',
    'INFO deploy: release {value} promoted to production',
    'Which release was promoted to production?',
    'INFO deploy: release {value} promoted to staging',
    'INFO deploy: release {value} rolled back from production',
  ],
  [
    'number',
    'NOTICE door: maintenance code changed to {value}',
    'What was the maintenance code changed to?',
    'NOTICE door: visitor code changed to {value}',
  ],
  [
    'hex',
    'ERROR backup: checksum of the nightly snapshot is {value}',
    'What is the checksum of the nightly snapshot?',
    'ERROR backup: checksum of the weekly snapshot is {value}',
  ],
  [
    'label',
    'WARN billing: invoice {value} was paid twice',
    'Which invoice was paid twice?',
    'WARN billing: invoice {value} was paid late',
  ],
  [
    'number',
    'INFO alarm: disarm code for the north wing={value}',
    'What is the disarm code for the north wing?',
    'INFO alarm: disarm code for the south wing={value}',
  ],
  [
    'hex',
    'DEBUG oauth: client_secret={value} scope=admin',
    'What is the client secret?',
    'DEBUG oauth: client_id={value} scope=admin',
  ],
  [
    'label',
    'ERROR shipping: parcel {value} returned by customs',
    'Which parcel was returned by customs?',
    'ERROR shipping: parcel {value} returned by sender',
  ],
  [
    'number',
    'CRITICAL reactor: override key {value} accepted from console',
    'Which override key was accepted from console?',
    'CRITICAL reactor: override key {value} refused from console',
  ],
  [
    'hex',
    'INFO license: activation id {value} registered for the plotter',
    'Which activation id was registered for the plotter?',
    'INFO license: activation id {value} registered for the scanner',
  ],
  [
    'number',
    'WARN modem: unlock sequence is {value}',
    'What is the unlock sequence of the modem?',
    'WARN router: unlock sequence is {value}',
  ],
  [
    'amount',
    'ERROR import: {value} rows rejected by the validator',
    'How many rows were rejected by the validator?',
    'ERROR import: {value} rows accepted by the validator',
  ],
];

const CODE: readonly Row[] = [
  [
    'hex',
    "  const emergencyPassword = '{value}';",
    'What is the emergency password?',
    "  const temporaryPassword = '{value}';",
  ],
  [
    'label',
    '// The recovery identifier of the printer is {value}.',
    'What is the recovery identifier of the printer?',
    '// The recovery identifier of the scanner is {value}.',
  ],
  [
    'number',
    'static const int FACTORY_RESET_CODE = {value};',
    'What is the factory reset code?',
    'static const int FACTORY_TEST_CODE = {value};',
  ],
  ['hex', 'API_TOKEN="{value}"', 'What is the API token?', 'API_USER="{value}"'],
  ['hex', '    webhook_secret: "{value}",', 'What is the webhook secret?', '    webhook_path: "{value}",'],
  [
    'label',
    '# ticket {value} explains why the retry was removed',
    'Which ticket explains why the retry was removed?',
    '# ticket {value} explains why the cache was removed',
  ],
  ['number', 'let launch_pin: u32 = {value};', 'What is the launch pin?', 'let launch_count: u32 = {value};'],
  ['hex', '  "signingKey": "{value}",', 'What is the signing key?', '  "encryptionKey": "{value}",'],
  [
    'number',
    '#define BOOT_UNLOCK_WORD {value}',
    'What is the value of BOOT_UNLOCK_WORD?',
    '#define BOOT_UNLOCK_DELAY {value}',
  ],
  [
    'label',
    ' * @license registered under {value} for the orbital simulator',
    'Under which license number is the orbital simulator registered?',
    ' * @license registered under {value} for the tidal simulator',
  ],
  [
    'hex',
    'export PASSPHRASE={value} # for the signing server',
    'What is the passphrase for the signing server?',
    'export PASSPHRASE={value} # for the mail server',
  ],
  [
    'number',
    '  adminPort: {value}, // never open this one to the world',
    'What is the admin port?',
    '  publicPort: {value}, // always open this one to the world',
  ],
];

const rows = (haystack: Haystack, all: readonly Row[]): Wording[] =>
  all.map(([value, statement, question, ...decoys]) => ({
    kind: haystack,
    haystack,
    value,
    statement,
    question,
    decoys,
  }));

export const LOOKUP_WORDINGS: readonly Wording[] = [
  ...rows('prose', PROSE),
  ...rows('log', LOG),
  ...rows('code', CODE),
];

/** Questions about what stands in no document of these: nothing verified may be said to them. */
export const NOT_THERE: readonly string[] = [
  'What is the pass key?',
  'What is the secret number of the submarine?',
  'When was the treaty of the glaciers signed?',
  'How many zeppelins did the admiral own?',
  'What is the password of the administrator?',
  'Which identifier has the consignment of saffron?',
  'What is the value of GLOBAL_ENCRYPTION_SALT?',
  'What is the telephone number of the dentist?',
  'Who wrote the letter to the astronomer?',
  'What is the vault code of Theodolinda?',
  'How old is the king of Ruritania?',
  'What is the account number of the monastery?',
];
