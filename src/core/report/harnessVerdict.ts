import type { Failures } from '../session/failures.ts';
import type { Verdict } from '../session/verdict.ts';
import {
  CAUSES,
  CONFIDENCES,
  EVIDENCE_KINDS,
  LAYERS,
  OUTCOMES,
  type Cause,
  type Confidence,
  type EvidenceKind,
  type Layer,
  type Outcome,
} from '../words/vocabulary.ts';

/** Who has to change something: the machine and its services, the model, what starts and limits the agent, a person. */
export const BLAMES = ['environment', 'model', 'harness', 'user', 'unknown', 'none'] as const;
export type Blame = (typeof BLAMES)[number];

/** Whether starting it again repeats work that was done: safe, nothing was done; none, there is nothing to repeat. */
export const RETRIES = ['safe', 'unsafe', 'unknown', 'none'] as const;
export type Retry = (typeof RETRIES)[number];

/** The small contract for programs that start agents and score them: media/verdict.schema.json. */
export interface HarnessVerdict {
  readonly schema_version: 1;
  readonly session: string;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly layer: Layer;
  readonly confidence: Confidence;
  readonly blame: Blame;
  readonly retry: Retry;
  readonly evidence: readonly EvidenceKind[];
  /** The line of the agent's own log that tells most, for `locate`; null where none does. */
  readonly handle: string | null;
}

export interface HarnessRow {
  readonly blame: Blame;
  readonly retry: Retry;
  /** Why, for a person. */
  readonly because: string;
}

/** What a cause says by itself; what is known of the layer comes first. */
export const HARNESS_TABLE: Readonly<Record<Cause, HarnessRow>> = {
  completed: { blame: 'none', retry: 'none', because: 'it did what it was started for' },
  exit_nonzero: { blame: 'unknown', retry: 'unknown', because: 'an exit code is the program’s own word' },
  oom_kill: {
    blame: 'environment',
    retry: 'unsafe',
    because: 'the limit on memory is the machine’s; work stopped midway',
  },
  heap_limit: { blame: 'harness', retry: 'unsafe', because: 'the limit is of the runtime it was started with' },
  killed: { blame: 'unknown', retry: 'unsafe', because: 'it had no say in its end; work stopped midway' },
  terminated: { blame: 'unknown', retry: 'unsafe', because: 'it was asked to end; work stopped midway' },
  interrupted: { blame: 'user', retry: 'none', because: 'a person ended it' },
  crashed: { blame: 'harness', retry: 'unsafe', because: 'a program has a bug; work stopped midway' },
  timed_out: { blame: 'harness', retry: 'unsafe', because: 'whoever started it set its time' },
  stopped: { blame: 'user', retry: 'none', because: 'it was stopped on request' },
  launch_failed: { blame: 'environment', retry: 'safe', because: 'it never ran' },
  fd_exhaustion: { blame: 'environment', retry: 'unsafe', because: 'the limit on open files is the machine’s' },
  disk_full: { blame: 'environment', retry: 'unsafe', because: 'there was no room left; writes may be halved' },
  vanished: { blame: 'unknown', retry: 'unknown', because: 'nobody saw its end' },
  lost: { blame: 'unknown', retry: 'unknown', because: 'its recorder was gone before its end' },
  terminal_lost: { blame: 'environment', retry: 'unsafe', because: 'its terminal went away under it' },
  ended_mid_task: { blame: 'unknown', retry: 'unsafe', because: 'its log stops in the middle of work' },
  did_nothing: { blame: 'unknown', retry: 'safe', because: 'it took no turn' },
  blocked: {
    blame: 'environment',
    retry: 'safe',
    because: 'all that it tried last was denied, and nothing was written',
  },
  limit_reached: { blame: 'unknown', retry: 'unsafe', because: 'it used up what it was given; work was done' },
  unknown: { blame: 'unknown', retry: 'unknown', because: 'nothing is known of its end' },
};

/** Layers that say who it was; the others leave it to the cause. */
const BLAMED_LAYERS: Readonly<Partial<Record<Layer, Blame>>> = {
  environment: 'environment',
  model: 'model',
  user: 'user',
};

/** Ends that say themselves who it was, whatever failed on the way. */
const SETTLED: ReadonlySet<Cause> = new Set(['completed', 'interrupted', 'stopped', 'timed_out', 'launch_failed']);

export function harnessVerdict(session: string, verdict: Verdict, failures: Failures | undefined): HarnessVerdict {
  const { outcome, cause, layer, confidence, evidence } = verdict;
  const row = HARNESS_TABLE[cause];
  const isOver = outcome !== 'running';
  const blame = isOver ? blameOf(verdict, failures) : 'none';
  return {
    schema_version: 1,
    session,
    outcome,
    cause,
    layer,
    confidence,
    blame,
    retry: isOver && outcome !== 'succeeded' ? row.retry : 'none',
    evidence: [...new Set(evidence.map(({ kind }) => kind))],
    handle: handleOf(failures, blame),
  };
}

function blameOf({ outcome, cause, layer }: Verdict, failures: Failures | undefined): Blame {
  if (outcome === 'succeeded') return 'none';
  const row = HARNESS_TABLE[cause];
  const told = BLAMED_LAYERS[layer];
  if (told !== undefined) return told;
  if (SETTLED.has(cause) || row.blame !== 'unknown') return row.blame;
  // What failed inside: as sure as the agent's own log is.
  return BLAMED_LAYERS[failures?.suspect.layer ?? 'unknown'] ?? row.blame;
}

const HANDLE = /^src:[0-9a-f]{12}:L\d+$/;

/** The last line that speaks for the blame, else the last that tells of a failure at all. */
function handleOf(failures: Failures | undefined, blame: Blame): string | null {
  const sources = failures?.sources.filter(({ handle }) => HANDLE.test(handle)) ?? [];
  const because: readonly string[] = failures?.suspect.because ?? [];
  const isMeant = blame === BLAMED_LAYERS[failures?.suspect.layer ?? 'unknown'];
  const meant = isMeant ? sources.findLast(({ category }) => because.includes(category)) : undefined;
  return (meant ?? sources.at(-1))?.handle ?? null;
}

/** What media/verdict.schema.json publishes. */
export function harnessVerdictSchema(): Readonly<Record<string, unknown>> {
  const properties = {
    schema_version: { const: 1 },
    session: { type: 'string', minLength: 1 },
    outcome: { enum: OUTCOMES },
    cause: { enum: CAUSES },
    layer: { enum: LAYERS },
    confidence: { enum: CONFIDENCES },
    blame: { enum: BLAMES, description: 'who has to change something before it is started again' },
    retry: {
      enum: RETRIES,
      description: 'whether starting it again repeats work: safe, nothing was done; none, there is nothing to repeat',
    },
    evidence: { type: 'array', uniqueItems: true, items: { enum: EVIDENCE_KINDS } },
    handle: {
      type: ['string', 'null'],
      pattern: HANDLE.source,
      description: 'a line of the agent’s own log, for session-diagnostics locate on the same machine',
    },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Session Diagnostics verdict',
    description:
      'What became of one session. Words may be added to its lists; schema_version changes with anything else.',
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}
