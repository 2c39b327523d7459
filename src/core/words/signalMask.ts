/** Numbers 1 to 31 of signal(7), as on x86 and ARM. */
const NAMES = (
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM ' +
  'SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO ' +
  'SIGPWR SIGSYS'
).split(' ');
const FIRST_REAL_TIME = 34;

/** The signals of a mask such as `0000000180014a07`; `undefined` when it is none. */
export function signalsInMask(mask: string): readonly string[] | undefined {
  if (!/^[0-9a-f]{16}$/i.test(mask)) return undefined;
  const bits = BigInt(`0x${mask}`);
  return Array.from({ length: 64 }, (_, i) => i + 1)
    .filter((number) => (bits >> BigInt(number - 1)) & 1n)
    .map(nameOf);
}

/** 32 and 33 are the C library's own; the rest has no fixed use. */
function nameOf(number: number): string {
  const name = NAMES[number - 1];
  if (name !== undefined) return name;
  return number < FIRST_REAL_TIME ? `signal ${number} (of the C library)` : `SIGRTMIN+${number - FIRST_REAL_TIME}`;
}
