import { under, type FieldMeanings } from './fieldMeaning.ts';

/** Lines of samples: proc_trace.jsonl, and tree.jsonl beside it. */

const WCHAN_TRAP =
  'The kernel writes "0" when the process runs or when the recorder may not see it. A process that waits in `do_epoll_wait` or `do_nanosleep` is idle, not stuck.';

const OOM_SCORE = {
  form: 'oom_score',
  meaning:
    'How soon the kernel’s OOM killer would choose this process: the highest score dies first. It grows with the share of memory and swap that the process uses.',
  source: '/proc/<pid>/oom_score',
  trap: 'Linux 5.9 and later publish `(1000 + share ‰ + oom_score_adj) × 2/3`: an idle process reads 666, and 800 at an adjustment of 200. A high number alone is no memory pressure; older kernels publish `share ‰ + oom_score_adj`.',
} as const;

const OOM_SCORE_ADJ = {
  form: 'oom_score_adj',
  meaning:
    'The adjustment that somebody gave this process: −1000 exempts it from the OOM killer, +1000 makes it the first choice. Children inherit it.',
  source: '/proc/<pid>/oom_score_adj',
} as const;

export const SNAPSHOT_FIELDS: FieldMeanings = {
  ts: {
    form: 'instant',
    meaning: 'When this sample was taken. Strictly increasing within a session, even if the clock is set back.',
  },
  captured_at: {
    form: 'instant',
    meaning: 'When the values were read: in what this recorder writes, the same as `ts`.',
  },
  seq: {
    form: 'count',
    meaning:
      'Number of the sample, from 0. The lines of tree.jsonl and anomalies.jsonl with the same number belong to it.',
  },
  event: { form: 'word', meaning: '`snapshot`, or `exit_snapshot` for the last look at the end of the session.' },
  pid: {
    form: 'pid',
    meaning: 'Id of the process that is tracked. Ids are reused: only together with the start time do they identify.',
  },
  comm: {
    form: 'text',
    meaning: 'Name of the tracked process, cut to 15 characters by the kernel.',
    source: '/proc/<pid>/stat',
    trap: 'A process can rename itself: Node shows `node`, `MainThread` or the agent’s name.',
  },
  state: {
    form: 'word',
    meaning: 'What the process was doing at this instant, in psutil’s words for the kernel’s state letter.',
    source: '/proc/<pid>/stat',
  },
  vm_rss_kb: {
    form: 'kb',
    meaning:
      'Memory that the tracked process holds in RAM (resident set), shared pages included. Its children are in `tree_rss_kb`.',
    source: '/proc/<pid>/status, VmRSS',
    trap: 'A zombie has none: 0 is what is written then.',
  },
  threads: { form: 'count', meaning: 'How many threads the tracked process has.', source: '/proc/<pid>/stat' },
  fd_count: {
    form: 'count',
    meaning: 'Open file descriptors: files, sockets and pipes. At `fd_soft_limit` the next open fails with EMFILE.',
    source: '/proc/<pid>/fd',
    unreadable: '-1: another user’s process, or one that was just ending.',
  },
  fd_soft_limit: {
    form: 'fd_limit',
    meaning: 'How many descriptors the process may have open (`ulimit -n`).',
    source: '/proc/<pid>/limits, Max open files',
    unreadable: '0. -1 is no error: it stands for unlimited.',
  },
  ctx_switches_voluntary: {
    form: 'count',
    meaning:
      'How often the main thread gave up the processor to wait, since it started. A number that stands still is a process that does nothing, or only computes.',
    source: '/proc/<pid>/status, voluntary_ctxt_switches',
  },
  ctx_switches_involuntary: {
    form: 'count',
    meaning:
      'How often the kernel took the processor away from the main thread, since it started: grows with competition for the CPU.',
    source: '/proc/<pid>/status, nonvoluntary_ctxt_switches',
  },
  sig_pnd: {
    form: 'signals',
    meaning: 'Signals that wait for the main thread alone.',
    source: '/proc/<pid>/status, SigPnd',
    unreadable: 'an empty text.',
    trap: 'What `kill` sends waits in `shd_pnd`, not here.',
  },
  sig_blk: {
    form: 'signals',
    meaning: 'Signals that the main thread blocks: they wait until it unblocks them.',
    source: '/proc/<pid>/status, SigBlk',
    unreadable: 'an empty text.',
  },
  sig_cgt: {
    form: 'signals',
    meaning: 'Signals that the process handles itself. Without SIGTERM here a polite stop ends it at once.',
    source: '/proc/<pid>/status, SigCgt',
    unreadable: 'an empty text.',
  },
  shd_pnd: {
    form: 'signals',
    meaning: 'Signals that wait for the process as a whole: what `kill` sent and nobody has taken yet.',
    source: '/proc/<pid>/status, ShdPnd',
    unreadable: '`null`.',
  },
  oom_score: { ...OOM_SCORE, unreadable: '-1.' },
  oom_score_adj: { ...OOM_SCORE_ADJ, unreadable: '`null`.' },
  wchan: {
    form: 'wchan',
    meaning: 'The kernel function in which the main thread waits.',
    source: '/proc/<pid>/wchan',
    unreadable: 'an empty text.',
    trap: WCHAN_TRAP,
  },
  cpu_percent: {
    form: 'cpu_percent',
    meaning: 'CPU time of the tracked process since the sample before; 100 is one core.',
    source: 'pidusage',
    trap: 'The first sample has nothing to compare with and reads 0.',
  },
  tree_process_count: {
    form: 'count',
    meaning: 'Processes of the whole session: the tracked one and its descendants.',
    unreadable: '`null`.',
  },
  tree_rss_kb: {
    form: 'kb',
    meaning: 'Resident memory of all processes of the session, added up; never more than the machine has in use.',
    unreadable: '`null`.',
    trap: 'Pages that processes share are counted for each of them, but once for a program that runs eight times or more.',
  },
  tree_cpu_percent: {
    form: 'cpu_percent',
    meaning:
      'CPU time of all processes of the session since the sample before, also of those that came and went in between; 100 is one core.',
    unreadable: '`null`; the first sample has nothing to compare with.',
  },
  tree_fd_count: {
    form: 'count',
    meaning: 'Open file descriptors of all processes of the session.',
    unreadable: '`null`.',
  },
  mem_available_kb: {
    form: 'kb',
    meaning: 'Memory that programs on this machine can still get without swapping.',
    source: '/proc/meminfo, MemAvailable',
    unreadable: '`null`.',
  },
  cgroup_memory_kb: {
    form: 'kb',
    meaning: 'Memory that the session’s control group uses, without the file cache that can be dropped at once.',
    source: 'memory.current and memory.stat of the cgroup',
    unreadable: '`null`.',
  },
  cgroup_memory_limit_kb: {
    form: 'kb',
    meaning:
      'The tightest memory limit over the session’s control groups: beyond it the kernel kills inside the group, however much the machine has left.',
    source: 'memory.max of the cgroup',
    unreadable: '`null`: no limit, or not known.',
  },
  psi_memory_some_avg10: {
    form: 'percent',
    meaning: 'Share of the last 10 seconds in which something on this machine waited for memory.',
    source: '/proc/pressure/memory, some avg10',
    unreadable: '`null`: before Linux 4.20, or switched off.',
  },
  disk_free_kb: {
    form: 'kb',
    meaning: 'What is free on the file system that the tracked process works in.',
    source: 'statfs of /proc/<pid>/cwd',
    unreadable: '`null`: not allowed to look there, or the file system does not answer.',
    trap: 'The whole machine may write to it.',
  },
  disk_size_kb: {
    form: 'kb',
    meaning: 'Size of the file system that the tracked process works in.',
    source: 'statfs of /proc/<pid>/cwd',
    unreadable: '`null`.',
  },
};

