import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createTranscriptAnalyzer,
  detectTranscriptFormat,
  type TranscriptAnalyzer,
} from '../agents/transcriptReader.ts';
import { joinEvidence } from '../core/joinEvidence.ts';
import { withTranscriptEnds } from '../core/incompleteEnd.ts';
import { judgeDeath } from '../core/judgeDeath.ts';
import { openHandles } from '../logs/handles.ts';
import { findTranscript } from '../logs/findTranscript.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import type { FindFailures } from '../recorder/sessionRecorder.ts';
import type { CommandContext } from './command.ts';

const isTranscript = (lines: readonly string[]): boolean => detectTranscriptFormat(lines) !== undefined;

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Pick<CommandContext, 'env' | 'home'>): FindFailures {
  return ({ enrollment, facts, dir }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const path = findTranscript({ enrollment, endTs: facts.at, dir, env, home, isTranscript });
      if (path === undefined) return undefined;
      // What was captured moves with the session's directory, and its handles with it.
      const final = path.startsWith(dir) ? join(root.sessions, enrollment.session_id, path.slice(dir.length)) : path;
      const analyzer = readWhole(path, openHandles(root).handleOf(final));
      const printed = join(dir, 'stdout.log');
      const stream = path !== printed && isStream(printed) ? readWhole(printed, () => '') : undefined;
      const ends =
        path === printed ? { log: undefined, stream: analyzer.end() } : { log: analyzer.end(), stream: stream?.end() };
      const verdict = withTranscriptEnds(judgeDeath(facts), facts, ends);
      const failures = joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() });
      return { failures, transcript: final, ends };
    } catch {
      return undefined; // unreadable, or gone while we looked: the session has no transcript then
    }
  };
}

function isStream(path: string): boolean {
  return existsSync(path) && isTranscript(readHead(path, 32));
}

function readWhole(path: string, handleOf: (line: number) => string): TranscriptAnalyzer {
  const analyzer = createTranscriptAnalyzer({ handleOf, isEndAsked: true });
  readAllLines(path, (line) => analyzer.push(line));
  analyzer.finish();
  return analyzer;
}
