import { createTranscriptAnalyzer } from '../../agents/transcriptReader.ts';
import { anomalyFrom, type Anomaly } from '../../core/anomaly.ts';
import { episodesOf, type Episode } from '../../core/episodes.ts';
import type { FailureSource } from '../../core/failures.ts';
import { parseJson } from '../../core/json.ts';
import { TranscriptTurns, type TranscriptTurn } from '../../core/transcriptTurns.ts';
import { Digests, type Digest } from './digests.ts';
import type { LogDocuments } from './logDocuments.ts';

/** The sample number of each line; `undefined` on a line that is damaged or has none. */
export type Seqs = readonly (number | undefined)[];

export interface LocatedAnomaly {
  readonly anomaly: Anomaly;
  readonly line: number;
}

/** A transcript as a whole. Its own line numbers, which count from 1, are kept. */
export interface TranscriptFacts {
  readonly turns: readonly TranscriptTurn[];
  readonly failures: readonly FailureSource[];
}

export interface FileDigests {
  readonly seqs: Digests<Seqs>;
  readonly anomalies: Digests<readonly LocatedAnomaly[]>;
  readonly transcripts: Digests<TranscriptFacts>;
}

export function fileDigestsOf(documents: LogDocuments): FileDigests {
  return {
    seqs: new Digests(documents, seqsOfLines),
    anomalies: new Digests(documents, anomaliesOfLines),
    transcripts: new Digests(documents, factsOfTranscript),
  };
}

/** A quote inside a JSON string has a backslash before it, so that no text of a log can pass for the key. */
const SEQ = /"seq":\s*(\d{1,15})(?=[,}\s])/;

/** Without JSON.parse: a hundred thousand lines are looked at for one number each. */
function seqsOfLines(): Digest<Seqs> {
  const seqs: (number | undefined)[] = [];
  return {
    take: (line) => {
      const digits = SEQ.exec(line)?.[1];
      seqs.push(digits === undefined ? undefined : Number(digits));
    },
    value: () => seqs,
  };
}

/** Beyond these nobody reads them one by one. */
const MOST_ANOMALIES = 50_000;

function anomaliesOfLines(): Digest<readonly LocatedAnomaly[]> {
  const anomalies: LocatedAnomaly[] = [];
  let line = -1;
  return {
    take: (text) => {
      line += 1;
      if (anomalies.length >= MOST_ANOMALIES) return;
      const parsed = parseJson(text);
      const anomaly = parsed.ok ? anomalyFrom(parsed.value) : undefined;
      if (anomaly !== undefined) anomalies.push({ anomaly: { ...anomaly, snapshot: undefined }, line });
    },
    value: () => anomalies,
  };
}

export function episodesIn(anomalies: readonly LocatedAnomaly[] | undefined): readonly Episode[] {
  return episodesOf((anomalies ?? []).map(({ anomaly }) => anomaly));
}

function factsOfTranscript(): Digest<TranscriptFacts> {
  const turns = new TranscriptTurns();
  // A handle is made of a file's name and written down where it can be located: only when a person asks for it.
  const analyzer = createTranscriptAnalyzer({
    handleOf: () => '',
    onEvent: (event, at) => turns.add(event, at),
  });
  let lines = 0;
  return {
    take: (line) => {
      lines += 1;
      analyzer.push(line);
    },
    value: () => {
      analyzer.finish();
      return { turns: turns.turns(lines), failures: analyzer.snapshotOf().sources };
    },
  };
}
