import { displayText } from '../../src/core/words/displayText.ts';
import { humanKb } from '../../src/core/words/humanUnits.ts';
import { numberOf, type JsonRecord } from '../../src/core/words/json.ts';
import { signalsInMask } from '../../src/core/words/signalMask.ts';
import { wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { element } from '../parts/element.ts';

/** A sample's fields by what they tell of; what no group names stands in the last one. */
const GROUPS: readonly { readonly title: string; readonly fields: Readonly<Record<string, string>> }[] = [
  {
    title: 'Memory',
    fields: {
      vm_rss_kb: 'Process (RSS)',
      tree_rss_kb: 'Whole tree',
      cgroup_memory_kb: 'Its group',
      cgroup_memory_limit_kb: 'Limit of the group',
      mem_available_kb: 'Available on the machine',
      psi_memory_some_avg10: 'Waiting for memory (10 s)',
      oom_score: 'Kernel’s OOM score',
      oom_score_adj: 'OOM score adjustment',
    },
  },
  {
    title: 'Files',
    fields: {
      fd_count: 'Descriptors',
      fd_soft_limit: 'Limit of descriptors',
      tree_fd_count: 'Descriptors of the tree',
      disk_free_kb: 'Disk free',
      disk_size_kb: 'Disk size',
    },
  },
  {
    title: 'CPU',
    fields: {
      cpu_percent: 'Process',
      tree_cpu_percent: 'Whole tree',
      threads: 'Threads',
      tree_process_count: 'Processes',
      ctx_switches_voluntary: 'Context switches, voluntary',
      ctx_switches_involuntary: 'Context switches, forced',
    },
  },
  {
    title: 'Signals',
    fields: {
      sig_pnd: 'Pending, thread',
      shd_pnd: 'Pending, process',
      sig_blk: 'Blocked',
      sig_cgt: 'Caught',
    },
  },
  { title: 'Process', fields: { comm: 'Program', pid: 'Pid', state: 'State', wchan: 'Waits in' } },
];
const OTHERS = 'Other fields';
/** Said in the heading already. */
const LEFT_OUT: ReadonlySet<string> = new Set(['ts', 'captured_at', 'seq', 'event']);
const KNOWN: ReadonlySet<string> = new Set(GROUPS.flatMap(({ fields }) => Object.keys(fields)));

export function momentValues(snapshot: JsonRecord): readonly HTMLElement[] {
  const others = Object.keys(snapshot)
    .filter((name) => !KNOWN.has(name) && !LEFT_OUT.has(name))
    .sort()
    .map((name) => [name, wordsOf(displayText(name, 60))] as const);
  const groups = [...GROUPS, { title: OTHERS, fields: Object.fromEntries(others) }];
  return groups.flatMap(({ title, fields }) => {
    const rows = Object.entries(fields).flatMap(([name, label]) => {
      const text = valueText(name, snapshot[name]);
      if (text === undefined) return [];
      return [element('div', {}, [element('dt', { text: label }), element('dd', { text })])];
    });
    if (rows.length === 0) return [];
    return [element('section', { class: 'value-group' }, [element('h3', { text: title }), element('dl', {}, rows)])];
  });
}

/** `undefined` for what was not read, or is nothing: no signal that is pending, a process that waits for nothing. */
function valueText(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (value === -1) return name === 'fd_soft_limit' ? 'unlimited' : undefined;
  const number = numberOf(value);
  if (number === undefined) return wordText(typeof value === 'string' ? value : JSON.stringify(value));
  if (name.endsWith('_kb')) return humanKb(number);
  if (name.includes('percent') || name.startsWith('psi_')) return `${Number(number.toFixed(1))}%`;
  return name === 'pid' ? String(number) : number.toLocaleString('en');
}

function wordText(text: string): string | undefined {
  const signals = signalsInMask(text);
  if (signals === undefined) return displayText(text, 300);
  return signals.length === 0 ? undefined : signals.map((signal) => signal.replace(/^SIG/, '')).join(', ');
}
