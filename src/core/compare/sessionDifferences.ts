import { FAILURE_CATEGORIES } from '../words/vocabulary.ts';
import type { ResourceLimits } from '../session/session.ts';
import { callDifferences } from './comparedCalls.ts';
import { likeness, type ComparedFailure, type ComparedSession } from './comparedSession.ts';
import { processDifferences } from './comparedProcesses.ts';
import { DIFFERENCE_NAMES, type Difference, type DifferenceName, type DifferenceValue } from './differenceNames.ts';

/** What differs between two sessions, the likeliest reason first; none where nothing that matters does. */
export function sessionDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  const failures = failureDifferences(a, b);
  const asked = new Set(failures.map(({ subject }) => subject));
  // A call that failed is told by its failure, which says why.
  const calls = callDifferences(a, b).filter(({ what, subject }) => what !== 'call_status' || !asked.has(subject));
  const all = [
    ...plainDifferences(a, b),
    ...failures,
    ...calls,
    ...processDifferences(a, b).toSorted((one, other) => startOf(b, a, other) - startOf(b, a, one)),
    ...leftoverDifferences(a, b),
    ...countDifferences(a, b).filter(({ what }) => !failures.some((failure) => categoryOf(failure) === what)),
  ];
  return all.toSorted((one, other) => rankOf(one.what) - rankOf(other.what));
}

/** `missing_dependency.program` is of `missing_dependency`. */
function categoryOf({ a, b }: Difference): string | undefined {
  return String(a ?? b).split('.')[0];
}

function rankOf(what: DifferenceName): number {
  return DIFFERENCE_NAMES.indexOf(what);
}

/** Whoever waits for another began before it: the one that began last is the one that took its time. */
function startOf(a: ComparedSession, b: ComparedSession, { subject }: Difference): number {
  return [...a.processes, ...b.processes].find(({ command }) => command === subject)?.at ?? 0;
}

type Reader = (session: ComparedSession) => DifferenceValue | undefined;

/** A limit that is not named was none, where somebody looked. */
function limitReader(name: keyof ResourceLimits): Reader {
  return ({ limits }) => (limits === undefined ? undefined : (limits[name] ?? null));
}

/** Facts of a session as a whole. What one of the two does not tell is no difference, but for a limit. */
const READERS: Readonly<Partial<Record<DifferenceName, Reader>>> = {
  memory_limit_kb: ({ memoryLimitKb }) => memoryLimitKb,
  address_space_kb: limitReader('address_space_kb'),
  data_kb: limitReader('data_kb'),
  stack_kb: limitReader('stack_kb'),
  file_size_kb: limitReader('file_size_kb'),
  cpu_seconds: limitReader('cpu_seconds'),
  open_files: limitReader('open_files'),
  processes: limitReader('processes'),
  own_limits: ({ ownLimits }) => ownLimits,
  timeout_seconds: ({ timeoutSeconds }) => timeoutSeconds,
  cores: ({ cores }) => cores ?? undefined,
  agent: ({ agent }) => agent,
  agent_version: ({ environment }) => environment.agent_version ?? undefined,
  os: ({ environment }) => environment.os,
  kernel: ({ environment }) => environment.kernel,
  arch: ({ environment }) => environment.arch,
  container: ({ environment }) => environment.container ?? undefined,
  machine_memory_kb: ({ environment }) => environment.memory_kb,
  node: ({ environment }) => environment.node,
  folder: ({ folder }) => folder,
  command: ({ command, folder }) => likeness(command, folder),
  outcome: ({ verdict }) => verdict.outcome,
  cause: ({ verdict }) => verdict.cause,
  layer: ({ verdict }) => verdict.layer,
  detail: ({ verdict }) => verdict.detail ?? null,
  exit_code: ({ exitCode }) => exitCode,
  signal: ({ signal }) => signal,
  duration_seconds: ({ durationSeconds }) => durationSeconds ?? undefined,
  peak_rss_kb: ({ peaks }) => peaks.rssKb ?? undefined,
  peak_tree_rss_kb: ({ peaks }) => peaks.treeRssKb ?? undefined,
  peak_fd_ratio: ({ peaks }) => peaks.fdRatio ?? undefined,
  // Of a short session, whether its busy instant was seen is chance.
  peak_cpu_percent: ({ peaks, samples }) => (samples < 10 ? undefined : (peaks.cpuPercent ?? undefined)),
  most_processes: ({ peaks }) => (peaks.processes === 0 ? undefined : peaks.processes),
  product: ({ environment }) => environment.product ?? undefined,
};

