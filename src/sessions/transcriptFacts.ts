import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { TranscriptTurns, type TranscriptTurn } from '../core/failures/transcriptTurns.ts';
import type { FailureSource } from '../core/session/failures.ts';
import type { TranscriptSessions } from './transcriptSessions.ts';

/** A transcript as a whole. Its own line numbers, which count from 1, are kept. */
export interface TranscriptFacts {
  readonly turns: readonly TranscriptTurn[];
  /** Joined to what became of the session: a line means here what the panel says of it. */
  readonly failures: readonly FailureSource[];
}

export interface TranscriptFactsMaker {
  readonly take: (line: string) => void;
  readonly value: () => TranscriptFacts;
}

/** Several questions about one state of a log follow on each other; a session ends later than its log's last line. */
const KEPT_MS = 2000;

/** For whoever has a log's lines already, as an editor has; `path` is where the log is kept. */
export function transcriptFacts(path: string | undefined, sessions: TranscriptSessions): TranscriptFactsMaker {
  const turns = new TranscriptTurns();
  // A handle is made of a file's name and written down where it can be located: only when a person asks for it.
  const analyzer = createTranscriptAnalyzer({ handleOf: () => '', onEvent: (event, at) => turns.add(event, at) });
  let lines = 0;
  let kept: { readonly facts: TranscriptFacts; readonly lines: number; readonly atMs: number } | undefined;
  const made = (): TranscriptFacts => {
    analyzer.finish();
    const told = analyzer.snapshotOf();
    const verdict = path === undefined ? undefined : sessions.verdictOf(path, told);
    const failures = verdict === undefined ? told : joinEvidence(told, { verdict, jobs: analyzer.jobs() });
    return { turns: turns.turns(lines), failures: failures.sources };
  };
  return {
    take: (line) => {
      lines += 1;
      analyzer.push(line);
    },
    value: () => {
      const atMs = performance.now();
      if (kept?.lines !== lines || atMs - kept.atMs > KEPT_MS) kept = { facts: made(), lines, atMs };
      return kept.facts;
    },
  };
}
