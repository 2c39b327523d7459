import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscript, type FoundTranscript } from '../agents/findTranscript.ts';
import { detectTranscriptFormat, type TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import type { DeathFacts } from '../core/death/deathFacts.ts';
import { judgeDeath } from '../core/death/judgeDeath.ts';
import { ownCommandOf, type KillTarget } from '../core/death/ownCommand.ts';
import { withTranscriptEnds, type TranscriptEnds } from '../core/failures/incompleteEnd.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { joinStories } from '../core/failures/joinStories.ts';
import { unreadFailures } from '../core/failures/unreadFailures.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { openHandles } from '../logs/handles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import { failuresOfOutput } from '../core/failures/capturedOutput.ts';
import { readLastWord } from './lastWord.ts';
import { otherSessions } from './otherSessions.ts';
import { printedLast } from './printedLast.ts';
import { readTranscript, type TranscriptLines } from './readTranscript.ts';

/** A session whose processes have ended, before anything of it is published. */
export interface EndedSession {
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  readonly dir: string;
  /** What its processes were seen to hold open for writing. */
  readonly openFiles?: ReadonlySet<string> | undefined;
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
  /** Logs of which one may be the transcript, where nothing proves which. */
  readonly candidates?: readonly string[];
}

/**
 * What became of a session that has just ended: the processes' evidence and the agent's own log, each corrected by the
 * other. The log may say that its own command ended it, or that its work was not done; the end says why calls failed.
 */
export function judgeEnd(ended: EndedSession, root: LogRoot, surroundings: AgentSurroundings): JudgedEnd {
  const { facts } = ended;
  // What never ran has written nothing: a log found by its folder and time would be another session's.
  const found = facts.launchError === undefined ? transcriptOf(ended, root, surroundings) : undefined;
  const read = found !== undefined && 'candidates' in found ? undefined : found;
  const kills = [...(read?.log?.kills() ?? []), ...(read?.stream?.kills() ?? [])];
  const ownCommand = ownCommandOf(kills, killTarget(ended), facts.at);
  const judged = judgeDeath(ownCommand === undefined ? facts : { ...facts, ownCommand });
  const ends: TranscriptEnds | undefined = read && { log: read.log?.end(), stream: read.stream?.end() };
  const verdict = withTranscriptEnds(judged, facts, ends);
  if (found !== undefined && 'candidates' in found)
    return { verdict, failures: undefined, transcript: undefined, ...found };
  const failures = read === undefined ? judgedByOutput(ended, root, verdict) : failuresOf(read, verdict);
  return { verdict, failures, transcript: read?.path };
}

interface ReadLog {
  readonly path: string;
  /** The agent's own log. */
  readonly log: TranscriptAnalyzer | undefined;
  /** It is known, and cannot be read here. */
  readonly isUnread: boolean;
  /** What it printed, where that is a log as well. */
  readonly stream: TranscriptAnalyzer | undefined;
}

const NO_SQLITE = 'the agent keeps its log in a database, which needs Node 22.13 or later to be read';

/** What its own log and what it printed tell together. */
function failuresOf({ log, stream, isUnread }: ReadLog, verdict: Verdict): Failures | undefined {
  const own = isUnread ? unreadFailures('opencode_database', NO_SQLITE) : log?.snapshotOf();
  const printed = stream?.snapshotOf();
  const told = own !== undefined && printed !== undefined ? joinStories(own, printed) : (own ?? printed);
  return told && joinEvidence(told, { verdict, jobs: (log ?? stream)?.jobs() ?? [] });
}

function transcriptOf(
  { enrollment, facts, dir, openFiles }: EndedSession,
  root: LogRoot,
  { env, home }: AgentSurroundings,
): ReadLog | { readonly candidates: readonly string[] } | undefined {
  // A transcript that cannot be read must not cost the session its summary.
  try {
    const others = otherSessions(root, enrollment);
    const found = findTranscript({ enrollment, endTs: facts.at, dir, env, home, readHead, openFiles, others });
    if (found === undefined) {
      const last = readLastWord(enrollment, dir, root);
      return last && { path: last.path, log: last.analyzer, isUnread: false, stream: undefined };
    }
    return found.type === 'unsure' ? { candidates: found.paths } : readFoundLogs(found, { enrollment, dir, root });
  } catch {
    return undefined; // unreadable, or gone while we looked: the session has no transcript then
  }
}

/** Without an agent's log its captured output has to do, and only after an end that was a failure of its own. */
function judgedByOutput(
  { enrollment, facts, dir }: EndedSession,
  root: LogRoot,
  verdict: Verdict,
): Failures | undefined {
  const exitCode = facts.exit?.code ?? 0;
  if (exitCode === 0 || verdict.cause !== 'exit_nonzero') return undefined;
  try {
    const printed = printedLast(dir);
    // What a known agent prints on stdout may be about anything: it answers there.
    if (printed === undefined || (enrollment.agent !== 'other' && printed.stream === 'stdout')) return undefined;
    const name = `${printed.stream}.log`;
    let line = 0;
    readAllLines(join(dir, name), () => (line += 1));
    return failuresOfOutput({
      text: printed.lines.join('\n'),
      exitCode,
      endTs: facts.at,
      line,
      handle: openHandles(root).handleOf(join(root.sessions, enrollment.session_id, name))(line),
    });
  } catch {
    return undefined; // nothing was captured, or it is gone
  }
}

function readFoundLogs(
  found: Exclude<FoundTranscript, { readonly type: 'unsure' }>,
  { enrollment, dir, root }: { readonly enrollment: Enrollment; readonly dir: string; readonly root: LogRoot },
): ReadLog {
  const { path } = found;
  const handles = openHandles(root);
  const read = (from: string | TranscriptLines, at: string): TranscriptAnalyzer =>
    readTranscript(from, { handleOf: handles.handleOf(at), isEndAsked: true });
  // What was captured moves with the session's directory, and its handles with it.
  const finalOf = (at: string): string =>
    at.startsWith(dir) ? join(root.sessions, enrollment.session_id, at.slice(dir.length)) : at;
  const printed = join(dir, 'stdout.log');
  const stream = path === printed || isStream(printed) ? read(printed, finalOf(printed)) : undefined;
  const isUnread = found.type === 'no_sqlite';
  const log =
    path !== printed && !isUnread ? read(found.type === 'database' ? found.read : path, finalOf(path)) : undefined;
  return { path: finalOf(path), log, isUnread, stream };
}

/** What an agent printed may end otherwise than its own log. */
function isStream(path: string): boolean {
  return existsSync(path) && detectTranscriptFormat(readHead(path, 32)) !== undefined;
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
