import type { CancellationToken } from 'vscode-languageserver/node';

/** Requests of others wait no longer than this behind a long reading. */
const MOST_MS = 8;
/** A message is read in one turn of the event loop, taken from its queue in the next, and answered in a third. */
const TURNS = 3;

/**
 * For long work in small steps: called after each, it lets waiting messages be answered when it is time, and says
 * whether to go on.
 */
export function createYield(token: CancellationToken): () => boolean | Promise<boolean> {
  let since = performance.now();
  return () => {
    if (performance.now() - since < MOST_MS) return !token.isCancellationRequested;
    return othersFirst().then(() => {
      since = performance.now();
      return !token.isCancellationRequested;
    });
  };
}

/** Lets whatever came in meanwhile be answered. */
async function othersFirst(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
