import {
  type ToolKind,
  CAUSES,
  LIFECYCLE_EVENTS,
  wordOf,
  type Cause,
  type FailureCategory,
  type LifecycleEventName,
  type Severity,
} from './vocabulary.ts';

/** The vocabulary's words as a person reads them. */

export function wordsOf(word: string): string {
  const words = word.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ABBREVIATIONS: Readonly<Record<string, string>> = { oom: 'OOM', fd: 'fd', rss: 'RSS', cpu: 'CPU' };

/** Kinds whose name says too little, or too much: a disk that fills is an `oom_forecast` as well. */
const KINDS: Readonly<Record<string, string>> = {
  d_state_sustained: 'Stuck in the kernel (D state)',
  oom_forecast: 'Limit ahead',
  oom_kill: 'OOM kill',
};

/** `fd_leak` reads "Fd leak" in general, but abbreviations keep their form. */
export function kindWords(kind: string): string {
  const [first = '', ...rest] = kind.split('_').map((word) => ABBREVIATIONS[word] ?? word);
  return KINDS[kind] ?? [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' ');
}

const CAUSE_WORDS: { readonly [cause in Cause]: string } = {
  completed: 'Completed',
  exit_nonzero: 'Failed',
  oom_kill: 'OOM-killed',
  heap_limit: 'Heap limit',
  killed: 'Killed',
  terminated: 'Terminated',
  interrupted: 'Interrupted',
  crashed: 'Crashed',
  timed_out: 'Timed out',
  stopped: 'Stopped',
  launch_failed: 'Could not start',
  fd_exhaustion: 'Out of file descriptors',
  disk_full: 'Disk full',
  vanished: 'Vanished',
  lost: 'Lost',
  terminal_lost: 'Terminal lost',
  ended_mid_task: 'Ended mid-task',
  did_nothing: 'Did nothing',
  blocked: 'Blocked',
  limit_reached: 'Limit reached',
  unknown: 'Ended',
};

/** A file of a later version may name a cause that this one does not know. */
export function causeWords(cause: string): string {
  const known = wordOf(CAUSES, cause);
  return known === undefined ? wordsOf(cause) : CAUSE_WORDS[known];
}

const LIFECYCLE: { readonly [event in LifecycleEventName]: string } = {
  session_created: 'Session created',
  agent_spawned: 'Agent started',
  sampling_started: 'Sampling started',
  anomaly_detected: 'Anomaly detected',
  attached: 'Attached',
  heartbeat_missed: 'Heartbeat missed',
  stop_requested: 'Stop requested',
  session_death_detected: 'Death detected',
  session_finished: 'Session finished',
  session_recovered: 'Session recovered',
  leftovers_found: 'Leftovers found',
  tmux_health: 'tmux checked',
  tmux_lost: 'tmux lost',
  simultaneous_deaths: 'Simultaneous deaths',
  process_protected: 'Agent protected',
  limit_set: 'Limit set',
  process_frozen: 'Process frozen',
  process_thawed: 'Process thawed',
  process_ended: 'Process ended',
  sessions_pruned: 'Old sessions removed',
  on_end_finished: 'End told to a command',
  spool_dropped: 'Could not be sent, and given up',
};

export function lifecycleWords(event: string): string {
  const known = wordOf(LIFECYCLE_EVENTS, event);
  return known === undefined ? 'Other event' : LIFECYCLE[known];
}

const CATEGORIES: { readonly [category in FailureCategory]: string } = {
  model: 'Model',
  tool_schema: 'Tool schema',
  command_exit: 'Command exit',
  network: 'Network',
  sandbox_approval: 'Sandbox or approval',
  missing_dependency: 'Missing dependency',
  timeout: 'Timeout',
  background_job: 'Background job',
  resource: 'Resource',
  unknown: 'Unknown',
};

export function categoryWords(category: FailureCategory): string {
  return CATEGORIES[category];
}

const SEVERITY_WORDS: { readonly [severity in Severity]: string } = {
  info: 'Info',
  warning: 'Warning',
  critical: 'Critical',
};

export function severityWords(severity: Severity): string {
  return SEVERITY_WORDS[severity];
}

/** A failure's kind as a person reads it: where its category alone would send somebody looking in the wrong place. */
const DETAIL_WORDS: { readonly [category in FailureCategory]: Readonly<Record<string, string>> } = {
  network: {
    dns: 'Name not resolved',
    refused: 'Connection refused',
    unreachable: 'Network unreachable',
    reset: 'Connection lost',
    tls: 'Certificate not trusted',
    proxy: 'Proxy in the way',
    auth: 'Login failed',
    rate_limit: 'Rate limit reached',
    overloaded: 'Service overloaded',
    quota: 'Quota used up',
    not_found: 'Not found at the service',
    server_error: 'Service failed',
    timeout: 'Service did not answer in time',
  },
  resource: {
    memory: 'Out of memory',
    heap: 'Heap limit reached',
    disk: 'Disk full',
    inodes: 'Out of inodes',
    descriptors: 'Out of file descriptors',
    processes: 'Out of processes',
    watches: 'Out of file watches',
    gpu: 'Out of GPU memory',
    cpu: 'Limit on CPU time or file size',
  },
  missing_dependency: {
    program: 'Program missing',
    module: 'Module missing',
    library: 'Library missing',
    file: 'File missing',
    interpreter: 'Interpreter missing',
    daemon: 'Service not running',
  },
  sandbox_approval: {
    denied_by_user: 'Not approved',
    denied_by_rule: 'Denied by a rule',
    permission: 'Permission denied',
    read_only: 'Read-only file system',
    sandbox: 'Outside the sandbox',
  },
  timeout: {
    tool: 'Tool took too long',
    command: 'Command took too long',
    service: 'Service took too long',
  },
  tool_schema: {
    arguments: 'Wrong arguments',
    unknown_tool: 'Unknown tool',
    order: 'Tool used out of order',
  },
  model: {
    edit_missed: 'Edit did not match the file',
    context: 'Context limit reached',
    refused: 'Refused by the model',
  },
  background_job: { killed: 'Job killed', failed: 'Job failed', lost: 'Job lost' },
  command_exit: {},
  unknown: {},
};

/** What stands open has not failed by a rule of its own. */
const RULES: Readonly<Record<string, string>> = {
  open_at_death: 'still running when the agent ended',
  call_open_at_end: 'still running when the log ended',
  turn_open_at_end: 'unfinished when the log ended',
};

/** Of a call or turn that has no end; `undefined` of what has failed. */
export function openWords(rule: string): string | undefined {
  return Object.hasOwn(RULES, rule) ? RULES[rule] : undefined;
}

/** By which sign a failure was recognised, as a person reads it. */
export function ruleWords(rule: string): string {
  return openWords(rule) ?? (rule === 'unrecognised' ? 'failed' : rule.replaceAll('_', ' '));
}

/** `undefined` where the category's own words say it all. */
export function detailWords(category: FailureCategory, detail: string | undefined): string | undefined {
  const words = DETAIL_WORDS[category];
  return detail !== undefined && Object.hasOwn(words, detail) ? words[detail] : undefined;
}

const CALL_WORDS: { readonly [kind in ToolKind]: string } = {
  shell: 'a shell call',
  read: 'a read call',
  edit: 'an edit call',
  search: 'a search call',
  web: 'a web call',
  mcp: 'an MCP call',
  subagent: 'a subagent call',
  other: 'a tool call',
};

export function callWords(kind: ToolKind): string {
  return CALL_WORDS[kind];
}
