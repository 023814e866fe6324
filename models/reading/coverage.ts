/** How much of the document the model read. */
export interface Coverage {
  readonly tokens: number;
  /** UTF-8 bytes of the text that was read. */
  readonly bytes: number;
  /** False after a cancel or an error: what follows `bytes` was not read. */
  readonly complete: boolean;
  /**
   * Where the model read chosen parts only: UTF-8 bytes of the document that the fast pass looked at. Then
   * `complete` says that all that was chosen was read, and `bytes` counts no more than that.
   */
  readonly scannedBytes?: number;
  /** Characters that stand for bytes which are no UTF-8 (U+FFFD), where there are any; after stages, of all that was scanned. */
  readonly undecoded?: number;
}

export interface ReadProgress {
  readonly tokens: number;
  readonly bytes: number;
  /** UTF-8 bytes of the whole document where known. */
  readonly totalBytes?: number;
  readonly tokensPerSecond: number;
}
