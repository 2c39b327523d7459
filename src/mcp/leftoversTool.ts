import { humanKb, humanSeconds } from '../core/words/humanUnits.ts';
import { leftoversFrom } from '../core/session/readSession.ts';
import { PROCESS_KINDS, processKindOf } from '../core/session/processKind.ts';
import { findSession, readSummary } from '../logs/sessionFiles.ts';
import { listSessions } from '../logs/sessionIndex.ts';
import { isProcessAlive } from '../recorder/proc/ownProcess.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { text, ToolError, type Asked, type Tool } from './answer.ts';
import { NAME, nameOf, sessionNamed } from './sessionNames.ts';
import { amount, amountOf, count, seconds, secondsOf } from './shapes.ts';

/** The newest sessions, which are those whose processes may still be there. */
const MOST = 200;

export const leftovers: Tool = {
  name: 'leftovers',
  title: 'What was left behind?',
  description:
    'Processes that ended sessions left running (servers, watchers, helpers), each checked to be the same process still. `session-diagnostics cleanup ID` ends them.',
  input: { id: { type: 'string', description: 'the id or handle of one session; without it the newest ones' } },
  output: {
    type: 'fields',
    fields: {
      processes: {
        type: 'list',
        of: {
          type: 'fields',
          fields: {
            session: { type: 'pattern', pattern: NAME },
            pid: count,
            kind: { type: 'words', words: PROCESS_KINDS },
            age_seconds: seconds,
            rss_kb: amount,
          },
        },
      },
    },
  },
  answer: (asked) => {
    const processes = sessionsOf(asked).flatMap(({ root, place }) =>
      leftoversFrom(readSummary(place.dir))
        .filter(({ pid, start_ticks, boot_id }) => isProcessAlive({ pid, starttime_ticks: start_ticks }, boot_id))
        .map(({ pid, comm, age_seconds: age, rss_kb }) => ({
          session: nameOf(root, place),
          pid,
          kind: processKindOf(comm),
          age_seconds: secondsOf(age),
          rss_kb: amountOf(rss_kb),
        })),
    );
    const lines = processes.map(
      ({ session, pid, kind, age_seconds: age, rss_kb }) =>
        `${pid} (${kind}), ${humanSeconds(age ?? 0)} old at the end${rss_kb === null ? '' : `, ${humanKb(rss_kb)}`}, of ${session}`,
    );
    return {
      content: { processes },
      text: lines.length === 0 ? 'Nothing that was left behind still runs.' : lines.join('\n'),
    };
  },
};

function sessionsOf({ args, roots }: Asked): readonly FoundSession[] {
  const id = text(args['id']);
  if (id !== undefined) {
    const found = sessionNamed(roots, id);
    if (found === undefined) throw new ToolError('There is no session of that id or handle.');
    return [found];
  }
  return roots.flatMap((root) =>
    listSessions(root)
      .slice(0, MOST)
      .flatMap(({ dir_name: name, state }) => {
        const place = state === 'finished' ? findSession(root, name) : undefined;
        return place === undefined ? [] : [{ root, place }];
      }),
  );
}
