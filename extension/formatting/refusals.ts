import type { RefusedFile } from '../protocol/unpack.js';
import type { Translate } from './translate.js';

/** Why a file gives no text, and what can be done about it. */
export function refusalWords(
  name: string,
  { reason, what }: Pick<RefusedFile, 'reason' | 'what'>,
  t: Translate,
): string {
  switch (reason) {
    case 'unsupported':
      return what === undefined
        ? t('{0} cannot be read: it is packed several times over.', name)
        : t('{0} cannot be read: it is {1}.', name, kindWords(what, t));
    case 'encrypted':
      return t(
        '{0} asks for a password, or is under rights management. Save it without and try again.',
        name,
      );
    case 'broken':
      return t('{0} is damaged: no text of it could be read.', name);
    case 'too-large':
      return t('{0} unpacks to more than 256 MB, and no text came before that.', name);
    case 'no-text':
      return t(
        '{0} holds no text: its pages are scans, pictures or empty. Run text recognition (OCR) on it first.',
        name,
      );
    case 'not-text':
      return t('{0} holds a file that is no text.', name);
  }
}

/** A kind of file in the reader's language. */
export function kindWords(what: string, t: Translate): string {
  const kinds: Readonly<Record<string, string>> = {
    'an RTF document': t('an RTF document'),
    'an old Office document (.doc, .xls, .ppt)': t('an old Office document (.doc, .xls, .ppt)'),
    'a PNG picture': t('a PNG picture'),
    'a JPEG picture': t('a JPEG picture'),
    'a GIF picture': t('a GIF picture'),
    'a TIFF picture': t('a TIFF picture'),
    'a DjVu document': t('a DjVu document'),
    'a MOBI e-book': t('a MOBI e-book'),
    'a 7z archive': t('a 7z archive'),
    'a RAR archive': t('a RAR archive'),
    'a tar archive': t('a tar archive'),
    'a bzip2 archive': t('a bzip2 archive'),
    'an xz archive': t('an xz archive'),
    'a Zstandard archive': t('a Zstandard archive'),
    'a SQLite database': t('a SQLite database'),
    'an ELF program': t('an ELF program'),
    'a WebAssembly module': t('a WebAssembly module'),
    'an MP3 recording': t('an MP3 recording'),
    'an Ogg recording': t('an Ogg recording'),
    'an OpenDocument spreadsheet': t('an OpenDocument spreadsheet'),
    'an OpenDocument presentation': t('an OpenDocument presentation'),
    'an OpenDocument file without running text': t('an OpenDocument file without running text'),
    'a zip archive': t('a zip archive of other files'),
  };
  return kinds[what] ?? what;
}
