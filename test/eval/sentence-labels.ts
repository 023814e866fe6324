/**
 * What the sentence head is trained on: documents of the corpus that bring their own summary, with that summary
 * withheld, and for every sentence whether it belongs to the extract that says most of it. The extract is chosen
 * greedily by ROUGE-1 and ROUGE-2 (Nallapati et al., SummaRuNNer, arXiv 1611.04230), up to the summary's length.
 *
 *   npm run eval -- sentence-labels DATA --out FILE.jsonl [--count 2000] [--seed 1] [--longest 16384]
 *
 * A line a document: its id and family, `tokens` (ids), and a number a sentence in each of `ends` (the token that
 * holds its last character) and `labels` (1: in the extract).
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DocumentText } from '../../models/reading/document-text.js';
import { layoutOf } from '../../models/reading/layout.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { corpusSummaries } from './corpus-summaries.js';
import { rougeWords } from './rouge.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    longest: { type: 'string', default: '16384' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.out === undefined) {
  console.error('usage: npm run eval -- sentence-labels DATA --out FILE.jsonl; DATA holds corpus/');
  process.exit(2);
}

/** The greedy extract of about as many words as the reference has. */
function extract(sentences: readonly string[], reference: string): Set<number> {
  const grams = (text: string) => {
    const words = rougeWords(text);
    return {
      words: words.length,
      grams: [...words, ...words.slice(1).map((word, i) => `${words[i]!} ${word}`)],
    };
  };
  const left = new Map<string, number>();
  const wanted = grams(reference);
  for (const gram of wanted.grams) left.set(gram, (left.get(gram) ?? 0) + 1);
  const parts = sentences.map(grams);
  const taken = new Set<number>();
  for (let words = 0; words < wanted.words;) {
    let best = -1;
    let most = 0;
    for (const [i, part] of parts.entries()) {
      if (taken.has(i) || part.words < 4) continue;
      const rest = new Map<string, number>();
      let hits = 0;
      for (const gram of part.grams) {
        const available = rest.get(gram) ?? left.get(gram) ?? 0;
        if (available > 0) hits++;
        rest.set(gram, available - 1);
      }
      // Per word, less steeply: a long sentence that says much beats a short one that says little.
      const gain = hits / Math.sqrt(part.words + 4);
      if (hits > 1 && gain > most) [best, most] = [i, gain];
    }
    if (best < 0) break;
    taken.add(best);
    words += parts[best]!.words;
    for (const gram of parts[best]!.grams) left.set(gram, (left.get(gram) ?? 0) - 1);
  }
  return taken;
}

const tokenizer = new Tokenizer(
  JSON.parse(readFileSync('models/artifacts/tiny/tokenizer.json', 'utf8')) as unknown,
);
const out = createWriteStream(values.out);
for (const [family, documents] of await corpusSummaries(folder, Number(values.count), Number(values.seed))) {
  let [count, sentences, positive] = [0, 0, 0];
  for (const { id, document, references } of documents) {
    const text = new DocumentText();
    text.append(document);
    const layout = layoutOf(text);
    const { ids, ends: tokenEnds } = tokenizer.encode(document);
    if (ids.length > Number(values.longest) || layout.sentences.length < 8) continue;
    const texts = layout.sentences.map(({ start, end }) => document.slice(start, end));
    const chosen = extract(texts, references[0]!);
    const ends: number[] = [];
    let token = 0;
    for (const [i, { start }] of layout.sentences.entries()) {
      const last = start + texts[i]!.trimEnd().length;
      while (token < ids.length && tokenEnds[token]! < last) token++;
      ends.push(token);
    }
    const labels = texts.map((_, i) => Number(chosen.has(i)));
    out.write(`${JSON.stringify({ id, family, tokens: [...ids], ends, labels })}\n`);
    [count, sentences, positive] = [count + 1, sentences + texts.length, positive + chosen.size];
  }
  console.log(`${family}: ${count} documents, ${sentences} sentences, ${positive} in extracts`);
}
out.end();
