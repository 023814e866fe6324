import { selectionToFragment } from '../documents/fragment.js';
import type { EngineChoice } from '../protocol/engine.js';
import type { Reading } from '../readings/readings.js';
import type { SummaryContext } from './markdown.js';
import { linkToSource } from '../documents/summary-uri.js';

/** What a finished summary says of its reading. */
export function contextOf(
  { engine, selection, source, stages }: Reading,
  choice: EngineChoice,
): Pick<SummaryContext, 'link' | 'engine' | 'totalBytes' | 'secondsForAll' | 'fallback'> {
  return {
    link: (range) => linkToSource(source.uri, selectionToFragment(selection(range))),
    engine,
    totalBytes: source.totalBytes,
    ...(stages && { secondsForAll: stages.secondsForAll }),
    ...(engine.engine === 'cpu' && choice !== 'cpu' && { fallback: engine.reason }),
  };
}
