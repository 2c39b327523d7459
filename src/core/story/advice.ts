import { displayText } from '../words/displayText.ts';
import { humanKb } from '../words/humanUnits.ts';
import { failedOf, hasDetail, isMissing, isOomKilled, limitOf, missingName, roomFor } from './adviceWhen.ts';
import type { StoryFacts, StoryLine } from './storyFacts.ts';

/** What to do about it, and whether trying again is of use. */
export interface Advice {
  readonly name: string;
  readonly holds: (facts: StoryFacts) => boolean;
  readonly say: (facts: StoryFacts) => string;
}

/** The first that holds is told: from the most particular to what is true of many. */
export const ADVICE: readonly Advice[] = [
  {
    name: 'raise the limit of the container',
    holds: (facts) => isOomKilled(facts) && limitOf(facts) !== undefined,
    say: (facts) =>
      `Raise the memory limit to about ${humanKb(roomFor(limitOf(facts) ?? 0))}, or let it do less at once (fewer workers, one test file at a time). Trying again unchanged will most likely end the same way.`,
  },
  {
    name: 'give the machine more memory',
    holds: isOomKilled,
    say: () =>
      'Free memory on this machine, or let it do less at once (fewer workers, one test file at a time). Trying again unchanged will most likely end the same way.',
  },
  {
    name: 'raise the heap of node',
    holds: (facts) => facts.verdict.cause === 'heap_limit' || hasDetail(facts, 'v8_heap'),
    say: ({ peakTreeKb }) =>
      `Give Node.js a larger heap: NODE_OPTIONS=--max-old-space-size=${Math.round(roomFor(Math.max(peakTreeKb ?? 0, 2_097_152)) / 1024)} (in MiB). Trying again unchanged will most likely end the same way.`,
  },
  {
    name: 'raise the heap of java',
    holds: (facts) => hasDetail(facts, 'java_heap'),
    say: () => 'Give Java a larger heap (-Xmx). Trying again unchanged will most likely end the same way.',
  },
  {
    name: 'less memory at once',
    holds: (facts) => hasDetail(facts, 'memory_error') || failedOf(facts, 'resource', 'memory', 'heap'),
    say: () => 'Raise its memory limit (see ulimit -v and the container), or let it work on less at once.',
  },
  {
    // Its own program: mostly mistyped, and no more to be installed than one that may not be executed.
    name: 'could not start',
    holds: ({ verdict }) => verdict.cause === 'launch_failed',
    say: () => 'Check the name of the command, PATH, and that it may be executed.',
  },
  {
    name: 'install what is missing',
    holds: (facts) => isMissing(facts, 'program'),
    say: (facts) => {
      const name = missingName(facts);
      return name === undefined
        ? 'Install the missing program, or add its folder to PATH, and try again.'
        : `Install \`${displayText(name, 60)}\`, or add its folder to PATH, and try again.`;
    },
  },
  {
    name: 'install the module',
    holds: (facts) => isMissing(facts, 'module'),
    say: (facts) => {
      const name = missingName(facts);
      return `Install ${name === undefined ? 'the missing module' : `the module \`${displayText(name, 60)}\``} in the environment that it runs in, and try again.`;
    },
  },
  {
    name: 'log in again',
    holds: (facts) => hasDetail(facts, 'auth') || failedOf(facts, 'network', 'auth'),
    say: () => "Log in again, or renew the agent's API key. Trying again before that is of no use.",
  },
  {
    name: 'wait for the rate limit',
    holds: (facts) => hasDetail(facts, 'rate_limit') || failedOf(facts, 'network', 'rate_limit', 'quota'),
    say: () => 'Wait until the limit is over, or use another account or model. Trying again later is safe.',
  },
  {
    name: 'wait for the service',
    holds: (facts) =>
      hasDetail(facts, 'overloaded') || failedOf(facts, 'network', 'overloaded', 'server_error', 'timeout'),
    say: () => 'The service had a problem of its own. Trying again in some minutes is safe.',
  },
  {
    name: 'look at the name service',
    holds: (facts) => hasDetail(facts, 'dns') || failedOf(facts, 'network', 'dns'),
    say: () => 'Check the host name, the network and its DNS (does `getent hosts NAME` answer?), and try again.',
  },
  {
    name: 'start what refuses',
    holds: (facts) => hasDetail(facts, 'refused') || failedOf(facts, 'network', 'refused'),
    say: () => 'Nothing listens at that address: start the server, or correct the address or the proxy, and try again.',
  },
  {
    name: 'trust the certificate',
    holds: (facts) => hasDetail(facts, 'tls') || failedOf(facts, 'network', 'tls'),
    say: () => "Add the network's own certificate (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE), or leave its proxy.",
  },
  {
    name: 'look at the network',
    holds: (facts) => failedOf(facts, 'network', 'unreachable', 'reset', 'proxy', 'unknown'),
    say: () => 'Check the network and the proxy. Trying again is safe.',
  },
  {
    name: 'free the disk',
    holds: (facts) =>
      facts.verdict.cause === 'disk_full' ||
      hasDetail(facts, 'inodes', 'quota') ||
      failedOf(facts, 'resource', 'disk', 'inodes'),
    say: (facts) =>
      hasDetail(facts, 'quota')
        ? 'Free space within the quota, or have it raised, and try again.'
        : 'Free the disk (`df -h`, `df -i`, `du -xh --max-depth=1`), and try again. What was being written is cut off.',
  },
  {
    name: 'raise the descriptors',
    holds: (facts) => facts.verdict.cause === 'fd_exhaustion' || failedOf(facts, 'resource', 'descriptors'),
    say: () =>
      'Raise the limit of open files (`ulimit -n`) for now; if the number of open files only grows, it is a leak of the program.',
  },
  {
    name: 'raise the watchers',
    holds: (facts) => hasDetail(facts, 'inotify') || failedOf(facts, 'resource', 'watches'),
    say: () =>
      'Raise fs.inotify.max_user_watches and max_user_instances (sysctl), or close other programs that watch files.',
  },
  {
    name: 'raise the processes',
    holds: (facts) => hasDetail(facts, 'fork_limit', 'thread_limit') || failedOf(facts, 'resource', 'processes'),
    say: () => 'Raise the limit of processes (`ulimit -u`, pids.max of the container), or let it start fewer at once.',
  },
  {
    name: 'give the permission',
    holds: (facts) =>
      hasDetail(facts, 'permission', 'read_only') ||
      failedOf(facts, 'sandbox_approval', 'permission', 'read_only', 'sandbox'),
    say: () =>
      "Give it the permission, or another folder to write to: see the agent's sandbox settings and the owner of the file.",
  },
  {
    name: 'allow what it asked for',
    holds: (facts) =>
      facts.verdict.cause === 'blocked' || failedOf(facts, 'sandbox_approval', 'denied_by_user', 'denied_by_rule'),
    say: () => "Allow the tools that it needs in the agent's settings, or on its command line, and try again.",
  },
  {
    name: 'give it more time',
    holds: ({ verdict }) => verdict.cause === 'timed_out' || verdict.detail === 'wrapper_timeout',
    say: () =>
      'If it was at work, raise the time limit; if it waited, see above for what. Look at what it had changed before trying again.',
  },
  {
    name: 'raise the limit of turns',
    holds: ({ verdict }) => verdict.cause === 'limit_reached',
    say: () =>
      'Raise the limit (turns, budget), or give it a smaller task; its session can be resumed from where it stopped.',
  },
  {
    name: 'a missing file',
    holds: (facts) =>
      hasDetail(facts, 'missing_file') ||
      failedOf(facts, 'missing_dependency', 'file', 'library', 'interpreter', 'daemon'),
    say: () => 'Look for what is missing: is the path right, and was it started in the right folder?',
  },
  {
    name: 'keep the terminal',
    holds: ({ verdict }) => verdict.cause === 'terminal_lost',
    say: () => 'Start it with `session-diagnostics run --detach`, or within tmux, so that it outlives its terminal.',
  },
  {
    name: 'it did nothing',
    holds: ({ verdict }) => verdict.cause === 'did_nothing',
    say: () => 'Check that it got its prompt and is logged in: run its command by hand. Trying again is safe.',
  },
  {
    name: 'it ended in its task',
    holds: ({ verdict }) => verdict.cause === 'ended_mid_task',
    say: () => "Resume the agent's session; look first at what the last step had changed.",
  },
  {
    name: 'one of its processes was killed for memory',
    holds: ({ killedForMemory, isRunning }) => killedForMemory.length > 0 && !isRunning,
    say: () => 'Give it more memory, or let that command do less at once.',
  },
  {
    name: 'stop what hangs',
    holds: ({ isRunning, verdict, silentSeconds, call }) =>
      isRunning && (silentSeconds ?? 0) >= 180 && (call?.status === 'open' || verdict.activity === 'stalled'),
    say: () => 'If that does not come back, end that one process (the agent then goes on), or stop the session.',
  },
  {
    name: 'answer it',
    holds: ({ isRunning, verdict }) =>
      isRunning && (verdict.activity === 'waiting_approval' || verdict.activity === 'waiting_stdin'),
    say: () => 'Answer in its terminal.',
  },
  {
    name: 'let it go on',
    holds: ({ isRunning, verdict }) => isRunning && verdict.activity === 'stopped',
    say: () => 'Let it go on with `kill -CONT PID`.',
  },
  {
    name: 'memory runs out',
    holds: ({ isRunning, forecast }) => isRunning && forecast !== undefined && forecast.startsWith('Memory'),
    say: () => 'Raise the limit, or stop what grows, before the kernel does.',
  },
  {
    name: 'it crashed',
    holds: ({ verdict }) => verdict.cause === 'crashed',
    say: () =>
      'That is a fault of the program, or of a library of it: update it, and report it with the core dump (`coredumpctl`).',
  },
  {
    name: 'somebody killed it',
    holds: ({ verdict }) => verdict.cause === 'killed' || verdict.cause === 'terminated',
    say: ({ verdict }) =>
      verdict.evidence.some(({ kind }) => kind === 'signal_sender' || kind === 'own_command')
        ? 'Look at who sent the signal (see the evidence). Look at what it had changed before trying again.'
        : 'Look for who ends processes here: a time limit, a supervisor, another person. Look at what it had changed before trying again.',
  },
  {
    name: 'processes were left behind',
    holds: ({ leftovers, isRunning }) => leftovers > 0 && !isRunning,
    say: ({ leftovers }) =>
      leftovers === 1
        ? 'It left a process behind: clean it up.'
        : `It left ${leftovers} processes behind: clean them up.`,
  },
];

export function adviceLine(facts: StoryFacts): StoryLine | undefined {
  const advice = ADVICE.find(({ holds }) => holds(facts));
  if (advice === undefined) return undefined;
  return { topic: 'advice', text: advice.say(facts), quoted: [], because: [`By the rule: ${advice.name}.`] };
}