/** Two runs of one thing are never of one size: how much more, and how much at least, is a difference. */
const NOTABLE: Readonly<Partial<Record<DifferenceName, { readonly least: number; readonly ratio: number }>>> = {
  // The kernel's own share of a machine's memory differs with its version.
  machine_memory_kb: { least: 64 * 1024, ratio: 1.02 },
  duration_seconds: { least: 3, ratio: 2 },
  peak_rss_kb: { least: 16 * 1024, ratio: 1.25 },
  peak_tree_rss_kb: { least: 16 * 1024, ratio: 1.25 },
  peak_fd_ratio: { least: 0.05, ratio: 1.25 },
  peak_cpu_percent: { least: 50, ratio: 2 },
  most_processes: { least: 3, ratio: 1.5 },
};

function plainDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  const names = Object.keys(READERS) as (keyof typeof READERS)[]; // the record's own keys
  return names.flatMap((what): Difference[] => {
    const [one, other] = [READERS[what]?.(a), READERS[what]?.(b)];
    if (one === undefined || other === undefined || !isNotable(what, one, other)) return [];
    return what === 'command' ? [{ what, a: a.command, b: b.command }] : [{ what, a: one, b: other }];
  });
}

function isNotable(what: DifferenceName, a: DifferenceValue, b: DifferenceValue): boolean {
  if (a === b) return false;
  const notable = NOTABLE[what];
  if (notable === undefined || typeof a !== 'number' || typeof b !== 'number') return true;
  return Math.abs(a - b) >= notable.least && Math.max(a, b) >= notable.ratio * Math.min(a, b);
}

function failureKey({ category, detail, asked, answer }: ComparedFailure, folder: string): string {
  return `${category} ${detail} ${likeness(asked ?? answer ?? '', folder)}`;
}

function failureDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  const [ofA, ofB] = [a, b].map(
    (session) => new Map(session.failures.map((failure) => [failureKey(failure, session.folder), failure])),
  );
  const only = (
    own: ReadonlyMap<string, ComparedFailure> | undefined,
    others: ReadonlyMap<string, ComparedFailure> | undefined,
  ): readonly ComparedFailure[] =>
    [...(own ?? [])].flatMap(([key, failure]) => (others?.has(key) === true ? [] : [failure]));
  const difference = (failure: ComparedFailure, isInA: boolean): Difference => {
    const { category, detail } = failure;
    const subject = failure.asked ?? failure.answer;
    const kind = detail === undefined ? category : `${category}.${detail}`;
    return {
      what: 'failure',
      ...(subject !== undefined && { subject }),
      a: isInA ? kind : null,
      b: isInA ? null : kind,
    };
  };
  const all = [
    ...only(ofA, ofB).map((failure) => ({ failure, told: difference(failure, true) })),
    ...only(ofB, ofA).map((failure) => ({ failure, told: difference(failure, false) })),
  ];
  // What failed first is likelier to have made the others fail.
  return all.toSorted((one, other) => (one.failure.at ?? 0) - (other.failure.at ?? 0)).map(({ told }) => told);
}

function leftoverDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  const names = [...new Set([...a.leftovers, ...b.leftovers])];
  const count = ({ leftovers }: ComparedSession, name: string): number =>
    leftovers.filter((one) => one === name).length;
  return names.flatMap((subject): Difference[] => {
    const [one, other] = [count(a, subject), count(b, subject)];
    return one === other ? [] : [{ what: 'leftovers', subject, a: one, b: other }];
  });
}

function countDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  return FAILURE_CATEGORIES.flatMap((what): Difference[] => {
    const [one, other] = [a.failureCounts[what] ?? 0, b.failureCounts[what] ?? 0];
    return one === other ? [] : [{ what, a: one, b: other }];
  });
}
