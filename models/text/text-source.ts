/** A text that is read as a stream, and what it is known by. */
export interface TextSource {
  /** Equal for equal content: a place with its version, or the text itself. */
  readonly key: string;
  /** For messages. */
  readonly name: string;
  /** UTF-8 bytes, where known. */
  readonly totalBytes?: number;
  /**
   * The text in pieces, none of which ends inside a character.
   *
   * @throws where the source is missing, empty, binary, in another encoding, or changes while it is read
   */
  open(): AsyncIterable<string>;
}
