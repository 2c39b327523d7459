import type { CancellationToken } from 'vscode-languageserver/node';

/** Requests of others wait no longer than this behind a long reading. */
const MOST_MS = 12;

/**
 * For long work in small steps: called after each, it lets waiting messages be answered when it is time, and says
 * whether to go on.
 */
export function createBreather(token: CancellationToken): () => boolean | Promise<boolean> {
  let since = performance.now();
  return () => {
    if (performance.now() - since < MOST_MS) return !token.isCancellationRequested;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve(!token.isCancellationRequested);
      });
    });
  };
}
