import type { Span } from '../../models/text/span.js';
import type { DocumentKey } from '../../extension/protocol/engine.js';
import type { VisibleText } from '../../extension/protocol/page.js';
import type { ComparisonState, Memory } from './memory.js';

/** What a panel shows: a document's memory, and the part of the text that the reader sees. */
export interface PanelState {
  readonly memory: Memory | undefined;
  readonly visible: VisibleText | undefined;
  readonly comparison: ComparisonState | undefined;
}

/** A panel draws the state it is given, whole; it is given one only while it is in front. */
export interface Panel {
  readonly element: HTMLElement;
  show(state: PanelState): void;
  /** Another panel came to the front: work that nobody sees is to stop. */
  hide?(): void;
}

/** Selects a passage in the reader's editor; with `preview` the keyboard stays in the page. */
export type Reveal = (document: DocumentKey, range: Span, options?: { preview: boolean }) => void;
