import type { DocumentKey, TextRange, VisibleText } from '../../extension/protocol.js';
import type { Memory } from '../memories.js';

/** What a panel shows: a document's memory, and the part of the text that the reader sees. */
export interface PanelState {
  readonly memory: Memory | undefined;
  readonly visible: VisibleText | undefined;
}

/** A panel draws the state it is given, whole; it is given one only while it is in front. */
export interface Panel {
  readonly element: HTMLElement;
  show(state: PanelState): void;
}

/** Selects a passage in the reader's editor. */
export type Reveal = (document: DocumentKey, range: TextRange) => void;
