import { withoutFolder } from '../../src/core/words/commandText.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { humanKb } from '../../src/core/words/humanUnits.ts';
import type { MomentView, NamedMember } from '../../src/core/panel/sessionView.ts';
import { element, type Child } from '../parts/element.ts';

/** Deeper than this the indentation stays: there has to be room for a name at 400 px. */
const DEEPEST = 8;

interface Placed {
  readonly member: NamedMember;
  readonly depth: number;
}

/** A chain of more is looked along no further. */
const MOST_ANCESTORS = 64;

/** Of each process with those below it. */
function memoryBelow(processes: readonly NamedMember[]): ReadonlyMap<number, number> {
  const parents = new Map(processes.map(({ pid, ppid }) => [pid, ppid]));
  const sums = new Map<number, number>();
  for (const { pid, rss_kb = 0 } of processes) {
    let at: number | undefined = pid;
    for (let level = 0; at !== undefined && level < MOST_ANCESTORS && rss_kb > 0; level += 1) {
      sums.set(at, (sums.get(at) ?? 0) + rss_kb);
      at = parents.get(at);
    }
  }
  return sums;
}

/**
 * Parents before their children, each child one level deeper, of siblings the one with the most memory below it first;
 * every process once, even where parents form a circle.
 */
export function placeInTree(processes: readonly NamedMember[]): readonly Placed[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const childrenOf = new Map<number | undefined, NamedMember[]>();
  const below = memoryBelow(processes);
  const sorted = processes.toSorted((a, b) => (below.get(b.pid) ?? 0) - (below.get(a.pid) ?? 0));
  for (const member of sorted) {
    const { pid, ppid } = member;
    const parent = ppid !== undefined && ppid !== pid && pids.has(ppid) ? ppid : undefined;
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [member]);
    else siblings.push(member);
  }
  const placed: Placed[] = [];
  const seen = new Set<NamedMember>();
  const place = (roots: readonly NamedMember[]) => {
    // A stack of our own: the tree of a fork bomb is deeper than the engine's.
    const open: Placed[] = roots.map((member) => ({ member, depth: 0 })).toReversed();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next.member)) continue;
      seen.add(next.member);
      placed.push(next);
      for (const child of (childrenOf.get(next.member.pid) ?? []).toReversed()) {
        open.push({ member: child, depth: next.depth + 1 });
      }
    }
  };
  place(childrenOf.get(undefined) ?? []);
  place(processes.filter((member) => !seen.has(member)));
  return placed;
}

export function treeTable({ processes, hiddenProcesses }: MomentView): readonly Node[] {
  if (processes === undefined) return [element('p', { class: 'quiet', text: 'No process tree was recorded here.' })];
  const heads = ['Process', 'Pid', 'Memory', 'CPU', 'Threads', 'Files', 'State', 'OOM'];
  const most: Largest = {
    kb: Math.max(1, ...processes.map(({ rss_kb }) => rss_kb ?? 0)),
    cpuPercent: Math.max(100, ...processes.map(({ cpu_percent }) => cpu_percent ?? 0)),
  };
  const table = element('table', {}, [
    element('caption', { text: `Process tree (${processes.length + hiddenProcesses})` }),
    element('thead', {}, [
      element(
        'tr',
        {},
        heads.map((text) => element('th', { text, attributes: { scope: 'col' } })),
      ),
    ]),
    element(
      'tbody',
      {},
      placeInTree(processes).map(({ member, depth }) => rowOf(member, depth, most)),
    ),
  ]);
  const scroller = element(
    'div',
    { class: 'scroller', attributes: { tabindex: '0', role: 'region', 'aria-label': 'Process tree' } },
    [table],
  );
  if (hiddenProcesses === 0) return [scroller];
  return [scroller, element('p', { class: 'quiet', text: `${hiddenProcesses} more processes are in tree.jsonl.` })];
}

/** What fills a cell's bar. */
interface Largest {
  readonly kb: number;
  readonly cpuPercent: number;
}

function rowOf(member: NamedMember, depth: number, most: Largest): HTMLElement {
  const place = depth === 0 ? 'Top of the tree' : `Level ${depth}`;
  const command = member.command === undefined || member.command === '' ? undefined : member.command;
  const name = element('th', {
    text: displayText(command === undefined ? (member.comm ?? 'unnamed') : withoutFolder(command), 90),
    title: command === undefined ? place : `${place}\n${displayText(command)}`,
    attributes: { scope: 'row' },
  });
  name.style.paddingInlineStart = `${6 + Math.min(depth, DEEPEST) * 14}px`;
  const cells: readonly Child[] = [
    name,
    cell(String(member.pid)),
    barCell(member.rss_kb === undefined ? '' : humanKb(member.rss_kb), (member.rss_kb ?? 0) / most.kb),
    barCell(
      member.cpu_percent === undefined ? '' : `${Number(member.cpu_percent.toFixed(1))}%`,
      (member.cpu_percent ?? 0) / most.cpuPercent,
    ),
    cell(String(member.threads ?? '')),
    cell(String(member.fd_count ?? '')),
    cell(displayText(member.state ?? '', 30)),
    cell(String(member.oom_score ?? '')),
  ];
  return element('tr', {}, cells);
}

/** With a bar behind its value, as long as its share of the largest. */
function barCell(text: string, share: number): HTMLElement {
  const created = cell(text);
  created.className = 'bar-cell';
  created.style.setProperty('--share', `${Math.round(Math.min(share, 1) * 100)}%`);
  return created;
}

function cell(text: string): HTMLElement {
  return element('td', { text: text === '' ? '–' : text });
}
