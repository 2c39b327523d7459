type Forward = (signal: NodeJS.Signals) => void;

export interface SignalForwarding {
  /** From now on; what has come already is passed on at once. */
  readonly to: (forward: Forward) => void;
  readonly stop: () => void;
}

/**
 * Passes on what a terminal, a shell or a CI runner sends to us. Begun before there is anything to record: a signal that
 * comes before the agent runs would otherwise end us and leave the agent alone.
 */
export function forwardSignals(): SignalForwarding {
  // SIGQUIT is Ctrl-\; SIGHUP the terminal that closes: the agent lives in a session of its own and would not hear it.
  const signals: readonly NodeJS.Signals[] =
    process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  const early: NodeJS.Signals[] = [];
  let forward: Forward = (signal) => early.push(signal);
  const onSignal = (signal: NodeJS.Signals): void => forward(signal);
  for (const signal of signals) process.on(signal, onSignal);
  return {
    to: (next) => {
      forward = next;
      for (const signal of early.splice(0)) next(signal);
    },
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
