import type { SymptomRule } from './failureRule.ts';

/** Signals whose number 128+n a shell reports; beyond 64 there is no signal, so 255 is no death (signal(7)). */
const LAST_SIGNAL = 64;

function isQuiet(text: string | undefined): boolean {
  return (text ?? '').trim() === '';
}

/** Outcomes that a program reports by exit code 1 and that are answers, not failures. Judged before any text. */
export const BENIGN_EXIT_RULES: readonly SymptomRule[] = [
  {
    // grep(1), rg(1): 1 means that no line was selected, 2 an error. stderr would make it an error as well.
    name: 'no_match',
    category: 'benign',
    confidence: 'certain',
    holds: (s) => s.exit_code === 1 && s.command === 'search' && isQuiet(s.output),
  },
  {
    // diff(1), cmp(1): 1 means that the inputs differ, and what is printed is the difference.
    name: 'differs',
    category: 'benign',
    confidence: 'certain',
    holds: (s) => s.exit_code === 1 && s.command === 'compare',
  },
  {
    // test(1), which(1), pgrep(1), git merge-base --is-ancestor: 1 means no.
    name: 'probe_answered_no',
    category: 'benign',
    confidence: 'likely',
    holds: (s) => s.exit_code === 1 && s.command === 'probe' && isQuiet(s.output),
  },
];

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
    holds: (s) => s.origin === 'call' && s.tool_kind === 'shell',
  },
];
