import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscript } from '../agents/findTranscript.ts';
import { detectTranscriptFormat, type TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import type { DeathFacts } from '../core/death/deathFacts.ts';
import { judgeDeath } from '../core/death/judgeDeath.ts';
import { ownCommandOf, type KillTarget } from '../core/death/ownCommand.ts';
import { withTranscriptEnds, type TranscriptEnds } from '../core/failures/incompleteEnd.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import type { TranscriptEnd } from '../core/failures/transcriptEnd.ts';
import { unreadFailures } from '../core/failures/unreadFailures.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { openHandles } from '../logs/handles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import { readLastWord } from './lastWord.ts';
import { readTranscript } from './readTranscript.ts';

/** A session whose processes have ended, before anything of it is published. */
export interface EndedSession {
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  readonly dir: string;
}

/** Where agents keep their logs is theirs to say, in variables and below the home of whoever started them. */
export interface AgentSurroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home: string;
}

export interface JudgedEnd {
  readonly verdict: Verdict;
  readonly failures: Failures | undefined;
  /** Where it will be once the session is published. */
  readonly transcript: string | undefined;
}

/**
 * What became of a session that has just ended: the processes' evidence and the agent's own log, each corrected by the
 * other. The log may say that its own command ended it, or that its work was not done; the end says why calls failed.
 */
export function judgeEnd(ended: EndedSession, root: LogRoot, surroundings: AgentSurroundings): JudgedEnd {
  const { facts } = ended;
  // What never ran has written nothing: a log found by its folder and time would be another session's.
  const read = facts.launchError === undefined ? transcriptOf(ended, root, surroundings) : undefined;
  const ownCommand = read?.analyzer && ownCommandOf(read.analyzer.kills(), killTarget(ended), facts.at);
  const judged = judgeDeath(ownCommand === undefined ? facts : { ...facts, ownCommand });
  const verdict = withTranscriptEnds(judged, facts, read?.ends);
  return { verdict, failures: read && failuresOf(read, verdict), transcript: read?.path };
}

interface ReadLog {
  readonly path: string;
  /** `undefined` of one that is known and cannot be read here. */
  readonly analyzer: TranscriptAnalyzer | undefined;
  readonly ends: TranscriptEnds;
}

const NO_SQLITE = 'the agent keeps its log in a database, which needs Node 22.13 or later to be read';

function failuresOf({ analyzer }: ReadLog, verdict: Verdict): Failures {
  return analyzer === undefined
    ? unreadFailures('opencode_database', NO_SQLITE)
    : joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() });
}

function transcriptOf(
  { enrollment, facts, dir }: EndedSession,
  root: LogRoot,
  { env, home }: AgentSurroundings,
): ReadLog | undefined {
  // A transcript that cannot be read must not cost the session its summary.
  try {
    const found = findTranscript({ enrollment, endTs: facts.at, dir, env, home, readHead });
    if (found === undefined) return readLastWord(enrollment, dir, root);
    const { path } = found;
    const printed = join(dir, 'stdout.log');
    if (found.type === 'no_sqlite') {
      return { path, analyzer: undefined, ends: { log: undefined, stream: endOfStream(printed) } };
    }
    // What was captured moves with the session's directory, and its handles with it.
    const final = path.startsWith(dir) ? join(root.sessions, enrollment.session_id, path.slice(dir.length)) : path;
    const analyzer = readTranscript(found.type === 'database' ? found.read : path, {
      handleOf: openHandles(root).handleOf(final),
      isEndAsked: true,
    });
    const end = analyzer.end();
    const ends = path === printed ? { log: undefined, stream: end } : { log: end, stream: endOfStream(printed) };
    return { path: final, analyzer, ends };
  } catch {
    return undefined; // unreadable, or gone while we looked: the session has no transcript then
  }
}

/** What an agent printed may end otherwise than its own log. */
function endOfStream(path: string): TranscriptEnd | undefined {
  if (!existsSync(path) || detectTranscriptFormat(readHead(path, 32)) === undefined) return undefined;
  return readTranscript(path, { handleOf: () => '', isEndAsked: true }).end();
}

/** By what a kill reaches the agent: its pids and its wrappers', its name, and its command line as it was given. */
function killTarget({ enrollment, facts }: EndedSession): KillTarget {
  const pids = [facts.trackedPid, enrollment.pid, enrollment.spawned?.pid, enrollment.launcher?.pid];
  const program = enrollment.skill_command.split(' ', 1)[0]?.replace(/^.*\//, '');
  const isNode = NODE_NAMES.has(facts.trackedComm ?? '');
  const names = [facts.trackedComm, program, ...(isNode ? ['node'] : [])];
  return {
    pids: pids.filter((pid) => typeof pid === 'number'),
    names: names.filter((name) => name !== undefined),
    commandLine: `${isNode ? 'node ' : ''}${enrollment.skill_command}`,
  };
}

/** Its first thread has a name of its own. */
const NODE_NAMES: ReadonlySet<string> = new Set(['node', 'MainThread', 'node-MainThread']);