export const TREE_FIELDS: FieldMeanings = {
  ts: { form: 'instant', meaning: 'When this sample was taken: the time of the snapshot with the same `seq`.' },
  seq: {
    form: 'count',
    meaning: 'Number of the sample: the line of proc_trace.jsonl with the same number belongs to it.',
  },
  output_bytes: {
    form: 'bytes',
    meaning: 'What the agent had written to stdout and stderr until then.',
    unreadable: 'left out when output is not captured.',
  },
  processes: { form: 'list', meaning: 'Every process of the session at this instant.' },
  ...under('processes', {
    pid: { form: 'pid', meaning: 'Process id. With `start_ticks` it identifies the process; alone it may be reused.' },
    ppid: {
      form: 'pid',
      meaning: 'Process id of the parent; 1 or a subreaper’s when the parent is gone.',
      source: '/proc/<pid>/stat',
    },
    pgid: { form: 'pid', meaning: 'Process group: what Ctrl+C in a terminal reaches.', source: '/proc/<pid>/stat' },
    sid: {
      form: 'pid',
      meaning: 'Terminal session (setsid): a process with another one has detached itself.',
      source: '/proc/<pid>/stat',
    },
    start_ticks: {
      form: 'ticks',
      meaning: 'When the process started, in hundredths of a second since the machine did.',
      source: '/proc/<pid>/stat, starttime',
    },
    comm: {
      form: 'text',
      meaning: 'Name of the process, cut to 15 characters by the kernel.',
      source: '/proc/<pid>/stat',
    },
    state: {
      form: 'word',
      meaning: 'What it was doing, in psutil’s words for the kernel’s state letter.',
      source: '/proc/<pid>/stat',
    },
    rss_kb: { form: 'kb', meaning: 'Memory it holds in RAM, shared pages included.', source: '/proc/<pid>/statm' },
    cpu_percent: {
      form: 'cpu_percent',
      meaning: 'CPU time since the sample before; 100 is one core.',
      source: '/proc/<pid>/stat',
    },
    threads: { form: 'count', meaning: 'How many threads it has.', source: '/proc/<pid>/stat' },
    fd_count: { form: 'count', meaning: 'Open file descriptors.', source: '/proc/<pid>/fd' },
    oom_score: OOM_SCORE,
    oom_score_adj: OOM_SCORE_ADJ,
    wchan: {
      form: 'wchan',
      meaning: 'The kernel function in which it waits.',
      source: '/proc/<pid>/wchan',
      trap: WCHAN_TRAP,
    },
  }),
};

/** Lines of processes.jsonl: one of each process when it was first seen, and one when it was gone. */
export const PROCESS_FIELDS: FieldMeanings = {
  pid: { form: 'pid', meaning: 'Its process id.' },
  start_ticks: {
    form: 'ticks',
    meaning: 'When it started, in clock ticks since boot; with the pid it names one process for good.',
    source: '/proc/<pid>/stat, starttime',
  },
  ppid: { form: 'pid', meaning: 'The process that started it, or that took it over.', source: '/proc/<pid>/stat' },
  comm: {
    form: 'text',
    meaning: 'Name of the process, cut to 15 characters by the kernel.',
    source: '/proc/<pid>/stat',
  },
  command: {
    form: 'text',
    meaning: 'Its command line, without secrets and cut to 4096 bytes.',
    source: '/proc/<pid>/cmdline',
  },
  first_ts: { form: 'instant', meaning: 'The sample that saw it first as this program.' },
  last_ts: { form: 'instant', meaning: 'The first sample that saw it no more.' },
};
