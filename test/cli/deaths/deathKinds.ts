import assert from 'node:assert/strict';
import { verdictSentence } from '../../../src/core/death/verdictSentence.ts';
import type { Verdict } from '../../../src/core/session/verdict.ts';

/** Real deaths, each with what is true of it, written down before it was run. */
export interface Kind {
  readonly what: string;
  readonly command: readonly string[];
  readonly cause: string;
  readonly layer: string;
  /** What it fills there is nobody else's. */
  readonly cwd?: string;
  readonly detail?: string;
  /** What the sentence must say, or must not. */
  readonly says?: RegExp;
  readonly never?: RegExp;
}

export const python = (...lines: readonly string[]) => ['python3', '-c', lines.join('\n')];
const itself = (signal: string) => python('import os, signal', `os.kill(os.getpid(), signal.${signal})`);
const says = (text: string, code: number) =>
  python('import sys', `print(${JSON.stringify(text)}, file=sys.stderr)`, `sys.exit(${code})`);
const STUBBORN = python('import signal, time', 'signal.signal(signal.SIGTERM, signal.SIG_IGN)', 'time.sleep(30)');
const TIMED_OUT = { cause: 'timed_out', layer: 'environment', detail: 'wrapper_timeout' };
const NOBODY = /from outside/;

export const KINDS: readonly Kind[] = [
  { what: 'exit 0', command: ['true'], cause: 'completed', layer: 'none' },
  { what: 'exit 7', command: ['sh', '-c', 'exit 7'], cause: 'exit_nonzero', layer: 'unknown', says: /code 7/ },
  { what: 'a real-time signal', command: itself('SIGRTMIN'), cause: 'terminated', layer: 'lifecycle', never: NOBODY },
  { what: 'kill -9 of itself', command: itself('SIGKILL'), cause: 'killed', layer: 'lifecycle', never: NOBODY },
  {
    what: 'SIGTERM of itself',
    command: itself('SIGTERM'),
    cause: 'terminated',
    layer: 'lifecycle',
    says: /by SIGTERM/,
    never: NOBODY,
  },
  {
    what: 'SIGQUIT',
    command: itself('SIGQUIT'),
    cause: 'interrupted',
    layer: 'user',
    says: /by SIGQUIT/,
    never: /keyboard|SIGINT/,
  },
  {
    what: 'SIGALRM',
    command: ['perl', '-e', 'alarm 1; sleep 20'],
    cause: 'terminated',
    layer: 'lifecycle',
    detail: 'alarm',
    says: /alarm that it had set itself/,
    never: NOBODY,
  },
  {
    what: 'SIGPIPE',
    command: ['perl', '-e', 'kill PIPE => $$; sleep 20'],
    cause: 'terminated',
    layer: 'lifecycle',
    detail: 'pipe_closed',
    says: /nobody read its output/,
    never: NOBODY,
  },
  {
    what: 'CPU limit',
    command: ['prlimit', '--cpu=1:9', 'perl', '-e', '1 while 1'],
    cause: 'terminated',
    layer: 'environment',
    detail: 'cpu_limit',
    says: /CPU time/,
    never: NOBODY,
  },
  {
    what: 'file size limit',
    command: [
      'prlimit',
      '--fsize=1000',
      'perl',
      '-e',
      'open F, ">/tmp/death-kinds-$$"; unlink "/tmp/death-kinds-$$"; syswrite F, "x" x 900 for 1..9; sleep 20',
    ],
    cause: 'terminated',
    layer: 'environment',
    detail: 'file_size_limit',
    never: NOBODY,
  },
  { what: 'segmentation fault', command: itself('SIGSEGV'), cause: 'crashed', layer: 'lifecycle' },
  { what: 'abort', command: itself('SIGABRT'), cause: 'crashed', layer: 'lifecycle' },
  { what: 'timeout', command: ['timeout', '1.5', 'sleep', '30'], ...TIMED_OUT },
  { what: 'timeout -s KILL', command: ['timeout', '-s', 'KILL', '1.5', 'sleep', '30'], ...TIMED_OUT },
  { what: 'timeout --preserve-status', command: ['timeout', '--preserve-status', '1.5', 'sleep', '30'], ...TIMED_OUT },
  { what: 'timeout -k, and TERM is ignored', command: ['timeout', '-k', '0.5', '1.5', ...STUBBORN], ...TIMED_OUT },
  {
    what: 'SIGTERM of itself long before a timeout',
    command: ['timeout', '--preserve-status', '60', ...itself('SIGTERM')],
    cause: 'terminated',
    layer: 'lifecycle',
  },
  {
    what: 'a quoted message of V8',
    command: says('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 1),
    cause: 'heap_limit',
    layer: 'environment',
    says: /possible/,
  },
  {
    what: 'a quoted EMFILE',
    command: says('Error: EMFILE: too many open files, open', 1),
    cause: 'fd_exhaustion',
    layer: 'environment',
    says: /possible|likely/,
  },
  {
    what: 'inotify instances used up',
    command: says("Error: EMFILE: too many open files, watch '/x'", 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'inotify',
  },
  {
    what: 'inotify watches used up',
    command: says("Error: ENOSPC: System limit for number of file watchers reached, watch '/x'", 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'inotify',
  },
  {
    what: 'MemoryError',
    command: python(
      'import resource',
      'resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))',
      'x = bytearray(1 << 30)',
    ),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'memory_error',
  },
  {
    what: 'java heap',
    command: says('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'java_heap',
  },
  {
    what: 'fork refused',
    command: says('bash: fork: retry: Resource temporarily unavailable', 254),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'fork_limit',
  },
  {
    what: 'no thread',
    command: says("RuntimeError: can't start new thread", 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'thread_limit',
  },
  {
    what: 'no name',
    command: python('import socket', 'socket.getaddrinfo("no-such-name.invalid", 80)'),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'dns',
  },
  {
    what: 'connection refused',
    command: python('import socket', 'socket.create_connection(("127.0.0.1", 1))'),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'refused',
  },
  {
    what: 'a module is missing',
    command: python('import no_such_module_at_all'),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'missing_module',
  },
  {
    what: 'a file is missing',
    command: python('open("/no/such/file")'),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'missing_file',
  },
  {
    what: 'no permission',
    command: says("PermissionError: [Errno 13] Permission denied: '/x'", 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'permission',
  },
  {
    what: 'read-only',
    command: says("OSError: [Errno 30] Read-only file system: '/x'", 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'read_only',
  },
  {
    what: 'certificate',
    command: says('ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed', 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'tls',
  },
  {
    what: 'a program that the shell does not find',
    command: ['sh', '-c', 'no-such-program-at-all --now'],
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'missing_program',
  },
  {
    what: 'a program that was tried, and another reason',
    command: ['sh', '-c', 'no-such-program-at-all; exit 4'],
    cause: 'exit_nonzero',
    layer: 'unknown',
  },
  {
    what: 'a command that is not there',
    command: ['no-such-command-at-all'],
    cause: 'launch_failed',
    layer: 'environment',
    detail: 'missing_program',
  },
  {
    what: 'the service does not know the key',
    command: says('{"status":"error","message":"401 Incorrect API key provided: the key was revoked."}', 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'auth',
  },
  {
    what: 'the service is asked too often',
    command: says('Error: 429 Too many requests', 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'rate_limit',
  },
  {
    what: 'the service is overloaded',
    command: says('API Error: 529 Overloaded', 1),
    cause: 'exit_nonzero',
    layer: 'environment',
    detail: 'overloaded',
  },
  {
    what: 'numbers that are no status',
    command: says('401 tests ran, 3 failed', 1),
    cause: 'exit_nonzero',
    layer: 'unknown',
  },
  {
    what: 'an error nobody caught',
    command: python('raise ValueError("no")'),
    cause: 'exit_nonzero',
    layer: 'unknown',
    detail: 'uncaught_exception',
  },
  {
    what: 'an assertion',
    command: python('assert 1 == 2'),
    cause: 'exit_nonzero',
    layer: 'unknown',
    detail: 'assertion',
  },
  {
    what: 'words about errors, and then a failing test',
    command: says('the docs mention ECONNREFUSED and MemoryError\n3 tests failed', 1),
    cause: 'exit_nonzero',
    layer: 'unknown',
  },
];

/** What is told wrong of a death; `undefined` when all of it is right. */
export function wrongOf(kind: Kind, verdict: Verdict): string | undefined {
  const sentence = verdictSentence(verdict);
  const isRight =
    verdict.cause === kind.cause &&
    verdict.layer === kind.layer &&
    (kind.detail === undefined || verdict.detail === kind.detail) &&
    (kind.says?.test(sentence) ?? true) &&
    !(kind.never?.test(sentence) ?? false);
  return isRight ? undefined : `${kind.what}: ${verdict.cause}/${verdict.layer}/${verdict.detail ?? '-'}: ${sentence}`;
}

export interface Told {
  readonly kind: Kind;
  readonly verdict: Verdict;
}

/** Of each grade how many were told, and how many of them wrong: certain is never wrong, likely at most 3 in 100. */
export function judgeAll(told: readonly Told[], print: (line: string) => void): void {
  const wrong: string[] = [];
  const table = new Map(['certain', 'likely', 'possible'].map((word) => [word, { all: 0, wrong: 0 }]));
  for (const { kind, verdict } of told) {
    const row = table.get(verdict.confidence) ?? assert.fail(verdict.confidence);
    const fault = wrongOf(kind, verdict);
    row.all += 1;
    if (fault === undefined) continue;
    row.wrong += 1;
    wrong.push(fault);
  }
  for (const [word, { all, wrong: bad }] of table) print(`${word}: ${all} told, ${bad} wrong`);
  assert.equal(table.get('certain')?.wrong, 0, wrong.join('\n'));
  const likely = table.get('likely') ?? { all: 0, wrong: 0 };
  assert.ok(likely.wrong <= 0.03 * likely.all, wrong.join('\n'));
  assert.deepEqual(wrong, []);
}
