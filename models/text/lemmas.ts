import { porterStem } from './stems.js';

/** English verbs (and a few nouns) whose forms no stemmer joins, one a line: the plain form first. */
const IRREGULAR = `
arise arose arisen; awake awoke awoken; bear bore borne born; beat beaten; begin began begun; bend bent; bind bound;
bite bit bitten; bleed bled; blow blew blown; break broke broken; breed bred; bring brought; build built; burn burnt;
buy bought; catch caught; choose chose chosen; cling clung; come came; cost costs; creep crept; deal dealt; die died dies dying; dig dug;
draw drew drawn; dream dreamt; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed;
feel felt; fight fought; find found; flee fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten;
freeze froze frozen; grow grew grown; hang hung; hear heard; hide hid hidden; hold held; kneel knelt; lay laid;
lead led; lean leant; learn learnt; leave left; lend lent; lie lain; light lit; lose lost; mean meant; meet met;
mistake mistook mistaken; overcome overcame; pay paid; prove proven; ride rode ridden; ring rang rung; rise rose risen;
run ran; seek sought; sell sold; send sent; sew sewn; shake shook shaken; shine shone; shoot shot; show shown;
shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; speak spoke spoken;
spell spelt; spend spent; spin spun; spring sprang sprung; stand stood; steal stole stolen; stick stuck; sting stung;
strike struck stricken; string strung; strive strove; swear swore sworn; sweep swept; swell swollen; swim swam swum;
swing swung; teach taught; tear tore torn; tie tied ties tying; think thought; throw threw thrown; wake woke woken; wear wore worn;
weave wove woven; win won; wind wound; withdraw withdrew withdrawn; write wrote written; child children; foot feet;
goose geese; man men; mouse mice; tooth teeth; wife wives; wolf wolves; woman women; knife knives; life lives;
leaf leaves; thief thieves; shelf shelves; half halves; person people; penny pence pennies`;

const roots = new Map<string, string>();
for (const row of IRREGULAR.split(';')) {
  const [root = '', ...forms] = row.trim().split(/\s+/u);
  for (const form of forms) roots.set(form, root);
}

/** The form under which the forms of a word meet: its root, without the endings that Porter's algorithm knows. */
export function lemmaOf(key: string): string {
  return porterStem(roots.get(key) ?? key);
}

/** Irregular forms of a root, for those who look for words as they stand. */
export function irregularFormsOf(lemma: string): readonly string[] {
  return [...roots].filter(([, root]) => porterStem(root) === lemma).map(([form]) => form);
}
