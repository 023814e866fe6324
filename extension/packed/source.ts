import type * as vscode from 'vscode';
import { utf8Length } from '../../models/text/utf8-length.js';
import { fileOf, nameOf } from '../documents/packed-uri.js';
import type { DocumentSource } from '../documents/source.js';
import { pieces } from '../documents/text.js';
import { PIECE_LENGTH } from '../protocol/page.js';
import type { PackedText } from './texts.js';

/** The text of a file as a source like any other. */
export function packedSource(uri: vscode.Uri, packed: PackedText): DocumentSource {
  const { text, version } = packed;
  return {
    uri,
    key: uri.toString(),
    name: nameOf(uri),
    totalBytes: utf8Length(text),
    version,
    packed: { ...packed, file: fileOf(uri) },
    // eslint-disable-next-line @typescript-eslint/require-await -- the other sources do wait
    async *read() {
      yield* pieces(text, PIECE_LENGTH);
    },
  };
}
