import type { SymptomRule } from './failureRule.ts';
import type { Symptom } from '../transcriptEvents.ts';

/** Signals whose number 128+n a shell reports; beyond 64 there is no signal, so 255 is no death (signal(7)). */
const LAST_SIGNAL = 64;

function isQuiet(text: string | undefined): boolean {
  return (text ?? '').trim() === '';
}

/** grep -c prints its zeros: "0", or "a.ts:0" for each of several files. */
const ONLY_ZEROS = /^(?:(?:[^\n:]{1,300}:)?0\n?)+$/;
/** jq -e ends with 1 when the answer is null or false; systemctl is-active prints its answer, ps its header. */
const PRINTED_NO = /^(?:null|false|inactive|disabled|unknown|failed|masked|not-found|\s*PID TTY .{0,40})$/;
/** kill -0, tmux has-session: the answer no, in words. */
const SAID_NO = /(?:^|[ :(])(?:No such process|can.t find session|no server running|no sessions)\b[^\n]{0,120}\)?$/i;

function isNo(text: string | undefined): boolean {
  const answer = (text ?? '').trim();
  return PRINTED_NO.test(answer) || (!answer.includes('\n') && SAID_NO.test(answer));
}

/** "/usr/bin/rg", "which: no foo in (/usr/bin)", "bash: type: foo: not found", "make is hashed (/usr/bin/make)" */
function isLookupLine(line: string): boolean {
  return /^\s*$|^\S*[\\/]\S+$|\bnot found$|\bno \S{1,80} in \(|^\S{1,80} is (?:an? |aliased |hashed )/.test(line);
}

/** Outcomes that a program reports by exit code 1 and that are answers, not failures. Judged before any text. */
export const BENIGN_EXIT_RULES: readonly SymptomRule[] = [
  {
    // grep(1), rg(1): 1 means that no line was selected, 2 an error. stderr would make it an error as well. xargs(1)
    // makes 123 of it.
    name: 'no_match',
    category: 'benign',
    confidence: 'certain',
    holds: (s) =>
      (s.exit_code === 1 || s.exit_code === 123) &&
      s.command === 'search' &&
      (isQuiet(s.output) || ONLY_ZEROS.test((s.output ?? '').trim())),
  },
  {
    // diff(1), cmp(1): 1 means that the inputs differ, and what is printed is the difference.
    name: 'differs',
    category: 'benign',
    confidence: 'certain',
    holds: (s) => s.exit_code === 1 && s.command === 'compare',
  },
  {
    // test(1), pgrep(1), lsof(8), git merge-base --is-ancestor: 1 means no; systemctl(1) has 3 and 4 for it.
    name: 'probe_answered_no',
    category: 'benign',
    confidence: 'likely',
    holds: (s) =>
      s.command === 'probe' &&
      ((s.exit_code === 1 && isQuiet(s.output)) ||
        ((s.exit_code === undefined || (s.exit_code >= 1 && s.exit_code <= 4)) && isNo(s.output))),
  },
  {
    // which(1), command -v, type: 1 means that at least one name is unknown; some say so, some list those they know.
    name: 'lookup_answered_no',
    category: 'benign',
    confidence: 'likely',
    holds: (s) => s.exit_code === 1 && s.command === 'lookup' && (s.output ?? '').split('\n', 50).every(isLookupLine),
  },
];

/** curl(1), EXIT CODES: resolve, connect, TLS, transfer; and 22 for an HTTP error under --fail. */
const CURL_NETWORK = [
  5, 6, 7, 16, 18, 22, 28, 35, 47, 52, 53, 54, 55, 56, 58, 59, 60, 66, 77, 80, 83, 90, 91, 92, 95, 96,
];
/** wget(1), EXIT STATUS: network, TLS, credentials, protocol, the server's error. */
const WGET_NETWORK = [4, 5, 6, 7, 8];

/** Windows hands an NTSTATUS on as an exit code, which some read as a signed number. */
function isStatus(s: Symptom, status: number): boolean {
  return s.exit_code === status || s.exit_code === status - 2 ** 32;
}

/** Exit-code conventions: the weakest evidence, used when nothing was printed that says more. */
export const EXIT_CODE_RULES: readonly SymptomRule[] = [
  {
    // POSIX sh: 127 is a command that was not found.
    name: 'exit_127',
    category: 'missing_dependency',
    confidence: 'likely',
    holds: (s) => s.exit_code === 127,
  },
  {
    // POSIX sh: 126 is a command that was found but could not be executed, usually for lack of permission.
    name: 'exit_126',
    category: 'sandbox_approval',
    confidence: 'possible',
    holds: (s) => s.exit_code === 126,
  },
  {
    // timeout(1) exits 124; Codex uses the same code for its own limit.
    name: 'exit_124',
    category: 'timeout',
    confidence: 'likely',
    holds: (s) => s.exit_code === 124,
  },
  {
    // curl -s and wget -q print nothing: their exit code says what they would have.
    name: 'exit_of_transfer',
    category: 'network',
    confidence: 'likely',
    holds: (s) =>
      s.exit_code !== undefined &&
      ((s.command === 'curl' && CURL_NETWORK.includes(s.exit_code)) ||
        (s.command === 'wget' && WGET_NETWORK.includes(s.exit_code))),
  },
  {
    // cmd.exe's 9009; STATUS_DLL_NOT_FOUND and STATUS_ENTRYPOINT_NOT_FOUND (Microsoft's NTSTATUS values).
    name: 'exit_of_windows_loader',
    category: 'missing_dependency',
    confidence: 'likely',
    holds: (s) => s.exit_code === 9009 || isStatus(s, 0xc0000135) || isStatus(s, 0xc0000139),
  },
  {
    // STATUS_NO_MEMORY and STATUS_COMMITMENT_LIMIT
    name: 'exit_of_windows_memory',
    category: 'resource',
    confidence: 'likely',
    holds: (s) => isStatus(s, 0xc0000017) || isStatus(s, 0xc000012d),
  },
  {
    // 128+SIGSYS(31): the kernel's seccomp filter forbade a system call; nothing else sends it (signal(7)).
    name: 'exit_by_seccomp',
    category: 'sandbox_approval',
    confidence: 'likely',
    holds: (s) => s.exit_code === 128 + 31,
  },
  {
    // 128+SIGXCPU(24) and 128+SIGXFSZ(25): a limit of setrlimit(2) on CPU time or file size was hit.
    name: 'exit_by_rlimit',
    category: 'resource',
    confidence: 'likely',
    holds: (s) => s.exit_code === 128 + 24 || s.exit_code === 128 + 25,
  },
  {
    // A bare 143 (or 137) is a timeout only when the call lasted as long as the limit it was given.
    name: 'killed_at_limit',
    category: 'timeout',
    confidence: 'likely',
    holds: (s) =>
      (s.exit_code === 143 || s.exit_code === 137) &&
      s.timeout_ms !== undefined &&
      s.duration_ms !== undefined &&
      s.duration_ms >= 0.95 * s.timeout_ms &&
      s.duration_ms <= 1.2 * s.timeout_ms + 5000,
  },
  {
    // 128+n: killed by a signal. By whom and why only process evidence can say; 137 alone is never "out of memory".
    name: 'exit_by_signal',
    category: 'command_exit',
    confidence: 'possible',
    holds: (s) => s.exit_code !== undefined && s.exit_code > 128 && s.exit_code <= 128 + LAST_SIGNAL,
  },
  {
    name: 'exit_nonzero',
    category: 'command_exit',
    confidence: 'certain',
    holds: (s) => s.exit_code !== undefined && s.exit_code !== 0,
  },
  {
    // A shell call that is marked as failed and whose harness did not keep the code.
    name: 'shell_failed',
    category: 'command_exit',
    confidence: 'likely',
    holds: (s) => s.origin === 'call' && s.tool_kind === 'shell' && s.never_ran !== true,
  },
];
