import { cue, errorCode, errorName, errorText } from './failureCue.ts';
import type { Conclusion, CueRule } from './failureRule.ts';

const RESOURCE: Conclusion = { category: 'resource', confidence: 'likely' };
const SANDBOX: Conclusion = { category: 'sandbox_approval', confidence: 'likely' };
const TIMEOUT: Conclusion = { category: 'timeout', confidence: 'likely' };

/** What programs print when the machine has no more to give: always the cause of what follows. */
export const RESOURCE_CUES: readonly CueRule[] = [
  // inotify reports exhausted watches as ENOSPC (inotify_add_watch(2)): before the disk's sentence of the same code
  cue('watchers', 3, RESOURCE, {
    anywhere: [
      '\\bwatch\\b.{0,160}\\bENOSPC\\b',

      'System limit for number of file watchers reached',
      'inotify (?:(?:watch(?:es)?|instance) )?(?:limit|instances)',
      'inotify_(?:init|add_watch)\\S*:? .{0,60}(?:No space|Too many)',
      'too many inotify',
      'fs\\.inotify\\.max_user',
      'user limit .{0,60}inotify',
    ],
  }),
  cue('disk_full', 3, RESOURCE, {
    starts: [errorCode('ENOSPC|EDQUOT')],
    anywhere: [
      errorName('ENOSPC|EDQUOT'),
      'No space left on device',
      'Disk quota exceeded',
      'exceeded quota: ',
      'not enough space on the (?:disk|device)',
      'disk is full',
      'disk full\\b',
      'You don.t have enough free space',
      'not enough (?:free )?disk space',
      'Insufficient (?:disk )?space',
    ],
  }),
  // V8, Java, Python, Go, Rust, C++, LLVM, CUDA, and fork(2) without memory
  cue('memory', 3, RESOURCE, {
    starts: [
      'MemoryError\\b',
      errorCode('ENOMEM'),
      '(?:virtual )?memory exhausted',
      'memory allocation of \\d+ bytes failed',
      'Unable to allocate [\\d.]+ [KMGT]i?B',
      'Allocation failed - ',
    ],
    anywhere: [
      '(?:can(?:not|.t)|could ?n[o.]t|unable to|failed to) allocate (?:\\S+ ){0,3}(?:memory|vector of size)',
      'OOM when allocating',
      'ResourceExhaustedError',
      'JavaScript heap out of memory',
      'Reached heap limit',
      'Ineffective mark-compacts near heap limit',
      // The frames of V8's own death, where its sentence was lost: exit code 134
      'v8::internal::V8::FatalProcessOutOfMemory',
      'v8::internal::Heap::',
      '^(?:> )?(?:Java heap space|Metaspace|GC overhead limit exceeded)',
      'Allowed memory size of \\d+ bytes exhausted',
      'There is insufficient memory for the Java Runtime',
      'std::bad_alloc',
      'CUDA out of memory',
      'OutOfMemoryError',
      'Out of memory: Killed process',
      'oom[-_]kill(?:er)?\\b',
      'paging file is too small',
      '(?:^|: )out of memory\\b',
    ],
  }),
  // gcc, ld, cargo, rustc, ninja: nobody kills a compiler but the kernel that has no memory left. Only its log is proof.
  cue(
    'killed_child',
    2,
    { category: 'resource', confidence: 'possible' },
    {
      anywhere: [
        'Killed signal terminated program',
        'terminated with signal 9\\b',
        '\\(signal: 9, SIGKILL',
        'killed by (?:signal 9|SIGKILL)',
        'compiler .{0,40}\\bKilled\\b',
      ],
    },
  ),
  cue('descriptors', 3, RESOURCE, {
    starts: [errorCode('EMFILE|ENFILE')],
    anywhere: [errorName('EMFILE|ENFILE'), 'Too many open files'],
  }),
  // fork(2) and clone(2) at RLIMIT_NPROC or the cgroup's pids.max
  cue('processes', 3, RESOURCE, {
    starts: [errorCode('EAGAIN')],
    anywhere: [
      '(?:fork|clone|vfork|pthread_create|posix_spawn|spawn)\\S*:? .{0,80}(?:Resource temporarily unavailable|EAGAIN)',
      'can.t start new thread',
      'unable to create (?:new )?native thread',
      'Cannot fork',
      'failed to create new OS thread',
      'thread pool .{0,60}Resource temporarily unavailable',
      // EAGAIN of whatever starts something; of a lock it is somebody else's
      '\\b(?:start|launch|spawn|creat|fork|execut|run)\\w{0,4}\\b.{0,80}Resource temporarily unavailable',
      'BlockingIOError: \\[Errno 11\\]',
    ],
  }),
];

