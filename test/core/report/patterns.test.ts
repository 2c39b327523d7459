import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceOfSoFew, chanceOfSoMany } from '../../../src/core/words/fisherExact.ts';
import { deathPatterns, type PatternSession } from '../../../src/core/report/patterns.ts';
import { AGENT_KINDS } from '../../../src/core/words/vocabulary.ts';
import { randomFrom } from '../randomFrom.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 2, 1);

function session(hoursAgo: number, isDeath: boolean, other: Partial<PatternSession> = {}): PatternSession {
  const endMs = NOW_MS - hoursAgo * HOUR_MS;
  const date = new Date(endMs);
  return {
    endMs,
    hour: date.getUTCHours(),
    weekday: date.getUTCDay(),
    agent: 'claude',
    cause: isDeath ? 'killed' : 'completed',
    isDeath,
    durationSeconds: 100,
    outputBytes: 1000,
    ...other,
  };
}

/** Sessions at random times of thirty days, dying at the rate that their age in hours gives. */
function series(seed: number, count: number, rateAt: (hoursAgo: number) => number): PatternSession[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const hoursAgo = random() * 720;
    const agent = AGENT_KINDS[Math.floor(random() * AGENT_KINDS.length)] ?? 'other';
    return session(hoursAgo, random() < rateAt(hoursAgo), { agent });
  });
}

test('of a thousand random series with a constant rate fewer than one in a hundred raise an alarm', () => {
  let alarms = 0;
  for (let seed = 0; seed < 1000; seed += 1) {
    const random = randomFrom(seed);
    const rate = random() * 0.6;
    const found = deathPatterns(
      series(1_000_000 + seed, 30 + Math.floor(random() * 470), () => rate),
      NOW_MS,
    );
    const hasLeft = found.rate.state === 'rose' || found.rate.state === 'fell';
    const groups = [...found.by_hour, ...found.by_weekday, ...found.by_agent];
    if (hasLeft || groups.some((group) => group.stands_out)) alarms += 1;
  }
  assert.ok(alarms < 10, `${alarms} of 1000`);
});

test('a real jump of the last day is found, with its numbers, and so is a real fall', () => {
  let jumps = 0;
  for (let seed = 0; seed < 100; seed += 1) {
    const { rate } = deathPatterns(
      series(seed, 450, (hoursAgo) => (hoursAgo < 24 ? 0.7 : 0.05)),
      NOW_MS,
    );
    if (rate.state === 'rose') jumps += 1;
  }
  assert.ok(jumps >= 95, `${jumps} of 100`);
  const fallen = deathPatterns(
    series(1, 500, (hoursAgo) => (hoursAgo < 168 ? 0.02 : 0.6)),
    NOW_MS,
  ).rate;
  assert.ok(fallen.state === 'fell' && fallen.window_hours === 168, JSON.stringify(fallen));
  assert.ok(fallen.window.deaths / fallen.window.sessions < 0.1 && fallen.chance < 1e-6);
});

test('of few sessions nothing is claimed, however they ended', () => {
  const few = Array.from({ length: 24 }, (_, n) => session(n < 5 ? 1 + n : 100 + n, n < 5));
  assert.equal(deathPatterns(few, NOW_MS).rate.state, 'too_few');
  assert.ok(deathPatterns(few, NOW_MS).by_hour.every((group) => !group.stands_out));
  assert.deepEqual(deathPatterns([], NOW_MS).rate, { state: 'too_few', needed_in_window: 5, needed_before: 20 });
});

test('ten sessions that one event took are one piece of evidence, not ten', () => {
  const before = Array.from({ length: 200 }, (_, n) => session(200 + n, n % 50 === 0));
  const healthy = Array.from({ length: 8 }, (_, n) => session(2 + n, false));
  const atOnce = Array.from({ length: 10 }, (_, n) => session(1 - n / 4000, true));
  const apart = Array.from({ length: 10 }, (_, n) => session(1 + n, true));
  assert.equal(deathPatterns([...before, ...healthy, ...atOnce], NOW_MS).rate.state, 'usual');
  assert.equal(deathPatterns([...before, ...healthy, ...apart], NOW_MS).rate.state, 'rose');
  assert.equal(deathPatterns([...before, ...healthy, ...atOnce], NOW_MS).deaths, 14); // the tables count all
});

test('an hour at which sessions die stands out, and the others do not', () => {
  const found = deathPatterns(
    Array.from({ length: 480 }, (_, n) => session(n * 1.25, new Date(NOW_MS - n * 1.25 * HOUR_MS).getUTCHours() === 3)),
    NOW_MS,
  );
  assert.deepEqual(
    found.by_hour.filter((group) => group.stands_out).map(({ key }) => key),
    ['03:00'],
  );
  assert.equal(found.by_hour.length, 24);
});

