export type SignalName = `SIG${string}`;

/** Numbers of the signals that end a process (signal(7), as on x86 and ARM). */
const NUMBERS = new Map<SignalName, number>([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGILL', 4],
  ['SIGTRAP', 5],
  ['SIGABRT', 6],
  ['SIGBUS', 7],
  ['SIGFPE', 8],
  ['SIGKILL', 9],
  ['SIGUSR1', 10],
  ['SIGSEGV', 11],
  ['SIGUSR2', 12],
  ['SIGPIPE', 13],
  ['SIGALRM', 14],
  ['SIGTERM', 15],
  ['SIGSTKFLT', 16],
  ['SIGXCPU', 24],
  ['SIGXFSZ', 25],
  ['SIGVTALRM', 26],
  ['SIGPROF', 27],
  ['SIGIO', 29],
  ['SIGPWR', 30],
  ['SIGSYS', 31],
]);

/** The first one that glibc leaves to programs; musl's is 35, and the number is what counts. */
const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;
for (let number = FIRST_REAL_TIME; number <= LAST_REAL_TIME; number += 1) {
  NUMBERS.set(number === FIRST_REAL_TIME ? 'SIGRTMIN' : `SIGRTMIN+${number - FIRST_REAL_TIME}`, number);
}

const NAMES: ReadonlyMap<number, SignalName> = new Map([...NUMBERS].map(([name, number]) => [number, name]));

export function signalNumber(name: string): number | undefined {
  return NUMBERS.get(name as SignalName); // of any other text there is no number
}

export function signalOfNumber(number: number | undefined): string | undefined {
  return number === undefined ? undefined : NAMES.get(number);
}

/** The signal that an exit code of 128+n stands for by the shells' convention. */
export function signalOfExitCode(code: number): string | undefined {
  return NAMES.get(code - 128);
}

export const SIGNAL_NAMES: readonly SignalName[] = [...NUMBERS.keys()];
