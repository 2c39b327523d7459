import type { Episode } from '../../../core/anomalies/episodes.ts';
import { kindWords } from '../../../core/words/vocabularyWords.ts';
import { ANOMALY_MEANINGS } from '../../../core/fields/wordMeanings.ts';
import type { Problem } from './problem.ts';

/** Episodes at the first of their records; a leak of an hour is one problem. */
export function episodeProblems(
  episodes: readonly Episode[],
  lineOf: (episode: Episode) => number | undefined,
): readonly Problem[] {
  return episodes.flatMap((episode) => {
    const line = lineOf(episode);
    return line === undefined ? [] : [episodeProblem(episode, line)];
  });
}

function episodeProblem({ kind, severity, first_seq: first, last_seq: last, count }: Episode, line: number): Problem {
  const meaning = kind === 'other' ? 'a kind of anomaly that is not known here' : ANOMALY_MEANINGS[kind];
  const span = last === first ? '' : ` Samples ${first} to ${last}, ${count} records.`;
  return { line, severity, code: kind, message: `${kindWords(kind)}: ${meaning}.${span}` };
}
