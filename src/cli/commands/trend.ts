import { join } from 'node:path';
import { failureTrend, type TrendGroup, type TrendSession } from '../../core/failures/failureTrend.ts';
import type { Failures } from '../../core/session/failures.ts';
import { stringOf, type JsonRecord } from '../../core/words/json.ts';
import { AGENT_KINDS, wordOf } from '../../core/words/vocabulary.ts';
import { openHandles } from '../../logs/handles.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';
import { listTraces } from '../../logs/traceFolders.ts';
import { knownEnd } from '../../sessions/knownEnd.ts';
import { knownFailures } from '../../sessions/knownFailures.ts';
import { chosenRoot, searchedRoots } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { wrapped, type Terminal } from '../terminal.ts';

export const trend: Command = {
  usage: '',
  summary: 'What went wrong over all sessions: failures by day, by agent, by workspace',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [],
  // The editor says where else its sessions are.
  flags: { 'also-in': { type: 'string', multiple: true } },
  run: (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const handles = openHandles(root);
    const sessions = searchedRoots(context)
      .flatMap((searched) => [...recordedSessions(searched), ...endedTraces(searched)])
      .map(({ failures, summary }): TrendSession => ({
        failures,
        day: (stringOf(summary['start_ts']) ?? '').slice(0, 10),
        agent: wordOf(AGENT_KINDS, summary['agent']) ?? 'other',
        // The keyed hash alone: which folder it is, only this machine can tell.
        workspace: handles
          .handleOf(stringOf(summary['cwd']) ?? '')(0)
          .slice(4, 16),
      }));
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

interface Judged {
  readonly failures: Failures;
  readonly summary: JsonRecord;
}

function recordedSessions(root: LogRoot): Judged[] {
  return sessionDirs(root.sessions).flatMap((name) => {
    const { summary, failures } = knownEnd(join(root.sessions, name)) ?? {};
    return summary === undefined || failures === undefined ? [] : [{ failures, summary }];
  });
}

/** Nobody has judged a trace before, so its failures are found now; one that goes on is not counted yet. */
function endedTraces(root: LogRoot): Judged[] {
  const traces = listTraces(root).filter(({ state }) => state === 'finished');
  return traces.flatMap(({ dir_name: name, timestamp, cwd }) => {
    const failures = knownFailures(root, { name, dir: join(root.sessions, name), state: 'finished' }, undefined);
    return failures === undefined ? [] : [{ failures, summary: { start_ts: timestamp, cwd } }];
  });
}

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
