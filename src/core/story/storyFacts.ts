import type { Call, CallText } from '../session/call.ts';
import type { Verdict } from '../session/verdict.ts';
import type { FailureCategory } from '../words/vocabulary.ts';

/** In the order in which they are told. */
export const STORY_TOPICS = ['end', 'doing', 'who', 'words', 'advice'] as const;
export type StoryTopic = (typeof STORY_TOPICS)[number];

/** One line of a story. Texts of a log are fit for display. */
export interface StoryLine {
  readonly topic: StoryTopic;
  readonly text: string;
  /** Lines of an output, word by word. */
  readonly quoted: readonly string[];
  /** What it rests on, a sentence each. */
  readonly because: readonly string[];
  /** Of the transcript's line that it is about. */
  readonly handle?: string;
}

/** Everything that a story may be made of; what is not known is `undefined`. */
export interface StoryFacts {
  readonly verdict: Verdict;
  readonly isRunning: boolean;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly durationSeconds: number | undefined;
  readonly timeoutSeconds: number | undefined;
  /** Of the last sample. */
  readonly memory: MemoryFact | undefined;
  readonly peakTreeKb: number | undefined;
  readonly call: CallFact | undefined;
  /** The failure that ended the session, else its last one. */
  readonly failure: FailureFact | undefined;
  /** The living processes of the last sample that shows any, the tracked one among them. */
  readonly processes: readonly ProcessFact[];
  /** Processes of the session that the kernel killed for memory, the tracked one not among them. */
  readonly killedForMemory: readonly KilledFact[];
  readonly lastWords: LastWordsFact | undefined;
  /** Without output for this long. */
  readonly silentSeconds: number | undefined;
  /** A limit ahead, in one sentence. */
  readonly forecast: string | undefined;
  readonly leftovers: number;
}

export interface MemoryFact {
  readonly usedKb: number;
  readonly limitKb: number | undefined;
}

export interface CallFact extends Call, CallText {
  /** How long it was open, or how long before the end it had ended. */
  readonly seconds: number | undefined;
  readonly handle: string | undefined;
}

export interface FailureFact {
  readonly category: FailureCategory;
  readonly detail: string | undefined;
  readonly exitCode: number | undefined;
  readonly asked: string | undefined;
  readonly answer: string | undefined;
  /** Nothing was called after it. */
  readonly isLast: boolean;
  /** The log says that the session ended with it. */
  readonly hasEndedIt: boolean;
  readonly handle: string | undefined;
}

export interface ProcessFact {
  readonly pid: number;
  readonly comm: string | undefined;
  readonly command: string | undefined;
  readonly rssKb: number | undefined;
  readonly wchan: string | undefined;
  readonly isTracked: boolean;
  /** It has no living child, and is the youngest of those: everybody else waits for it. */
  readonly isWaitedFor: boolean;
}

export interface KilledFact {
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  readonly command: string | undefined;
  readonly rssKb: number | undefined;
  readonly limitKb: number | undefined;
}

export interface LastWordsFact {
  readonly stream: 'stdout' | 'stderr';
  readonly lines: readonly string[];
}
