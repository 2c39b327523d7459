import type { Layer, VerdictDetail } from '../words/vocabulary.ts';

/** `Error: `, `[ERROR] API Error: `, `{"status":"error","message":"`: what agents put before what their service answered. */
const ANSWER = String.raw`^(?:(?:\{"(?:status|type)":"error","message":"|\[?(?:\w*Error|error|ERROR|fatal)\]?: )+(?:\[?API Error: )?|\[?API Error: )`;

/** What a program's last words say of why it gave up: shapes that runtimes and tools print, at a line's start. */
export const LAST_WORDS = {
  memory_error:
    /^MemoryError\b|^(?:\w+(?:\.\w+)*\.)?_?ArrayMemoryError:|^terminate called after throwing an instance of 'std::bad_alloc'|^(?:fatal error: )?runtime: out of memory|^memory allocation of \d+ bytes failed|: (?:Cannot allocate memory|virtual memory exhausted)/,
  java_heap:
    /^(?:Exception in thread .{0,80}|Caused by: )?java\.lang\.OutOfMemoryError\b|^Terminating due to java\.lang\.OutOfMemoryError/,
  stack_overflow:
    /^RecursionError: |^(?:Uncaught )?RangeError: Maximum call stack size exceeded|^thread '.{0,80}' has overflowed its stack|^(?:Exception in thread .{0,80})?java\.lang\.StackOverflowError/,
  fork_limit:
    /(?:^|: )fork: (?:retry: )?Resource temporarily unavailable|^BlockingIOError: \[Errno 11\] Resource temporarily unavailable|^(?:Uncaught )?Error: spawn .{0,200} EAGAIN\b/,
  thread_limit:
    /^RuntimeError: can't start new thread|pthread_create(?: failed)?.{0,40}(?:EAGAIN|Resource temporarily unavailable)|^(?:Exception in thread .{0,80})?java\.lang\.OutOfMemoryError: unable to create (?:new )?native thread/,
  inotify:
    /^(?:(?:\w*Error|Uncaught): ?)*(?:EMFILE: too many open files, watch|ENOSPC: (?:no space left on device, watch|System limit for number of file watchers reached))|^inotify_(?:init1?|add_watch): (?:Too many open files|No space left on device)/,
  dns: /^(?:\w+(?:\.\w+)*\.)?gaierror: |^(?:(?:\w*Error|Uncaught): ?)*getaddrinfo (?:ENOTFOUND|EAI_AGAIN)\b|^curl: \(6\) |^(?:ssh|fatal|wget|E): .{0,200}(?:[Cc]ould not resolve host|Temporary failure in name resolution|unable to resolve host)/,
  refused: /^ConnectionRefusedError: |^(?:(?:\w*Error|Uncaught): ?)*connect ECONNREFUSED\b|^curl: \(7\) /,
  tls: /^(?:\w+(?:\.\w+)*\.)?SSL(?:CertVerification)?Error: |^curl: \((?:35|60)\) |^(?:(?:\w*Error|Uncaught): ?)*(?:unable to (?:verify|get local issuer)|self.signed certificate)/,
  auth: new RegExp(
    `${ANSWER}(?:401\\b|Unauthorized\\b|[Ii](?:nvalid|ncorrect) API key|Invalid authentication credentials)|^Invalid API key\\b`,
  ),
  rate_limit: new RegExp(`${ANSWER}(?:429\\b|Too [Mm]any [Rr]equests|[Rr]ate limit (?:reached|exceeded))`),
  overloaded: new RegExp(
    `${ANSWER}(?:529\\b|50[0234] (?:Internal|Bad Gateway|Service|Gateway|\\{)|Overloaded\\b|overloaded_error)`,
  ),
  missing_program:
    /^(?:\S{1,200}: )?(?:(?:line )?\d{1,6}: )?\S.{0,200}: (?:command )?not found$|^(?:\/usr\/bin\/)?env: .{1,200}: No such file or directory$/,
  missing_module:
    /^(?:ModuleNotFoundError|ImportError): |^(?:(?:\w*Error|Uncaught): ?)*Cannot find (?:module|package) '|^Can't locate .{1,200} in @INC\b/,
  missing_file: /^FileNotFoundError: |^(?:(?:\w*Error|Uncaught): ?)*ENOENT: no such file or directory/,
  read_only: /^OSError: \[Errno 30\] |^(?:(?:\w*Error|Uncaught): ?)*EROFS: |: Read-only file system$/,
  quota: /^OSError: \[Errno 122\] |^(?:(?:\w*Error|Uncaught): ?)*EDQUOT: /,
  permission: /^PermissionError: |^(?:(?:\w*Error|Uncaught): ?)*(?:EACCES|EPERM): /,
  assertion: /^AssertionError\b|^Assertion failed: |: Assertion .{1,200} failed\.$/,
  uncaught_exception:
    /^Traceback \(most recent call last\):|^Uncaught |^terminate called after throwing|^Exception in thread "|^Unhandled exception\b|^node:internal\/process\/promises/,
} as const;

export type LastWord = keyof typeof LAST_WORDS;

/** From the most particular to what is true of any. */
export const LAST_WORD_NAMES = Object.keys(LAST_WORDS) as readonly LastWord[]; // the keys of that very object

const OWN_FAULT: ReadonlySet<VerdictDetail> = new Set(['assertion', 'uncaught_exception', 'stack_overflow']);

/** What the machine, the network or the sandbox denied is not the agent's doing. */
export function layerOfLastWord(detail: VerdictDetail): Layer | undefined {
  return OWN_FAULT.has(detail) ? undefined : 'environment';
}
