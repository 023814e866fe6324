/**
 * Speed of the streaming tokenizer, in MB of UTF-8 a second; the design asks for 2 MB/s and more.
 *
 *   npx tsx test/bench/tokenizer.ts FILE [TOKENIZER.json]
 */
import { createReadStream, readFileSync } from 'node:fs';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { decodeText } from '../../models/text/decode-text.js';

const [file, definition = 'models/artifacts/tiny/tokenizer.json'] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: tsx test/bench/tokenizer.ts FILE [TOKENIZER.json]');
  process.exit(2);
}
for (const pass of ['cold cache', 'warm cache'] as const) {
  const tokenizer = new Tokenizer(JSON.parse(readFileSync(definition, 'utf8')));
  for (let run = pass === 'cold cache' ? 1 : 0; run < 2; run++) {
    const start = performance.now();
    const source = createReadStream(file, { highWaterMark: 1 << 16 });
    let tokens = 0;
    for await (const batch of tokenizer.stream(decodeText(source))) tokens += batch.ids.length;
    const seconds = (performance.now() - start) / 1000;
    const megabytes = source.bytesRead / 1e6;
    if (run === 1) {
      const rate = (megabytes / seconds).toFixed(2);
      console.log(
        `${pass}: ${megabytes.toFixed(1)} MB, ${tokens} tokens, ${seconds.toFixed(2)} s, ${rate} MB/s`,
      );
    }
  }
}
