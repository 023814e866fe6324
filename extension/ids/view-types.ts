/** Ids of the editors and pages of ours, as the manifest has them. */
export const ENGINE_VIEW_TYPE = 'memmamba.engine';
export const LARGE_FILE_VIEW_TYPE = 'memmamba.largeFile';
export const SUMMARY_VIEW_TYPE = 'memmamba.summary';
