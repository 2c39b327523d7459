import type { ComparedCall, ComparedFailure, ComparedSession } from '../core/compare/comparedSession.ts';
import { SeriesTally } from '../core/report/seriesTally.ts';
import type { CallSpan } from '../core/failures/callSpans.ts';
import { leftoversFrom } from '../core/session/readSession.ts';
import { RESOURCE_LIMITS, type LifecycleEvent, type SessionEnvironment } from '../core/session/session.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import { booleanOf, integerOf, numberOf, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { openWords } from '../core/words/vocabularyWords.ts';
import { msFromIso } from '../core/words/time.ts';
import { ProcessCommands } from '../logs/processCommands.ts';
import { transcriptOf } from '../logs/sessionFiles.ts';
import { growingTranscript } from './knownFailures.ts';
import { readFound, type FoundSession, type KnownSession } from './readFound.ts';
import { readLog } from './readStory.ts';
import { SeenCourse } from './seenCourse.ts';
import type { StorySource } from './storyFactsOf.ts';

/** More of them make no difference that a person can look through. */
const MOST_CALLS = 5000;

/** What is known of a session, as it is laid beside another. */
export function readCompared(found: FoundSession, nowMs: number): ComparedSession {
  const tally = new SeriesTally();
  const course = new SeenCourse();
  const files = readFound(found, {
    moment: ({ snapshot }) => {
      tally.addSnapshot(snapshot);
      course.addSnapshot(snapshot);
    },
    tree: (tree) => {
      tally.addTree(tree);
      course.addTree(tree);
    },
  });
  const { summary, enrollment } = files;
  const startMs = msFromIso(summary?.['start_ts']) ?? msFromIso(enrollment?.enrolled_at) ?? course.firstMs ?? 0;
  const commands = new ProcessCommands();
  commands.read(found.place.dir);
  const log = logOf(found, files, nowMs);
  return {
    ...givenTo(files, course),
    ...endOf(files, found.place.state === 'running'),
    peaks: { ...tally.peaks, processes: tally.fullest?.processes.length ?? 0 },
    samples: tally.count,
    calls: callsOf(log, startMs),
    failures: failuresOf(files, log, startMs),
    failureCounts: files.failures?.counts ?? {},
    processes: course.processes((pid, startTicks) => commands.of(pid, startTicks), startMs),
    memory: course.memory(startMs),
  };
}

function logOf({ place, root }: FoundSession, files: KnownSession, nowMs: number): StorySource['log'] {
  const isRunning = place.state === 'running';
  const path =
    transcriptOf(place.dir, files.summary) ??
    (isRunning ? growingTranscript(root, files.enrollment, { dir: place.dir, nowMs }) : undefined);
  return path === undefined ? undefined : readLog(path, { isOver: !isRunning, root });
}

/** What it was given and ran on. */
function givenTo({ summary, enrollment, lifecycle }: KnownSession, course: SeenCourse) {
  const limits = recordOf(summary?.['limits']);
  return {
    agent: stringOf(summary?.['agent']) ?? enrollment?.agent ?? 'other',
    command: stringOf(summary?.['skill_command']) ?? enrollment?.skill_command ?? '',
    folder: stringOf(summary?.['cwd']) ?? enrollment?.cwd ?? '',
    environment: environmentFrom(summary),
    limits:
      limits &&
      Object.fromEntries(
        RESOURCE_LIMITS.flatMap((name) => {
          const limit = integerOf(limits[name]);
          return limit === undefined ? [] : [[name, limit]];
        }),
      ),
    memoryLimitKb: course.memoryLimitKb,
    ownLimits: ownLimits(lifecycle),
    timeoutSeconds: numberOf(summary?.['timeout_seconds']) ?? enrollment?.timeout_seconds ?? null,
    cores: integerOf(summary?.['cores']) ?? enrollment?.cores ?? null,
    intervalSeconds: numberOf(summary?.['snapshot_interval_seconds']) ?? enrollment?.interval_seconds ?? 5,
  };
}

function environmentFrom(summary: JsonRecord | undefined): Partial<SessionEnvironment> {
  const told = recordOf(summary?.['environment']) ?? {};
  const texts = ['product', 'node', 'os', 'kernel', 'arch', 'agent_version'].flatMap((name) => {
    const text = stringOf(told[name]);
    return text === undefined ? [] : [[name, text]];
  });
  const memoryKb = integerOf(told['memory_kb']);
  const container = booleanOf(told['container']);
  return {
    ...Object.fromEntries(texts),
    ...(memoryKb !== undefined && { memory_kb: memoryKb }),
    ...(container !== undefined && { container }),
  };
}

const OWN_LIMITS = ['memory_limit_kb', 'pids_limit', 'cpu_limit'];

function ownLimits(lifecycle: readonly LifecycleEvent[]): string | null {
  const set = lifecycle.find(({ event, reason }) => event === 'limit_set' && reason === 'set')?.context;
  const told = OWN_LIMITS.flatMap((name) => {
    const value = numberOf(set?.[name]);
    return value === undefined ? [] : [`${name.replaceAll('_', ' ')} ${value}`];
  });
  return told.length === 0 ? null : told.join(', ');
}

function endOf({ summary }: KnownSession, isRunning: boolean) {
  return {
    verdict: sessionVerdict({ isRunning, summary }),
    exitCode: integerOf(summary?.['exit_code']) ?? null,
    signal: stringOf(summary?.['signal']) ?? null,
    durationSeconds: numberOf(summary?.['duration_seconds']) ?? null,
    leftovers: leftoversFrom(summary).map(({ comm }) => comm),
  };
}

function callsOf(log: StorySource['log'], startMs: number): readonly ComparedCall[] {
  if (log === undefined) return [];
  return log.analyzer
    .calls()
    .slice(0, MOST_CALLS)
    .map((span) => comparedCall(span, log, startMs));
}

function comparedCall(span: CallSpan, { texts }: NonNullable<StorySource['log']>, startMs: number): ComparedCall {
  const [opened, closed] = [since(startMs, span.opened_ts), since(startMs, span.closed_ts)];
  const text = texts.ofCall(span);
  return {
    at: opened,
    seconds: opened === undefined || closed === undefined ? undefined : Math.max(0, closed - opened),
    kind: span.tool_kind,
    status: span.status,
    asked: text?.asked,
    answer: text?.answer,
  };
}

function failuresOf({ failures }: KnownSession, log: StorySource['log'], startMs: number): readonly ComparedFailure[] {
  // What stood open when it ended has not failed.
  const failed = (failures?.sources ?? []).filter(({ rule }) => openWords(rule) === undefined);
  return failed.map((source) => {
    const { category, detail, exit_code: exitCode } = source;
    const text = log?.texts.ofFailure(source);
    return {
      category,
      ...(detail !== undefined && { detail }),
      ...(exitCode !== undefined && { exit_code: exitCode }),
      at: since(startMs, source.ts),
      asked: text?.asked,
      answer: text?.answer,
    };
  });
}

function since(startMs: number, ts: unknown): number | undefined {
  const ms = msFromIso(ts);
  return ms === undefined ? undefined : (ms - startMs) / 1000;
}
