import type { QuestionName } from '../../src/fleet/questionNames.ts';
import { CHANGE_MS, FIRST_MS, type Spec } from './syntheticFleet.ts';

/** The answers, counted from the specifications by other means than SQL. Of long ones, the rows that matter. */
export interface Expected {
  readonly sinceMs: number;
  readonly rows: readonly (readonly unknown[])[];
  /** Only these columns are compared; all where it is absent. */
  readonly columns?: readonly string[];
}

const isDead = ({ outcome }: Spec): boolean => outcome === 'died' || outcome === 'lost';
const isBad = (spec: Spec): boolean => isDead(spec) || spec.outcome === 'failed';
const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
const count = <Item>(items: readonly Item[], is: (item: Item) => boolean): number => items.filter(is).length;

/** https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval, Wilson's. */
function wilson(k: number, n: number): readonly [number, number, number] {
  const [z, p] = [1.96, k / n];
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return [round(p, 4), round(centre - half, 4), round(centre + half, 4)];
}

function groups(specs: readonly Spec[], keyOf: (spec: Spec) => readonly string[]): Map<string, readonly Spec[]> {
  const found = new Map<string, Spec[]>();
  for (const spec of specs) {
    const key = JSON.stringify(keyOf(spec));
    const held = found.get(key) ?? [];
    found.set(key, held);
    held.push(spec);
  }
  return found;
}

