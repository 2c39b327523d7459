import type { Entry } from './entries.ts';

/** Cases in which an entry differs from bare, and why it must. README says the same in words. */
export interface Known {
  readonly cases: RegExp;
  readonly reason: string;
  /** It depends on microseconds, or on what is drawn, whether it shows: it need not occur. */
  readonly onlySometimes?: boolean;
  /** It hangs, or leaves something running, until the harness gives up: only the soak takes the time. */
  readonly isSlow?: boolean;
}

/** Without the native program: what Node, as the agent's parent, changes. The first that matches a case counts. */
const OFF: readonly Known[] = [
  {
    cases: /^signal (3[2-9]|[456]\d) ends it$/,
    reason: 'Node tells of a death by a real-time signal as of a success',
  },
  {
    cases:
      /^(signal (?!17|18|23|28)\d+ ends it|a core dump bit.*|killed in the middle.*|Ctrl-C ends the agent|Ctrl-C under job control)$/,
    reason: 'ends with 128 + n where the agent died of signal n, not by the signal itself',
  },
  { cases: /^Ctrl-\\ ends the agent$/, reason: 'ends with 128 + n, so the shell does not tell of a death' },
  {
    cases: /^signal (1|2|3|15) to the (pid|group) ends an agent without handlers$/,
    reason: 'ends with 128 + n where the agent died of signal n, not by the signal itself',
  },
  {
    cases: /^signal \d+ to the (pid|group) (ends an agent|is handled)/,
    reason: 'only HUP, INT, QUIT and TERM are handed on, to the whole tree, and a recorder that dies leaves its agent',
    isSlow: true,
  },
  {
    cases: /^(timeout -k kills|killed while stopped|stopped and continued)/,
    reason: 'the agent is in a session of its own: a KILL, STOP or CONT of the caller’s group does not reach it',
    isSlow: true,
  },
  {
    cases: /^(a background job of a shell and signal|nohup: HUP)/,
    reason: 'Node gives its children no ignored signals, and handles them itself',
    isSlow: true,
  },
  {
    cases: /^(nohup: what|a background job: what|signal ([12]?\d) ignored|signal \d+ blocked)/,
    reason: 'Node gives its children neither ignored nor blocked signals',
  },
  {
    cases:
      /^(TERM to the pid leaves|an agent that signals its parent’s group|group and session|it is in the foreground|in the foreground of)/,
    reason: 'the agent is in a session of its own',
  },
  {
    cases:
      /^(Ctrl-C to an agent that handles it|Ctrl-C twice|an agent that stops itself|signal 19 stops it|a background job that reads|a new window size)/,
    reason: 'the agent is in a session of its own: no job control, no window sizes',
    isSlow: true,
  },
  { cases: /^signal 2[0-2] stops it$/, reason: 'in an orphaned group the terminal’s stops do nothing' },
  {
    cases: /^(\/dev\/tty is there|a password prompt|window size by)/,
    reason: 'the agent is in a session of its own: it has no /dev/tty',
  },
  {
    cases:
      /^(which of the three|settings that|stdout elsewhere|stdin elsewhere|stderr elsewhere|colours by ls|raw mode)/,
    reason: 'stdout and stderr are pipes to the recorder, not the terminal',
  },
  {
    cases: /^a reader of \d+ kB\/s/,
    reason: 'what a slow reader has not taken half a second after the end is dropped',
    onlySometimes: true,
  },
  {
    cases: /^(a reader that ends|a writer that ignores SIGPIPE|SIGPIPE ignored|the caller closes)/,
    reason: 'the agent’s output is a socket: a reader that ends is a reset, not a SIGPIPE',
  },
  {
    cases: /^(a child that outlives the agent goes on writing into the file|stdout reads nothing back)$/,
    reason: 'the agent’s output is a socket of the recorder’s, closed half a second after the end',
    isSlow: true,
  },
  {
    cases: /^(a child that outlives the agent goes on writing into the pipe|a process that the agent left)/,
    reason: 'the agent’s output is a socket of the recorder’s, closed half a second after the end',
  },
  {
    cases: /( by name|^tee to \/dev\/stderr|^a FIFO that|^aaaa, then b by name, in one file)/,
    reason: 'the agent’s output is a socket, which cannot be opened by its name; and stdin is closed',
    onlySometimes: true,
  },
  {
    cases: /^(the order of both|much into a full|a sparse|a truncation|a file size limit on stdout)/,
    reason: 'the recorder writes for the agent: order, position and errors are the recorder’s',
  },
  {
    cases: /^(stdin by (wc|name)|only what is read is taken$|two commands share|five million bytes|a dialogue)/,
    reason: 'stdin is handed on only where it is a terminal',
  },
  {
    cases: /^stdin /,
    reason: 'stdin is handed on only where it is a terminal, and the recorder writes for the agent',
    onlySometimes: true,
  },
  {
    cases:
      /^(descriptor |writes to descriptor \d$|writes to descriptor 1\d$|reads from descriptor|all of 3 to 15|no descriptor is ours|none is ours|a job server|a socket from)/,
    reason: 'descriptors other than 0, 1 and 2 are closed, and those are sockets',
  },
  {
    cases: /^(ulimit -n (12|20|50)|twelve descriptors)/,
    reason: 'Node does not start with so few descriptors, or misses them when it records',
  },
  { cases: /^(ulimit -(?!n 4000)|limits, signals)/, reason: 'Node raises the soft limit of descriptors' },
  {
    cases: /^(arguments, kind (4|5|11)|a program’s name in bytes|bytes in the environment)$/,
    reason: 'Node takes bytes that are no UTF-8 for U+FFFD',
  },
  { cases: /^node options that node refuses$/, reason: 'Node reads NODE_OPTIONS itself' },
];

/** Node starts first, and hands over: what its start has changed by then cannot be known, or not be undone. */
const NODE: readonly Known[] = [
  {
    cases: /^(signal [12]?\d ignored|signal \d+ blocked|nohup: |a background job: what|SIGPIPE ignored by the caller)/,
    reason: 'Node resets ignored and blocked signals at its start',
  },
  {
    cases: /^a background job of a shell and signal [23]$/,
    reason: 'Node resets ignored and blocked signals at its start',
  },
  {
    cases:
      /^(descriptor |writes to descriptor \d$|writes to descriptor 1\d$|reads from descriptor|all of 3 to 15|a job server|a socket from)/,
    reason: 'Node closes descriptors 3 to 15 in whatever it becomes',
  },
  {
    cases: /^(none is ours with all|stdin .*stdout nothing, closed|stdin nothing, closed)/,
    reason: 'Node opens /dev/null where 0, 1 or 2 is closed',
    onlySometimes: true,
  },
  {
    cases: /^(ulimit -n (12|20)|twelve descriptors)/,
    reason: 'Node does not start with so few descriptors',
  },
  { cases: /^node options that node refuses$/, reason: 'Node reads NODE_OPTIONS itself' },
];

export const KNOWN: Readonly<Record<Entry['name'], readonly Known[]>> = { native: [], node: NODE, off: OFF };
