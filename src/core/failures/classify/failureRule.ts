import type { ClassifierRule } from '../../words/ruleNames.ts';
import type { Symptom } from '../transcriptEvents.ts';
import type { Confidence, FailureCategory } from '../../words/vocabulary.ts';

/** What a rule concludes; `benign` is an outcome that looks like a failure and is none. */
export interface Conclusion {
  readonly category: FailureCategory | 'benign';
  readonly confidence: Confidence;
}

/** A rule on the whole symptom. Its name is published with every failure it finds. */
export interface SymptomRule extends Conclusion {
  readonly name: ClassifierRule;
  readonly holds: (symptom: Symptom) => boolean;
}

export interface CueTexts {
  /** Texts that count only at a line's start or straight after the names of programs: they also occur in prose. */
  readonly starts?: readonly string[];
  /** Texts so peculiar to programs that it does not matter where on its line one stands. */
  readonly anywhere?: readonly string[];
}

/**
 * A rule on one line of what a failed program printed. Of all lines that match, the one with the strongest rule
 * decides, and among equals the last, because programs say last why they give up.
 */
export interface CueRule extends Conclusion {
  readonly name: ClassifierRule;
  /**
   * 3: says itself what the cause is, and whatever else is printed follows from it (no name resolution, disk full).
   * 2: the usual reason (not found, not permitted). 1: a consequence that may have a stronger cause above it.
   * 0: no wording that is known, only the vocabulary of a category; read without quotations and file names.
   */
  readonly strength: 0 | 1 | 2 | 3;
  readonly texts: CueTexts;
  readonly pattern: RegExp;
}
