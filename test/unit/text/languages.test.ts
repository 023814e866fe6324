import { describe, expect, it } from 'vitest';
import { sentencesOf } from '../../../models/text/sentences.js';

/** Paragraphs of several languages, one a line, and their sentences. */
interface Case {
  readonly name: string;
  readonly source: string;
  readonly sentences: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'German ordinals and abbreviations',
    source:
      'Am 1. Mai wurde das 3. Schiff getauft. Es war das 12. Boot der Werft, z. B. der „Anna“, u. a. gebaut von Dr. h. c. Holm. König Karl XII. kam zu Besuch. Er blieb bis zum 24. Dezember. Die Fahrt kostet ca. 5 Mio. Euro inkl. MwSt. im Jahr 2031. Danach fuhr er heim.\n',
    sentences: [
      'Am 1. Mai wurde das 3. Schiff getauft.',
      'Es war das 12. Boot der Werft, z. B. der „Anna“, u. a. gebaut von Dr. h. c. Holm.',
      'König Karl XII. kam zu Besuch.',
      'Er blieb bis zum 24. Dezember.',
      'Die Fahrt kostet ca. 5 Mio. Euro inkl. MwSt. im Jahr 2031.',
      'Danach fuhr er heim.',
    ],
  },
  {
    name: 'French quotations and abbreviations',
    source:
      'M. Dupont habite av. Foch, no. 5. « Venez ! » dit-il. Elle répondit : « Je ne peux pas. » Le bateau part le 1er mai, cf. p. 12. C’est tout.\n',
    sentences: [
      'M. Dupont habite av. Foch, no. 5.',
      '« Venez ! » dit-il.',
      'Elle répondit : « Je ne peux pas. »',
      'Le bateau part le 1er mai, cf. p. 12.',
      'C’est tout.',
    ],
  },
  {
    name: 'Russian abbreviations and initials',
    source:
      'В 1861 г. лодка была построена на ул. Садовой, д. 5. Её купил А. С. Лунд за 3 тыс. руб. в том же году. «Она течёт!» — сказал он. Это было в XIX в. на Волге.\n',
    sentences: [
      'В 1861 г. лодка была построена на ул. Садовой, д. 5.',
      'Её купил А. С. Лунд за 3 тыс. руб. в том же году.',
      '«Она течёт!» — сказал он.',
      'Это было в XIX в. на Волге.',
    ],
  },
  {
    name: 'Spanish, Italian and Polish',
    source:
      'El Sr. García compró la barca. ¿Quién la vio? ¡Nadie! La Sra. Luna vive en el n.º 5.\nIl dott. Rossi arrivò alle 9. Disse: «Partiamo!» Poi tacque.\nPłynęli ok. 3 godz. po rzece, tj. do 15. Potem wrócili.\n',
    sentences: [
      'El Sr. García compró la barca.',
      '¿Quién la vio?',
      '¡Nadie!',
      'La Sra. Luna vive en el n.º 5.',
      'Il dott. Rossi arrivò alle 9.',
      'Disse: «Partiamo!»',
      'Poi tacque.',
      'Płynęli ok. 3 godz. po rzece, tj. do 15.',
      'Potem wrócili.',
    ],
  },
  {
    name: 'Chinese and Japanese quotations',
    source:
      '他说：“船已经开了。”然后他走了。她问：「どこへ行くの？」彼は答えなかった。『海へ。』と彼女は思った。\n',
    sentences: [
      '他说：“船已经开了。”',
      '然后他走了。',
      '她问：「どこへ行くの？」',
      '彼は答えなかった。',
      '『海へ。』と彼女は思った。',
    ],
  },
  {
    name: 'Arabic, Hindi, Greek and Armenian ends',
    source:
      'هل رأيت القارب؟ نعم رأيته أمس.\nनाव कल चली गई। वह वापस नहीं आई।\nΠού είναι η βάρκα; Κανείς δεν ξέρει.\nՆավը մեկնեց։ Ոչ ոք չգիտի։\n',
    sentences: [
      'هل رأيت القارب؟',
      'نعم رأيته أمس.',
      'नाव कल चली गई।',
      'वह वापस नहीं आई।',
      'Πού είναι η βάρκα;',
      'Κανείς δεν ξέρει.',
      'Նավը մեկնեց։',
      'Ոչ ոք չգիտի։',
    ],
  },
  {
    name: 'marks of notes, wherever they stand',
    source:
      'It ships every day.[1] Ships leave at dawn. [2] They return.(3) Nobody waits.† The end came.[a][b] “Done.”[4] He left.[note 5] All slept.4 It was 5 mm. Fig.3 shows it.\n',
    sentences: [
      'It ships every day.[1]',
      'Ships leave at dawn. [2]',
      'They return.(3)',
      'Nobody waits.†',
      'The end came.[a][b]',
      '“Done.”[4]',
      'He left.[note 5]',
      'All slept.4',
      'It was 5 mm.',
      'Fig.3 shows it.',
    ],
  },
  {
    name: 'Dutch, Turkish, Czech, Hungarian and Korean',
    source:
      'De heer drs. J. van Dam kwam om 5 uur. Hij zei: “Ga weg!” Dat was nr. 12 op blz. 3.\nÖrn. 3. madde geçerlidir. "Gel!" dedi.\nLoď vyplula 3. května. „Kam pluje?“ ptal se. Bylo to na ul. Dlouhé č. 5.\nDr. Nagy látta. „Hova megy?” kérdezte.\n배는 떠났습니다. “어디로 갑니까?” 그가 물었다.\n',
    sentences: [
      'De heer drs. J. van Dam kwam om 5 uur.',
      'Hij zei: “Ga weg!”',
      'Dat was nr. 12 op blz. 3.',
      'Örn. 3. madde geçerlidir.',
      '"Gel!" dedi.',
      'Loď vyplula 3. května.',
      '„Kam pluje?“ ptal se.',
      'Bylo to na ul. Dlouhé č. 5.',
      'Dr. Nagy látta.',
      '„Hova megy?” kérdezte.',
      '배는 떠났습니다.',
      '“어디로 갑니까?”',
      '그가 물었다.',
    ],
  },
  {
    name: 'French and Russian abbreviations before names and numbers',
    source:
      'Le 14 juill. 2031, Mme. Durand et MM. Petit arrivèrent. « Loin… » Puis rien. Voir art. 5, al. 2.\nОн родился 5 янв. 1931 г. в г. Москве. Т. е. давно. Проф. Лунд сказал: «Нет». Она ушла.\n',
    sentences: [
      'Le 14 juill. 2031, Mme. Durand et MM. Petit arrivèrent.',
      '« Loin… »',
      'Puis rien.',
      'Voir art. 5, al. 2.',
      'Он родился 5 янв. 1931 г. в г. Москве.',
      'Т. е. давно.',
      'Проф. Лунд сказал: «Нет».',
      'Она ушла.',
    ],
  },
];

describe('sentences of other languages', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', (_, { source, sentences }) => {
    const found = source
      .trim()
      .split('\n')
      .flatMap((paragraph) => sentencesOf(paragraph).map(({ start, end }) => paragraph.slice(start, end)));
    expect(found).toEqual(sentences);
  });
});
