/** Node 22 and later name their main thread; it is the same program as `node`. */
const NODE_COMMS: ReadonlySet<string> = new Set(['node', 'MainThread', 'node-MainThread', 'nodejs']);

/** Programs that end by turning into the one they were asked to start. */
const STARTERS: ReadonlySet<string> = new Set(
  'sh bash dash ash zsh fish ksh env script timeout nice nohup setsid stdbuf sudo xargs npm npx exe'.split(' '),
);

/**
 * Whether a process that was once called `expected` and now is `actual` may still be the same program. Node programs
 * set their title (prctl PR_SET_NAME) as they please, and a starter becomes what it starts.
 */
export function mayBeSameProgram(expected: string, actual: string): boolean {
  // A shell that is seen between its fork and its exec is about to become what it runs.
  if (expected === actual || NODE_COMMS.has(actual) || STARTERS.has(actual)) return true;
  // npm calls itself "npm run build", cut to 15 characters.
  return NODE_COMMS.has(expected) || STARTERS.has(expected.split(' ', 1)[0] ?? '');
}
