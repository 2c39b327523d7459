import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscript, type FoundTranscript } from '../agents/findTranscript.ts';
import {
  createTranscriptAnalyzer,
  detectTranscriptFormat,
  type TranscriptAnalyzer,
} from '../agents/transcriptReader.ts';
import type { DeathFacts } from '../core/death/deathFacts.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { joinStories } from '../core/failures/joinStories.ts';
import { withTranscriptEnds, type TranscriptEnds } from '../core/failures/incompleteEnd.ts';
import { judgeDeath } from '../core/death/judgeDeath.ts';
import { unreadFailures } from '../core/failures/unreadFailures.ts';
import { ownCommandOf, type KillTarget } from '../core/death/ownCommand.ts';
import type { OwnCommand } from '../core/session/killCall.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import { otherSessions } from './otherSessions.ts';

/** Finds the agent's transcript and reads what went wrong in it. Given by the program, which may know transcripts. */
export type FindFailures = (session: {
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  readonly dir: string;
  /** What its processes were seen to hold open for writing. */
  readonly openFiles?: ReadonlySet<string>;
}) => Found;

type Found =
  | {
      readonly failures?: Failures | undefined;
      readonly transcript?: string | undefined;
      /** Logs of which one may be the transcript. */
      readonly candidates?: readonly string[];
      /** A command of the agent's own that may have ended it. */
      readonly ownCommand?: OwnCommand | undefined;
      readonly ends?: TranscriptEnds;
    }
  | undefined;

/** Where agents keep their logs is theirs to say, in variables and below the home of whoever started them. */
interface Surroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home: string;
}

const NO_SQLITE = 'the agent keeps its log in a database, which needs Node 22.13 or later to be read';

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Surroundings): FindFailures {
  return ({ enrollment, facts, dir, openFiles }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const others = otherSessions(root, enrollment);
      const search = { enrollment, endTs: facts.at, dir, env, home, readHead, openFiles, others };
      const found = findTranscript(search);
      if (found === undefined) return undefined;
      if (found.type === 'unsure') return { candidates: found.paths };
      return readStory({ found, enrollment, facts, dir, root });
    } catch {
      return undefined; // unreadable, or gone while we looked: the session has no transcript then
    }
  };
}

interface Telling {
  readonly found: Exclude<FoundTranscript, { readonly type: 'unsure' }>;
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  readonly dir: string;
  readonly root: LogRoot;
}

/** What the agent's own log and what it printed tell together. */
function readStory({ found, enrollment, facts, dir, root }: Telling): Found {
  const { path } = found;
  const printed = join(dir, 'stdout.log');
  const handles = openHandles(root);
  // What was captured moves with the session's directory, and its handles with it.
  const finalOf = (at: string): string =>
    at.startsWith(dir) ? join(root.sessions, enrollment.session_id, at.slice(dir.length)) : at;
  const stream = isStream(printed) ? readWhole(linesOf(printed), handles.handleOf(finalOf(printed))) : undefined;
  if (found.type === 'no_sqlite') {
    const unread = unreadFailures('opencode_database', NO_SQLITE);
    const failures = stream === undefined ? unread : joinStories(unread, stream.snapshotOf());
    return { failures, transcript: path, ends: { log: undefined, stream: stream?.end() } };
  }
  const isPrinted = path === printed;
  const read = found.type === 'database' ? found.read : linesOf(path);
  const log = isPrinted ? undefined : readWhole(read, handles.handleOf(path));
  const main = log ?? stream ?? readWhole(read, handles.handleOf(finalOf(path)));
  const ends = { log: log?.end(), stream: (isPrinted ? main : stream)?.end() };
  const ownCommand = ownCommandOf(
    [...main.kills(), ...(stream?.kills() ?? [])],
    killTarget(enrollment, facts),
    facts.at,
  );
  const verdict = withTranscriptEnds(judgeDeath(facts), facts, ends);
  const own = main.snapshotOf();
  const told = stream === undefined || stream === main ? own : joinStories(own, stream.snapshotOf());
  const failures = joinEvidence(told, { verdict, jobs: main.jobs() });
  return { ownCommand, failures, transcript: finalOf(path), ends };
}

/** What an agent printed may end otherwise than its own log. */
function isStream(path: string): boolean {
  return existsSync(path) && detectTranscriptFormat(readHead(path, 32)) !== undefined;
}

type ReadLines = (onLine: (line: string) => void) => void;

function linesOf(path: string): ReadLines {
  return (onLine) => readAllLines(path, onLine);
}

function readWhole(read: ReadLines, handleOf: (line: number) => string): TranscriptAnalyzer {
  const analyzer = createTranscriptAnalyzer({ handleOf, isEndAsked: true });
  read((line) => analyzer.push(line));
  analyzer.finish();
  return analyzer;
}

/** By what a kill reaches the agent: its pids and its wrappers', its name, and its command line as it was given. */
function killTarget(enrollment: Enrollment, facts: DeathFacts): KillTarget {
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
