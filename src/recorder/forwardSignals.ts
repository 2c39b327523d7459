/** Passes on what a terminal, a shell or a CI runner sends to us, until disposed. */
export function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  // SIGQUIT is Ctrl-\; SIGHUP the terminal that closes: the agent lives in a session of its own and would not hear it.
  const signals: readonly NodeJS.Signals[] =
    process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}
