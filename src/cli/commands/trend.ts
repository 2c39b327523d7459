import { join } from 'node:path';
import { failureTrend, type TrendGroup, type TrendSession } from '../../core/failureTrend.ts';
import { recordOf, stringOf } from '../../core/json.ts';
import { failuresFrom } from '../../core/readFailures.ts';
import { AGENT_KINDS, wordOf } from '../../core/vocabulary.ts';
import { openHandles } from '../../logs/handles.ts';
import { readJsonFile, sessionDirs, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { wrapped, type Terminal } from '../terminal.ts';

export const trend: Command = {
  usage: '',
  summary: 'What went wrong over all sessions: failures by day, by agent, by workspace',
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const handles = openHandles(root);
    const sessions = sessionDirs(root.sessions).flatMap((name): TrendSession[] => {
      const summary = recordOf(readJsonFile(join(root.sessions, name, SUMMARY_FILE)));
      const failures = failuresFrom(summary?.['failures']);
      if (failures === undefined) return [];
      return [
        {
          failures,
          day: (stringOf(summary?.['start_ts']) ?? '').slice(0, 10),
          agent: wordOf(AGENT_KINDS, summary?.['agent']) ?? 'other',
          // The keyed hash alone: which folder it is, only this machine can tell.
          workspace: handles
            .handleOf(stringOf(summary?.['cwd']) ?? '')(0)
            .slice(4, 16),
        },
      ];
    });
    const found = failureTrend(sessions);
    if (args.isSet('json')) {
      terminal.out(JSON.stringify(found));
      return Promise.resolve(0);
    }
    if (sessions.length === 0) {
      terminal.out(`No session in ${root.path} has a transcript that was read.`);
      return Promise.resolve(0);
    }
    terminal.out(wrapped(found.suspect.sentence, terminal.columns, ''));
    for (const [title, groups] of [
      ['By day', found.by_day],
      ['By agent', found.by_agent],
      ['By workspace', found.by_workspace],
    ] as const) {
      terminal.out(`\n${terminal.styled('bold', title)}`);
      for (const group of groups) terminal.out(groupLine(group, terminal));
    }
    return Promise.resolve(0);
  },
};

/** Sessions, not failures: a retry loop in one of them must not look like many. */
function groupLine(
  { key, session_count: count, sessions_by_category: categories }: TrendGroup,
  terminal: Terminal,
): string {
  const parts = Object.entries(categories)
    .sort(([, a], [, b]) => b - a)
    .map(([category, sessions]) => `${category.replaceAll('_', ' ')} in ${sessions}`);
  const what = parts.length === 0 ? 'nothing failed' : parts.join(', ');
  return wrapped(
    `  ${key.padEnd(12)} ${count} session${count === 1 ? '' : 's'}: ${what}`,
    terminal.columns,
    ' '.repeat(15),
  );
}
