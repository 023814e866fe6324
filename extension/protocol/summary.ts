/** What the rendered view of a summary is told: all of its content, each time. */
export interface SummaryHostMessage {
  readonly type: 'content';
  /** The Markdown. */
  readonly text: string;
  /** The same from VS Code's Markdown engine, unless that is not there. */
  readonly html?: string;
}

/** What that view tells: it listens now, it shows what it was told, or a link was followed. */
export type SummaryPageMessage =
  { readonly type: 'ready' } | { readonly type: 'shown' } | { readonly type: 'open'; readonly href: string };
