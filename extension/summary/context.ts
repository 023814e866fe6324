import { selectionToFragment } from '../documents/fragment.js';
import type { EngineChoice } from '../protocol/engine.js';
import type { Reading } from '../readings/readings.js';
import type { SummaryContext } from './markdown.js';
import { fileOf } from '../documents/packed-uri.js';
import { linkToSource } from '../documents/summary-uri.js';

/** What a finished summary says of its reading. */
export function contextOf(
  { engine, selection, source, stages }: Reading,
  choice: EngineChoice,
): Pick<
  SummaryContext,
  'link' | 'engine' | 'totalBytes' | 'packed' | 'anchors' | 'secondsForAll' | 'fallback'
> {
  const { packed } = source;
  return {
    link: (range) => linkToSource(fileOf(source.uri), selectionToFragment(selection(range))),
    engine,
    totalBytes: source.totalBytes,
    ...(packed && { packed, anchors: packed.anchors }),
    ...(stages && { secondsForAll: stages.secondsForAll }),
    ...(engine.engine === 'cpu' && choice !== 'cpu' && { fallback: engine.reason }),
  };
}
