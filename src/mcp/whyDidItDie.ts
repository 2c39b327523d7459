import { buildReport } from '../core/report/reportBuild.ts';
import type { SessionReport } from '../core/report/report.ts';
import { sentenceOf, suspectLine } from '../core/report/reportMarkdown.ts';
import { SESSION } from '../core/report/reportProof.ts';
import { listedEnd } from '../core/session/summaryVerdict.ts';
import { numberOf } from '../core/words/json.ts';
import { listSessions, type ListedSession } from '../logs/sessionIndex.ts';
import { findSession, readSummary } from '../logs/sessionFiles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { environmentFacts, reportedSession } from '../sessions/reportedSession.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { text, ToolError, type Asked, type Tool } from './answer.ts';
import { localTexts } from './localTexts.ts';
import { NAME, nameOf, sessionNamed } from './sessionNames.ts';

export const whyDidItDie: Tool = {
  name: 'why_did_it_die',
  title: 'Why did it die?',
  description:
    'What ended a recorded agent session and how sure that is: outcome, cause, layer (environment, tool, model, user, lifecycle), evidence, failures, memory. Without arguments the newest session that ended badly. Exit code 137 alone is not "out of memory": ask this.',
  input: {
    id: { type: 'string', description: 'the id or handle of a session' },
    pid: { type: 'integer', description: 'the process id that the session had' },
    command: { type: 'string', description: 'a part of the command line; the newest such session that ended badly' },
    detail: {
      type: 'string',
      enum: ['private', 'local'],
      description: 'local adds the command and the last words, where the server allows it',
    },
  },
  output: {
    type: 'fields',
    fields: {
      id: { type: 'pattern', pattern: NAME },
      state: { type: 'words', words: ['running', 'finished'] },
      session: SESSION,
    },
  },
  answer: (asked) => {
    const wantsText = asked.args['detail'] === 'local';
    if (wantsText && !asked.allowsText) {
      throw new ToolError('Texts of the session are not given: the server was started without --allow-text.');
    }
    const found = wanted(asked);
    const session = sessionReport(found);
    const id = nameOf(found.root, found.place);
    const lines = [
      sentenceOf(session),
      suspectLine(session.failures),
      `More, on this machine: session-diagnostics show ${id}`,
    ];
    return {
      content: { id, state: found.place.state, session },
      text: lines.filter((line) => line !== '').join('\n'),
      ...(wantsText && { local: localTexts(found) }),
    };
  },
};

export function sessionReport(found: FoundSession): SessionReport {
  const built = buildReport({
    createdMs: Date.now(),
    environment: environmentFacts(undefined),
    sessions: [reportedSession(found)],
  });
  const [session] = built.ok ? built.report.sessions : [];
  if (session === undefined) throw new ToolError(built.ok ? 'There is no such session.' : built.message);
  return session;
}

function wanted({ args, roots }: Asked): FoundSession {
  const id = text(args['id']);
  const found = id === undefined ? newestBad(roots, args) : sessionNamed(roots, id);
  if (found !== undefined) return found;
  if (id !== undefined)
    throw new ToolError(
      'There is no session of that id or handle. what_is_running and the resource session-diagnostics://sessions name those there are.',
    );
  const isAny = args['pid'] === undefined && args['command'] === undefined;
  throw new ToolError(
    isAny
      ? 'No recorded session has ended badly. Only what was started by `session-diagnostics run` or attached to is recorded.'
      : 'No recorded session that ended badly fits. Only what was started by `session-diagnostics run` or attached to is recorded.',
  );
}

/** As many as are looked at for a pid, which no index holds. */
const MOST_LOOKED_AT = 200;

function newestBad(roots: readonly LogRoot[], args: Asked['args']): FoundSession | undefined {
  const command = text(args['command']);
  const pid = numberOf(args['pid']);
  const listed = roots
    .flatMap((root) => listSessions(root).map((session) => ({ root, session })))
    .filter(
      ({ session }) =>
        (pid !== undefined || isBad(session)) && (command === undefined || session.skill_command.includes(command)),
    )
    .sort((a, b) => (a.session.timestamp < b.session.timestamp ? 1 : -1));
  for (const { root, session } of listed.slice(0, pid === undefined ? listed.length : MOST_LOOKED_AT)) {
    const place = findSession(root, session.dir_name);
    if (place === undefined) continue;
    if (pid === undefined || numberOf(readSummary(place.dir)?.['pid']) === pid) return { root, place };
  }
  return undefined;
}

function isBad(session: ListedSession): boolean {
  const { outcome } = listedEnd(session);
  return outcome !== 'succeeded' && outcome !== 'running' && outcome !== 'stopped';
}
