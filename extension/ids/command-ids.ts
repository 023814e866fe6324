/** Commands that are not contributed: other parts of the extension call them, no reader does. */

/** What the notices of edited documents offer: takes the document's URI. */
export const READ_AGAIN = 'memmamba.readAgain';

/** Follows a link of a summary: takes its target, and the URI of the document that holds it. */
export const OPEN_LINK = 'memmamba.openLink';

/** Selects a passage in the view of a large file: takes its URI, the selection, and whether it gets the keyboard. */
export const SELECT_IN_LARGE_FILE = 'memmamba.selectInLargeFile';
