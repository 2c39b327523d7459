import { displayText } from '../../src/core/words/displayText.ts';
import { humanKb, humanSeconds } from '../../src/core/words/humanUnits.ts';
import { numberOf, type JsonRecord } from '../../src/core/words/json.ts';
import type { CallView, EpisodeView, LifecycleView, MomentView } from '../../src/core/panel/sessionView.ts';
import { stallSentence } from '../../src/core/anomalies/stallSentence.ts';
import { kindWords, lifecycleWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { detailOf } from './episodeList.ts';
import { element, setShown, setText } from '../parts/element.ts';
import { treeTable } from './treeRows.ts';
import { clockOf, momentOf } from '../parts/timeFormat.ts';

/** The values that a person reads first, in this order; every other one follows by name. */
const FIRST = ['comm', 'pid', 'state', 'vm_rss_kb', 'oom_score', 'fd_count', 'fd_soft_limit', 'cpu_percent', 'threads'];
/** Said in the heading already. */
const LEFT_OUT: ReadonlySet<string> = new Set(['ts', 'captured_at', 'seq', 'event']);

const LABELS: Readonly<Record<string, string>> = {
  comm: 'Program',
  pid: 'Pid',
  vm_rss_kb: 'Memory (RSS)',
  oom_score: 'OOM score',
  oom_score_adj: 'OOM score adjustment',
  fd_count: 'File descriptors',
  fd_soft_limit: 'Descriptor limit',
  cpu_percent: 'CPU',
  wchan: 'Waits in (wchan)',
  sig_pnd: 'Signals pending, thread',
  shd_pnd: 'Signals pending, process',
  sig_blk: 'Signals blocked',
  sig_cgt: 'Signals caught',
  ctx_switches_voluntary: 'Context switches, voluntary',
  ctx_switches_involuntary: 'Context switches, forced',
  tree_rss_kb: 'Memory of the tree',
  tree_cpu_percent: 'CPU of the tree',
  tree_fd_count: 'Descriptors of the tree',
  tree_process_count: 'Processes',
  mem_available_kb: 'Memory available',
  cgroup_memory_kb: 'Memory of the cgroup',
  cgroup_memory_limit_kb: 'Limit of the cgroup',
  psi_memory_some_avg10: 'Waiting for memory (10 s)',
  disk_free_kb: 'Disk free',
  disk_size_kb: 'Disk size',
};

export interface MomentContext {
  readonly episode: EpisodeView | undefined;
  /** What had happened by then. */
  readonly lifecycle: readonly LifecycleView[];
}

/** The last of a long life; the file holds the rest. */
const MOST_EVENTS = 12;

/** One sample with all its values and the process tree at that instant. */
export class MomentPanel {
  readonly element: HTMLElement;
  readonly #heading = element('h2', { attributes: { tabindex: '-1' } });
  readonly #cause = element('p', { class: 'moment-cause' });
  readonly #values = element('dl', { class: 'values' });
  readonly #calls = element('div', { class: 'moment-list' });
  readonly #events = element('div', { class: 'moment-list' });
  readonly #tree = element('div', { class: 'tree' });

  constructor() {
    this.element = element('section', { class: 'moment', attributes: { 'aria-label': 'Moment' } }, [
      this.#heading,
      this.#cause,
      this.#values,
      this.#calls,
      this.#events,
      this.#tree,
    ]);
    this.element.hidden = true;
  }

  show(moment: MomentView, { episode, lifecycle }: MomentContext): void {
    setText(this.#heading, `${momentOf(moment.ms)}, sample ${moment.seq}`);
    setShown(this.#cause, episode !== undefined);
    if (episode !== undefined) {
      setText(this.#cause, causeOf(episode));
      this.#cause.className = `moment-cause severity-${episode.severity}`;
    }
    this.#values.replaceChildren(...valuesOf(moment.snapshot));
    setShown(this.#calls, moment.openCalls.length > 0);
    this.#calls.replaceChildren(...callsOf(moment));
    setShown(this.#events, lifecycle.length > 0);
    this.#events.replaceChildren(...eventsOf(lifecycle));
    const scrolled = this.#tree.querySelector('.scroller')?.scrollTop ?? 0;
    this.#tree.replaceChildren(...treeTable(moment));
    // A replay builds the table anew at every sample; whoever has scrolled in it stays where they are.
    if (scrolled > 0) this.#tree.querySelector('.scroller')?.scrollTo({ top: scrolled });
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }
}

function causeOf(episode: EpisodeView): string {
  const detail =
    episode.kind === 'stalled'
      ? displayText(stallSentence(episode.detail), 400)
      : detailOf(episode).replaceAll('\n', ' · ');
  return detail === '' ? kindWords(episode.kind) : `${kindWords(episode.kind)}. ${detail}`;
}

function callsOf({ openCalls, ms }: MomentView): readonly HTMLElement[] {
  const words = ({ kind, startMs, endMs }: CallView) =>
    `${wordsOf(kind)} call, open for ${humanSeconds((ms - startMs) / 1000)}${endMs === undefined ? ', no result is known' : ''}`;
  return listOf(
    `Open calls (${openCalls.length})`,
    openCalls.map((call) => words(call)),
  );
}

function eventsOf(lifecycle: readonly LifecycleView[]): readonly HTMLElement[] {
  return listOf(
    `Events so far (${lifecycle.length})`,
    lifecycle.slice(-MOST_EVENTS).map(({ ms, event }) => `${clockOf(ms, 1000)} ${lifecycleWords(event)}`),
  );
}

function listOf(title: string, items: readonly string[]): readonly HTMLElement[] {
  return [
    element('h3', { text: title }),
    element(
      'ul',
      {},
      items.map((text) => element('li', { text })),
    ),
  ];
}

function valuesOf(snapshot: JsonRecord): readonly HTMLElement[] {
  const names = Object.keys(snapshot).filter((name) => !LEFT_OUT.has(name) && !FIRST.includes(name));
  return [...FIRST.filter((name) => Object.hasOwn(snapshot, name)), ...names.sort()].map((name) =>
    element('div', {}, [
      element('dt', { text: LABELS[name] ?? wordsOf(displayText(name, 60)) }),
      element('dd', { text: valueText(name, snapshot[name]) }),
    ]),
  );
}

function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'not read';
  if (value === -1) return name === 'fd_soft_limit' ? 'unlimited' : 'not read';
  const number = numberOf(value);
  if (number === undefined) return displayText(typeof value === 'string' ? value : JSON.stringify(value), 300);
  if (name.endsWith('_kb')) return humanKb(number);
  if (name.includes('percent') || name.startsWith('psi_')) return `${Number(number.toFixed(1))}%`;
  return name === 'pid' ? String(number) : number.toLocaleString('en');
}
