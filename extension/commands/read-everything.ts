import type { Summary } from '../../models/document/types.js';
import type { Services } from './services.js';
import { documentOf } from './arguments.js';
import { summarize } from './summarize.js';

/** Reads the whole of a document that was read in stages, however long that takes. Gives its summary. */
export async function readEverything(services: Services, ...args: unknown[]): Promise<Summary | undefined> {
  const uri = await documentOf(services, args);
  services.readings.readEverything(uri.toString());
  return summarize(services, uri);
}
