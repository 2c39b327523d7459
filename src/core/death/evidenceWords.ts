import { SCRIPT_RUNNERS } from './deathFacts.ts';
import { LAST_WORD_NAMES } from './lastWords.ts';
import { machineClause } from './machineWords.ts';
import { ownCommandClause } from './ownCommand.ts';
import { senderClause } from './signalSender.ts';
import type { TmuxLoss } from '../session/tmuxLoss.ts';
import type { Evidence } from '../session/verdict.ts';
import { humanBytes, humanKb, humanSeconds } from '../words/humanUnits.ts';
import { signalOfNumber } from '../words/signals.ts';
import type { EvidenceKind, TranscriptEndName } from '../words/vocabulary.ts';

/** One item of evidence as a sentence. */
export function evidenceSentence(item: Evidence): string {
  const clause = evidenceClause(item);
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/** The same inside a sentence. */
export function evidenceClause(item: Evidence): string {
  return CLAUSES[item.kind](item);
}

const CLAUSES: { readonly [kind in EvidenceKind]: (item: Evidence) => string } = {
  exit_status: ({ name, value }) =>
    name === undefined ? `it exited with code ${value ?? 'unknown'}` : `it died of ${name}`,
  exit_notice: ({ pid, name, value }) => {
    const how = name === undefined ? `exited with code ${value ?? 'unknown'}` : `died of ${name}`;
    return `the kernel told the recorder that ${processText(pid)} ${how}`;
  },
  launch_error: ({ name }) => `the system refused to start the command with ${name ?? 'an error'}`,
  kernel_oom_counter: ({ value }) => `the kernel's count of OOM kills on this machine ${rose(value)}`,
  cgroup_oom_counter: ({ value }) => `the OOM kill counter of its memory group ${rose(value)}`,
  kernel_log: ({ pid, name, value, relation }) => {
    if (relation === 'recorder') return 'the kernel log says that the recorder was killed for memory';
    const who = `${processText(pid)}${name === undefined ? '' : ` (${name})`}`;
    return value === undefined
      ? `the kernel log names ${who} as killed for memory`
      : `the kernel log says that ${who} died of ${signalOfNumber(value) ?? 'a fault'}`;
  },
  // Of these three the recorder is never the source: it hands on what its terminal sent.
  own_signal: ({ name }) =>
    name === 'SIGINT' || name === 'SIGHUP' || name === 'SIGQUIT'
      ? `the recorder passed ${name} on`
      : `the recorder sent ${name ?? 'a signal'}`,
  killer_process: ({ name, pid }) => {
    const isScript = SCRIPT_RUNNERS.some((runner) => runner === name);
    const killer = isScript ? `a script of ${name ?? ''} that kills` : (name ?? 'a program that kills');
    return `${killer} was running at that moment${pid === undefined ? '' : ` (pid ${pid})`} and may have ended it`;
  },
  memory_pressure: pressureClause,
  last_snapshot: snapshotClause,
  stderr_marker: ({ name, value }) =>
    `it printed ${MARKERS[name ?? ''] ?? 'a known message'} at byte ${value ?? 0} of its error output`,
  tmux: ({ name }) => TMUX[name ?? ''] ?? 'its tmux session is gone',
  simultaneous_deaths: ({ value }) => `${value ?? 'several'} sessions died at the same time`,
  recorder_gap: ({ value }) =>
    value === undefined ? 'nobody was recording at the end' : `nothing was recorded in the last ${humanSeconds(value)}`,
  reboot: () => 'the machine was started again in between',
  signal_sender: senderClause,
  own_command: ownCommandClause,
  transcript_end: ({ name }) => ENDS[name ?? ''] ?? 'its log ends early',
  machine_log: machineClause,
};

const MARKERS: Readonly<Record<string, string>> = {
  v8_heap_limit: 'that the JavaScript heap was out of memory',
  too_many_open_files: 'that too many files were open',
  no_space: 'that no space was left on the device',
  panic: 'a panic',
  ...Object.fromEntries(LAST_WORD_NAMES.map((name) => [name, 'its reason'])),
};

const TMUX: { readonly [loss in TmuxLoss]: string } & Readonly<Record<string, string>> = {
  server_gone: 'the tmux server died or was killed',
  server_stopped: 'the tmux server was told to end',
  session_closed: 'its tmux session was closed',
  session_ended: 'the last shell of its tmux session was left',
  session_gone: 'its tmux session is gone',
  pane_closed: 'its tmux pane was closed',
  pane_gone: 'its tmux pane is gone',
  socket_gone: 'the socket of the tmux server is gone',
};

const ENDS: { readonly [end in TranscriptEndName]: string } & Readonly<Record<string, string>> = {
  answered: 'its log ends with an answer',
  call_open: 'its log stops while a call is open',
  result_unanswered: "its log stops after a tool's result that nobody answered",
  turn_open: 'its log stops in a turn',
  cut_in_line: 'its output stops in the middle of a line',
  no_result: 'its output stops without the result that always ends it',
  error_result: 'its result is an error',
  turn_failed: 'its last turn failed',
  aborted: 'its last turn was aborted',
  nothing_done: 'there is no turn and no text of it',
  all_denied: 'what its last turn tried was denied',
  turn_limit: 'its limit of turns was reached',
  budget_limit: 'its budget was used up',
  context_limit: "the model's context was full",
  output_limit: 'an answer was cut off at the longest that the model may give',
};

const PLACES: Readonly<Record<string, string>> = {
  working_directory: 'the working directory',
  temporary_directory: 'the temporary directory',
  log_root: 'the log folder',
};

/** A report says which kind of process it was, never its pid. */
function processText(pid: number | undefined): string {
  return pid === undefined ? 'a process' : `pid ${pid}`;
}

function rose(value: number | undefined): string {
  return value === undefined || value === 0 ? 'did not rise' : `rose by ${value}`;
}

function pressureClause({ name, value = 0, limit = 0 }: Evidence): string {
  if (name === 'cgroup_memory_kb') return `its memory group used ${humanKb(value)} of ${humanKb(limit)}`;
  if (name === 'mem_available_kb') return `only ${humanKb(value)} of memory were available`;
  return `processes waited for memory ${Math.round(value)}% of the time`;
}

function snapshotClause({ name, value = 0, limit }: Evidence): string {
  const full = name?.endsWith('_inodes') === true ? PLACES[name.slice(0, -'_inodes'.length)] : undefined;
  if (full !== undefined) return `the file system of ${full} had no inodes left`;
  const place = PLACES[name ?? ''];
  if (place !== undefined) return `the file system of ${place} had ${humanBytes(value)} free`;
  if (name === 'fd_count') {
    return `it had ${value}${limit === undefined ? '' : ` of ${limit}`} file descriptors open when last seen`;
  }
  const of = limit === undefined ? '' : ` of ${humanKb(limit)}`;
  const who = name === 'tree_rss_kb' ? 'it and its processes' : 'it';
  return `${who} used ${humanKb(value)}${of} of memory when last seen`;
}
