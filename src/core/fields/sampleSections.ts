import type { Episode } from '../anomalies/episodes.ts';

/** Neighbouring lines of a file of samples that a person sees as one thing: a quiet stretch, or one where things went wrong. */
export interface SampleSection {
  readonly firstLine: number;
  readonly lastLine: number;
  /** None: nothing unusual happened here. Episodes that overlap share a section; of very many, near ones do too. */
  readonly episodes: readonly Episode[];
}

interface Stretch {
  readonly episodes: Episode[];
  readonly firstSeq: number;
  lastSeq: number;
}

/**
 * Divides the lines of a file of samples, whose sample numbers are given, by the episodes of its session. Every line
 * is in exactly one section. A line without a number (`undefined`) belongs to the one before it.
 */
export function sampleSections(
  seqs: ReadonlyArray<number | undefined>,
  episodes: readonly Episode[],
): readonly SampleSection[] {
  const stretches = stretchesOf(episodes);
  const sections: { firstLine: number; lastLine: number; stretch: Stretch | undefined }[] = [];
  let at = 0;
  let before = Number.NEGATIVE_INFINITY;
  seqs.forEach((seq, line) => {
    const last = sections.at(-1);
    let stretch = last?.stretch;
    if (seq !== undefined) {
      // Numbers grow nearly always, so the search goes on where it stood; a file out of order begins it again.
      if (seq < before) at = 0;
      before = seq;
      for (let s = stretches[at]; s !== undefined && s.lastSeq < seq; s = stretches[at]) at += 1;
      const near = stretches[at];
      stretch = near !== undefined && near.firstSeq <= seq ? near : undefined;
    }
    if (last !== undefined && last.stretch === stretch) last.lastLine = line;
    else sections.push({ firstLine: line, lastLine: line, stretch });
  });
  return sections.map(({ firstLine, lastLine, stretch }) => ({
    firstLine,
    lastLine,
    episodes: stretch?.episodes ?? [],
  }));
}

/** More stretches than these are no overview of anything. */
const MOST_STRETCHES = 500;

/** Episodes that share a sample, together, in order and apart from each other; where they are too many, near ones too. */
function stretchesOf(episodes: readonly Episode[]): readonly Stretch[] {
  const inOrder = episodes.toSorted((a, b) => a.first_seq - b.first_seq);
  for (let gap = 0; ; gap = gap * 2 + 1) {
    const stretches = joined(inOrder, gap);
    if (stretches.length <= MOST_STRETCHES) return stretches;
  }
}

function joined(episodes: readonly Episode[], gap: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const episode of episodes) {
    const last = stretches.at(-1);
    if (last !== undefined && episode.first_seq <= last.lastSeq + gap) {
      last.episodes.push(episode);
      last.lastSeq = Math.max(last.lastSeq, episode.last_seq);
    } else {
      stretches.push({ episodes: [episode], firstSeq: episode.first_seq, lastSeq: episode.last_seq });
    }
  }
  return stretches;
}
