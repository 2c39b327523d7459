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

/** Parents before their children, each child one level deeper; every process once, even where parents form a circle. */
export function placeInTree(processes: readonly NamedMember[]): readonly Placed[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const childrenOf = new Map<number | undefined, NamedMember[]>();
  for (const member of processes) {
    const { pid, ppid } = member;
    const parent = ppid !== undefined && ppid !== pid && pids.has(ppid) ? ppid : undefined;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), member]);
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
      placeInTree(processes).map(({ member, depth }) => rowOf(member, depth)),
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

function rowOf(member: NamedMember, depth: number): HTMLElement {
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
    cell(member.rss_kb === undefined ? '' : humanKb(member.rss_kb)),
    cell(member.cpu_percent === undefined ? '' : `${Number(member.cpu_percent.toFixed(1))}%`),
    cell(String(member.threads ?? '')),
    cell(String(member.fd_count ?? '')),
    cell(displayText(member.state ?? '', 30)),
    cell(String(member.oom_score ?? '')),
  ];
  return element('tr', {}, cells);
}

function cell(text: string): HTMLElement {
  return element('td', { text: text === '' ? '–' : text });
}
