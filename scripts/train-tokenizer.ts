/**
 * Trains the byte-level BPE vocabulary and writes `tokenizer.json` (Hugging Face format).
 *
 *   python3 -m memmamba_training.corpus.tokenizer_sample CORPUS sample.txt
 *   npx tsx scripts/train-tokenizer.ts sample.txt models/artifacts/tiny/tokenizer.json
 *
 * The library's Node binding always trains 30,000 entries. BPE merges are greedy and ordered, so the
 * first merges of a longer training are the whole of a shorter one: the table is cut afterwards.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from 'tokenizers';

const VOCAB_SIZE = 16384;

/**
 * One pre-token a match, none longer than 256 bytes (63 code points of at most 4 bytes, and a space), so
 * that ids depend on a bounded look-ahead only. Every digit stands alone: keys are read digit by digit.
 * Character classes are spelled out because `\s` differs between regular expression engines.
 */
const SPACE = String.raw`\t\n\v\f\r\p{Z}`;
export const PRE_TOKEN = [
  String.raw`'(?:[sdmt]|ll|ve|re)(?!\p{L})`,
  String.raw` ?\p{L}{1,63}`,
  String.raw`\p{N}`,
  String.raw` ?[^${SPACE}\p{L}\p{N}]{1,63}`,
  String.raw`[${SPACE}]{1,63}(?![^${SPACE}])`,
  String.raw`[${SPACE}]{1,63}`,
].join('|');

/** GPT-2's byte ↔ printable character table, the alphabet of byte-level BPE. */
function byteAlphabet(): string[] {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}

interface TokenizerJson {
  model: { vocab: Record<string, number>; merges: [string, string][] };
}

function definition(vocab: Record<string, number>, merges: [string, string][]): object {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: PRE_TOKEN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
}

function train(sample: string): object {
  const alphabet = byteAlphabet();
  const tokenizer = Tokenizer.fromString(JSON.stringify(definition({}, [])));
  tokenizer.train([sample]);
  const folder = mkdtempSync(join(tmpdir(), 'memmamba-bpe-'));
  try {
    const whole = join(folder, 'tokenizer.json');
    tokenizer.save(whole);
    const { merges } = (JSON.parse(readFileSync(whole, 'utf8')) as TokenizerJson).model;
    const kept = merges.slice(0, VOCAB_SIZE - alphabet.length);
    const entries = [...alphabet, ...kept.map(([left, right]) => left + right)];
    return definition(Object.fromEntries(entries.map((entry, id) => [entry, id])), kept);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [sample, target] = process.argv.slice(2);
if (sample === undefined || target === undefined) {
  console.error('usage: tsx scripts/train-tokenizer.ts SAMPLE.txt TOKENIZER.json');
  process.exit(2);
}
writeFileSync(target, JSON.stringify(train(sample)));