/** What programs print when something is there and may not be touched. */
export const SANDBOX_CUES: readonly CueRule[] = [
  // The sandboxes' own words: bubblewrap, Seatbelt, Landlock, Claude Code's report
  cue('sandbox', 2, SANDBOX, {
    starts: ['<sandbox_violations>', 'deny(?:\\(\\d\\))? (?:file|network|process|mach|sysctl)-'],
    anywhere: [
      'Bad system call',
      'No usable sandbox',
      'CreateProcess(?:AsUser|WithLogon)W failed',
      'Not authori[sz]ed to send Apple events',
      '(?:sandbox-exec|bwrap|bubblewrap|landlock|seccomp|seatbelt)\\b.{0,20}:',
      'denied by (?:the )?sandbox',
      'blocked by (?:the )?sandbox',
      'sandbox (?:denied|restriction|violation|blocked)',
      'not allowed in (?:the )?sandbox',
    ],
  }),
  // EPERM, EACCES and EROFS as libc, Node, Rust, Go, Python, .NET and Windows spell them
  cue('permission', 2, SANDBOX, {
    starts: [
      errorCode('EACCES|EPERM|EROFS'),
      '(?:PermissionError|UnauthorizedAccessException|AccessDeniedException)\\b',
    ],
    anywhere: [
      errorName('EACCES|EPERM|EROFS'),
      errorText('Permission denied|Operation not permitted|Read-only file system|Access is denied'),
      'Access to the path .{1,160} is denied',
      'UnauthorizedAccess\\b',
      'running scripts is disabled',
      'attempt to write a read-?only database',
    ],
  }),
  // A command that wants more rights than the session has
  cue('privileges', 2, SANDBOX, {
    starts: ['sudo: '],
    anywhere: [
      'a (?:password|terminal) is required',
      'Interactive authentication required',
      'must be (?:run as )?(?:root|superuser)',
      'are you root\\?',
      'requires? (?:root|superuser|elevated|administrator)',
      'no new privileges',
      'dubious ownership',
      'not in the sudoers',
      'Insufficient (?:privileges|permission)',
    ],
  }),
  cue('policy', 2, SANDBOX, {
    anywhere: [
      'not allowed by policy',
      'blocked by (?:policy|administrator)',
      'disabled by (?:policy|your administrator)',
      'forbidden by (?:policy|rule)',
    ],
  }),
];

/** What programs and harnesses print when a time limit ended the work. */
export const TIMEOUT_CUES: readonly CueRule[] = [
  // "Command timed out after 2m 0.0s", "command timed out after 10003 milliseconds", subprocess.TimeoutExpired, pytest-timeout
  cue('timed_out', 3, TIMEOUT, {
    starts: [
      'Command timed out\\b',
      'timeout: sending signal',
      'E?\\s*Failed: Timeout >',
      'The operation was canceled\\.$',
      '(?:[\\w.]{1,60}\\.)?TimeoutError\\b',
      'Timed out waiting\\b',
      'Timeout (?:of )?\\d+ ?m?s exceeded',
      'Timeout exceeded',
      'context deadline exceeded',
      'Operation timed out',
    ],
    anywhere: [
      '\\btimed out after \\d',
      'TimeoutExpired\\b',
      '\\bExecution timed out',
      'Maximum execution time of \\d+ seconds? exceeded',
      'exceeded (?:the |its )?(?:maximum )?(?:execution |run )?time(?:out| limit)?\\b',
      'has timed out\\b',
      '\\bTimeoutError\\]?: ',
      '\\bTIMEOUT in [\\d.]+s',
      '\\bstatus:? "?(?:TIMEOUT|TIMED_?OUT)\\b',
    ],
  }),
];