test('a weekday and an agent whose sessions die stand out, and the others do not', () => {
  const times = Array.from({ length: 480 }, (_, n) => n * 1.25);
  const isTuesday = (hoursAgo: number) => new Date(NOW_MS - hoursAgo * HOUR_MS).getUTCDay() === 2;
  const outstanding = (groups: ReturnType<typeof deathPatterns>['by_agent']) =>
    groups.flatMap(({ key, stands_out: isOutstanding }) => (isOutstanding ? [key] : []));
  const tuesdays = deathPatterns(times.map((hoursAgo) => session(hoursAgo, isTuesday(hoursAgo))), NOW_MS); // prettier-ignore
  assert.deepEqual([outstanding(tuesdays.by_weekday), outstanding(tuesdays.by_agent)], [['Tuesday'], []]);
  assert.deepEqual(tuesdays.by_weekday.map(({ key }) => key.slice(0, 2)).join(' '), 'Su Mo Tu We Th Fr Sa');
  const codex = deathPatterns(times.map((hoursAgo, n) => session(hoursAgo, n % 6 === 0, { agent: n % 6 === 0 ? 'codex' : 'claude' })), NOW_MS); // prettier-ignore
  assert.deepEqual([outstanding(codex.by_agent), outstanding(codex.by_weekday)], [['codex'], []]);
});

test('each age and size begins at its limit', () => {
  const ages = [0, 9.9, 10, 59.9, 60, 599.9, 600, 3599.9, 3600, 14_399.9, 14_400].map((durationSeconds, n) => session(n, true, { durationSeconds, outputBytes: undefined })); // prettier-ignore
  assert.deepEqual(deathPatterns(ages, NOW_MS).by_age.map(({ key, sessions, deaths }) => `${key}: ${deaths}/${sessions}`), ['under 10 s: 2/11', '10 s to 1 min: 2/9', '1 to 10 min: 2/7', '10 min to 1 h: 2/5', '1 to 4 h: 2/3', 'over 4 h: 1/1']); // prettier-ignore
  const sizes = [0, 1, 9999, 10_000, 99_999, 100_000, 999_999, 1e6, 9_999_999, 1e7].map((outputBytes, n) => session(n, true, { outputBytes })); // prettier-ignore
  assert.deepEqual(deathPatterns(sizes, NOW_MS).by_output_size.map(({ key, sessions }) => `${key}: ${sessions}`), ['nothing: 1', 'under 10 KB: 2', '10 to 100 KB: 2', '100 KB to 1 MB: 2', '1 to 10 MB: 2', 'over 10 MB: 1']); // prettier-ignore
});

test('deaths by age are of those that reached the age, by size of those of the size, by cause the most first', () => {
  const found = deathPatterns(
    [
      session(1, true, { durationSeconds: 5, outputBytes: 0, cause: 'oom_kill' }),
      session(2, true, { durationSeconds: 700, outputBytes: 50_000, cause: 'oom_kill' }),
      session(3, true, { durationSeconds: 30, outputBytes: undefined, cause: 'terminal_lost' }),
      session(4, false, { durationSeconds: 20_000, outputBytes: 60_000 }),
      session(5, false, { durationSeconds: undefined }),
    ],
    NOW_MS,
  );
  const told = (groups: readonly { key: string; sessions: number; deaths: number }[]) =>
    groups.map(({ key, sessions, deaths }) => [key, sessions, deaths]);
  assert.deepEqual(told(found.by_age).slice(0, 4), [
    ['under 10 s', 4, 1],
    ['10 s to 1 min', 3, 1],
    ['1 to 10 min', 2, 0],
    ['10 min to 1 h', 2, 1],
  ]);
  assert.deepEqual(told(found.by_output_size), [
    ['nothing', 1, 1],
    ['under 10 KB', 1, 0],
    ['10 to 100 KB', 2, 1],
  ]);
  assert.deepEqual(found.by_cause, [
    { key: 'oom_kill', deaths: 2 },
    { key: 'terminal_lost', deaths: 1 },
  ]);
});

test("Fisher's test gives the known chance of the lady tasting tea, and of large groups", () => {
  // Fisher 1935: eight cups, all four right: 1 in 70.
  const right = { deaths: 4, sessions: 4 };
  assert.ok(Math.abs(chanceOfSoMany(right, { deaths: 0, sessions: 4 }) - 1 / 70) < 1e-12);
  assert.ok(Math.abs(chanceOfSoMany({ deaths: 3, sessions: 4 }, { deaths: 1, sessions: 4 }) - 17 / 70) < 1e-12);
  // Tails of one distribution that share one value.
  const [group, others] = [
    { deaths: 12, sessions: 400 },
    { deaths: 30, sessions: 900 },
  ];
  const more = chanceOfSoMany({ ...group, deaths: 13 }, { ...others, deaths: 29 });
  assert.ok(Math.abs(more + chanceOfSoFew(group, others) - 1) < 1e-9);
});
