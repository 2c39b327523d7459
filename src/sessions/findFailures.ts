import type { DeathFacts } from '../core/death/deathFacts.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { join } from 'node:path';
import { findTranscript } from '../agents/findTranscript.ts';
import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { judgeDeath } from '../core/death/judgeDeath.ts';
import { unreadFailures } from '../core/failures/unreadFailures.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';

/** Finds the agent's transcript and reads what went wrong in it. Given by the program, which may know transcripts. */
export type FindFailures = (session: {
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  readonly dir: string;
}) => Found;

type Found = { readonly failures: Failures; readonly transcript: string } | undefined;

/** Where agents keep their logs is theirs to say, in variables and below the home of whoever started them. */
interface Surroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home: string;
}

const NO_SQLITE = 'the agent keeps its log in a database, which needs Node 22.13 or later to be read';

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Surroundings): FindFailures {
  return ({ enrollment, facts, dir }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const found = findTranscript({
        enrollment,
        endTs: facts.at,
        dir,
        env,
        home,
        readHead,
      });
      if (found === undefined) return undefined;
      if (found.type === 'no_sqlite') {
        const failures = unreadFailures('opencode_database', NO_SQLITE);
        return { failures, transcript: found.path };
      }
      const { path } = found;
      // What was captured moves with the session's directory, and its handles with it.
      const final = path.startsWith(dir) ? join(root.sessions, enrollment.session_id, path.slice(dir.length)) : path;
      const analyzer = createTranscriptAnalyzer({ handleOf: openHandles(root).handleOf(final) });
      if (found.type === 'database') found.read((line) => analyzer.push(line));
      else readAllLines(path, (line) => analyzer.push(line));
      analyzer.finish();
      const verdict = judgeDeath(facts);
      return { failures: joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() }), transcript: final };
    } catch {
      return undefined; // unreadable, or gone while we looked: the session has no transcript then
    }
  };
}
