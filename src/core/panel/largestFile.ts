/** VS Code sends no longer text to extensions, and none of their features is asked about it. */
export const MOST_SENT_BYTES = 50 * 1024 * 1024;

/** From an editor's extension to the server: `{ uris }`, all the files that are shown now and too large to be sent. */
export const LARGE_FILES_METHOD = 'sessionDiagnostics/largeFiles';
