import type { DeathFacts } from '../core/death/deathFacts.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { join } from 'node:path';
import { createTranscriptAnalyzer, detectTranscriptFormat } from '../agents/transcriptReader.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { judgeDeath } from '../core/death/judgeDeath.ts';
import { openHandles } from '../logs/handles.ts';
import { findTranscript } from '../logs/findTranscript.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';

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

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Surroundings): FindFailures {
  return ({ enrollment, facts, dir }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const path = findTranscript({
        enrollment,
        endTs: facts.at,
        dir,
        env,
        home,
        isTranscript: (lines) => detectTranscriptFormat(lines) !== undefined,
      });
      if (path === undefined) return undefined;
      // What was captured moves with the session's directory, and its handles with it.
      const final = path.startsWith(dir) ? join(root.sessions, enrollment.session_id, path.slice(dir.length)) : path;
      const analyzer = createTranscriptAnalyzer({ handleOf: openHandles(root).handleOf(final) });
      readAllLines(path, (line) => analyzer.push(line));
      analyzer.finish();
      const verdict = judgeDeath(facts);
      return { failures: joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() }), transcript: final };
    } catch {
      return undefined; // unreadable, or gone while we looked: the session has no transcript then
    }
  };
}