/** By PERCENTILE.INC. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const [low = 0, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

function rates(specs: readonly Spec[], keyOf: (spec: Spec) => readonly string[]): Expected {
  const rows = [...groups(specs, keyOf)].map(([key, held]) => {
    const deaths = count(held, isDead);
    return [...(JSON.parse(key) as string[]), held.length, deaths, count(held, isBad), ...wilson(deaths, held.length)];
  });
  return { sinceMs: FIRST_MS, rows };
}

function deathRate(specs: readonly Spec[]): Expected {
  const dayOf = ({ startMs }: Spec): string => new Date(startMs).toISOString().slice(0, 10);
  const days = groups(specs, (spec) => [dayOf(spec)]);
  const rows = [...groups(specs.filter(isDead), (spec) => [dayOf(spec), spec.cause])].map(([key, held]) => {
    const [day = '', cause] = JSON.parse(key) as string[];
    const sessions = days.get(JSON.stringify([day]))?.length ?? 0;
    return [day, cause, held.length, sessions, ...wilson(held.length, sessions)];
  });
  return { sinceMs: FIRST_MS, rows };
}

function changedSince(specs: readonly Spec[]): Expected {
  const newest = Math.max(...specs.map(({ startMs }) => startMs));
  const inBoth = specs.filter(({ startMs }) => startMs >= 2 * CHANGE_MS - newest);
  const [before, since] = [false, true].map((isNew) => inBoth.filter(({ startMs }) => startMs >= CHANGE_MS === isNew));
  const [n = 0, m = 0] = [before?.length, since?.length];
  const rows = [...groups(inBoth.filter(isBad), ({ cause }) => [cause])].map(([key]) => {
    const [cause = ''] = JSON.parse(key) as string[];
    const [k, l] = [before, since].map((some) => count(some ?? [], (spec) => isBad(spec) && spec.cause === cause));
    const both = ((k ?? 0) + (l ?? 0)) / (n + m);
    const error = Math.sqrt(both * (1 - both) * (1 / n + 1 / m));
    return [cause, k, n, l, m, round(((l ?? 0) / m - (k ?? 0) / n) / error, 1)];
  });
  const columns = ['cause', 'bad_before', 'sessions_before', 'bad_since', 'sessions_since', 'surprise'];
  return { sinceMs: CHANGE_MS, rows, columns };
}

function memory(specs: readonly Spec[]): Expected {
  const rows = [...groups(specs, ({ repository, job, label }) => [repository, job, label])].map(([key, held]) => {
    // A report rounds to four digits.
    const bytes = held.map(({ peakKb }) => Number(peakKb.toPrecision(4)) * 1024);
    const limit = Math.ceil((quantile(bytes, 0.99) * 1.2) / 2 ** 28) * 2 ** 28;
    const oom = count(held, ({ cause }) => cause === 'oom_kill');
    return [
      ...(JSON.parse(key) as string[]),
      held.length,
      oom,
      Math.round(quantile(bytes, 0.5)),
      Math.max(...bytes),
      limit,
    ];
  });
  const columns = [
    'repository',
    'job',
    'label',
    'sessions',
    'oom_kills',
    'p50_bytes',
    'most_bytes',
    'suggested_limit_bytes',
  ];
  return { sinceMs: FIRST_MS, rows, columns };
}

function environmentShare(specs: readonly Spec[]): Expected {
  const rows = [...groups(specs, ({ label }) => [label])].map(([key, held]) => {
    const bad = count(held, isBad);
    const by = count(held, (spec) => isBad(spec) && (spec.layer === 'environment' || spec.suspect === 'environment'));
    const passed = count(held, (spec) => !isBad(spec) && spec.suspect === 'environment');
    return [...(JSON.parse(key) as string[]), held.length, bad, by, passed, round(by / bad, 4)];
  });
  return { sinceMs: FIRST_MS, rows: rows.filter(([, , bad]) => Number(bad) > 0) };
}

function flaky(specs: readonly Spec[]): Expected {
  const keyOf = ({ repository, revision, job, label }: Spec) => [repository, revision, job, label];
  const rows = [...groups(specs, keyOf)].flatMap(([key, held]) => {
    const [well, bad] = [count(held, ({ outcome }) => outcome === 'succeeded'), count(held, isBad)];
    return well > 0 && bad > 0 ? [[...(JSON.parse(key) as string[]), held.length, well, bad]] : [];
  });
  const columns = ['repository', 'revision', 'job', 'label', 'sessions', 'succeeded', 'bad_ends'];
  return { sinceMs: FIRST_MS, rows, columns };
}

function together(specs: readonly Spec[]): Expected {
  const deaths = specs
    .filter(isDead)
    .map(({ startMs, seconds, machine }) => ({ atMs: startMs + seconds * 1000, machine }))
    .sort((a, b) => a.atMs - b.atMs);
  const incidents: (typeof deaths)[] = [];
  for (const death of deaths) {
    const last = incidents.at(-1);
    if (last !== undefined && death.atMs - (last.at(-1)?.atMs ?? 0) <= 60_000) last.push(death);
    else incidents.push([death]);
  }
  const rows = incidents
    .map((held) => [(held[0]?.atMs ?? 0) / 1000, held.length, new Set(held.map(({ machine }) => machine)).size])
    .filter(([, , machines]) => Number(machines) > 1);
  return { sinceMs: FIRST_MS, rows, columns: ['first_s', 'deaths', 'machines'] };
}

function slowestCalls(specs: readonly Spec[]): Expected {
  const rows = specs
    .flatMap(({ agent, calls }) =>
      calls.map(({ tool_kind: tool, status, startMs, endMs }) => [
        agent,
        tool,
        status,
        round(((endMs ?? 0) - startMs) / 1000, 3),
      ]),
    )
    .sort((a, b) => Number(b[3]) - Number(a[3]))
    .slice(0, 20)
    .map(([, , , seconds]) => [seconds]);
  return { sinceMs: FIRST_MS, rows, columns: ['seconds'] };
}

function leaks(specs: readonly Spec[]): Expected {
  const long = specs.filter(({ seconds }) => seconds >= 300);
  const rows = [...groups(long, ({ agent, version }) => [agent, version])].map(([key, held]) => [
    ...(JSON.parse(key) as string[]),
    held.length,
    count(held, ({ slopeKbPerMinute }) => slopeKbPerMinute * 1024 >= 5 * 2 ** 20),
  ]);
  return { sinceMs: FIRST_MS, rows, columns: ['agent', 'agent_version', 'sessions', 'leaking'] };
}

function retryCost(specs: readonly Spec[]): Expected {
  const retries = specs.flatMap(({ calls: [first, second] }) =>
    first !== undefined && second !== undefined && first.status === 'failed' ? [[first, second] as const] : [],
  );
  const rows = ['shell', 'web'].flatMap((tool) => {
    const held = retries.filter(([first]) => first.tool_kind === tool);
    const seconds = held.flat().reduce((sum, { startMs, endMs }) => sum + Math.round((endMs ?? 0) - startMs) / 1000, 0);
    const well = count(held, ([, second]) => second.status === 'ok');
    return held.length === 0 ? [] : [[tool, 'network', held.length, well, round(seconds, 0)]];
  });
  return { sinceMs: FIRST_MS, rows, columns: ['tool', 'failure_before', 'retries', 'went_well', 'seconds'] };
}

export const EXPECTED: Readonly<Record<QuestionName, (specs: readonly Spec[]) => Expected>> = {
  'death-rate': deathRate,
  'changed-since': changedSince,
  'by-agent-version': (specs) => rates(specs, ({ agent, version }) => [agent, version]),
  'by-runner': (specs) => rates(specs, ({ runner }) => [runner]),
  'by-repository': (specs) => rates(specs, ({ repository, job }) => [repository, job]),
  'by-label': (specs) => rates(specs, ({ label }) => [label]),
  memory,
  'environment-share': environmentShare,
  flaky,
  together,
  'slowest-calls': slowestCalls,
  leaks,
  'retry-cost': retryCost,
};
