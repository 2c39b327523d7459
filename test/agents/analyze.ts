import { createTranscriptAnalyzer, type TranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import type { Failures } from '../../src/core/session/failures.ts';

export function analyzerOf(lines: readonly unknown[]): TranscriptAnalyzer {
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:0123456789ab:L${line}` });
  for (const line of lines) analyzer.push(typeof line === 'string' ? line : JSON.stringify(line));
  return analyzer;
}

/** The failures of a log that nobody writes any more. */
export function analyzed(lines: readonly unknown[]): Failures {
  const analyzer = analyzerOf(lines);
  analyzer.finish();
  return analyzer.snapshotOf();
}

/** "line category rule" of each failure. */
export function found(failures: Failures): string[] {
  return failures.sources.map((source) => `${source.line} ${source.category} ${source.rule}`);
}
