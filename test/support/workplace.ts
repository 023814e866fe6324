import { Readable } from 'node:stream';
import type { Workplace } from '../../models/cli/commands.js';
import { Documents, type DocumentSettings } from '../../models/cli/documents.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { characterTokenizer as tokenizer } from './micro.js';

/** What commands of the terminal run on, with the micro model. */
export function microWorkplace(
  engine: Engine,
  { stdin = Readable.from([]), ...settings }: Partial<DocumentSettings> & { readonly stdin?: Readable } = {},
): Workplace {
  const start = () => Promise.resolve(engine);
  return {
    engine: start,
    chosen: () => Promise.resolve({ engine, reason: 'A test asked for it.' }),
    tokenizer,
    documents: new Documents({ engine: start, tokenizer, pool: 'on', budget: 'all', ...settings }),
    pool: 'on',
    stdin,
    ...(settings.signal && { signal: settings.signal }),
  };
}
