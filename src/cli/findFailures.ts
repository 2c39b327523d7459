import { join } from 'node:path';
import { findTranscript } from '../agents/findTranscript.ts';
import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { joinEvidence } from '../core/joinEvidence.ts';
import { judgeDeath } from '../core/judgeDeath.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import type { FindFailures } from '../recorder/sessionRecorder.ts';
import type { CommandContext } from './command.ts';

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Pick<CommandContext, 'env' | 'home'>): FindFailures {
  return ({ enrollment, facts, dir }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const path = findTranscript({
        enrollment,
        endTs: facts.at,
        dir,
        env,
        home,
        readHead,
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
