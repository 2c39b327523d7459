import { CAUSES, wordOf, type Cause } from './vocabulary.ts';

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
