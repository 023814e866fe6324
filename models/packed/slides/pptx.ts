import { Archive, mainPartOf, relationsOf } from '../archive.js';
import { Flow } from '../flow.js';
import { requireText } from '../result.js';
import { TextBuilder } from '../text-builder.js';
import type { PackedDocument, PackedOptions } from '../types.js';
import { localName } from '../xml.js';
import { SlideReader } from './slide.js';

/**
 * A PowerPoint presentation (ECMA-376): slide by slide, titles as headings, tables by row, and the speaker's notes
 * behind their slide.
 *
 * @throws {PackedError} `broken` or `no-text`
 */
export function readPptx(bytes: Uint8Array, options: PackedOptions = {}): PackedDocument {
  const archive = new Archive(bytes, options);
  const slides = slidesOf(archive);
  const text = new TextBuilder();
  const flow = new Flow(text);
  const missed = new Set<string>();
  for (const [i, path] of slides.entries()) {
    const label = String(i + 1);
    text.anchor({ kind: 'slide', number: i + 1, label });
    const before = { blocks: text.blocks, unread: archive.unread.length };
    const part = { kind: 'slide', label } as const;
    if (!archive.read(path, new SlideReader(flow, false), part))
      archive.unread.push({ ...part, reason: 'broken' });
    const notes = [...relationsOf(archive, path).values()].find(({ type }) => type === 'notesSlide');
    if (notes) archive.read(notes.target, new SlideReader(flow, true), part);
    text.close();
    if (archive.unread.length > before.unread) missed.add(label);
    else if (text.blocks === before.blocks) {
      archive.unread.push({ ...part, reason: 'no-text' });
      missed.add(label);
    }
    options.onProgress?.(i + 1, slides.length);
  }
  return requireText({
    format: 'pptx',
    ...text.finish(),
    parts: { kind: 'slide', total: slides.length, read: slides.length - missed.size },
    unread: archive.unread,
  });
}

/** Paths of the slides in the order of the presentation, or where that is lost by their numbers. */
function slidesOf(archive: Archive): string[] {
  const main = mainPartOf(archive, 'ppt/presentation.xml');
  const relations = relationsOf(archive, main);
  const slides: string[] = [];
  archive.readAside(main, {
    open: (qualified, attributes) => {
      if (localName(qualified) !== 'sldId') return;
      const target = relations.get(attributes['r:id'] ?? '')?.target;
      if (target !== undefined) slides.push(target);
    },
  });
  if (slides.length > 0) return slides;
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...archive.names].filter((name) => /^ppt\/slides\/[^/]+\.xml$/u.test(name)).sort(compare);
}
