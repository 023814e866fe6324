import { visibleInPage } from '../editor/visible-text.js';
import type { PanelName } from '../protocol/page.js';
import type { Reading } from '../readings/readings.js';
import type { Services } from './services.js';
import { documentOf } from './arguments.js';
import { read } from './read.js';

/** Reads the document unless it was, and brings a panel about it to the front. */
export async function showPanel(
  services: Services,
  panel: PanelName,
  title: string,
  args: readonly unknown[],
): Promise<Reading> {
  const { engine, tasks } = services;
  const uri = await documentOf(services, args);
  return tasks.run(title, async (task) => {
    const reading = await read(services, uri, task);
    const visible = visibleInPage(reading, services.edits);
    engine.reveal();
    await engine.request('show', { panel, document: reading.source.key, ...(visible && { visible }) });
    return reading;
  });
}
