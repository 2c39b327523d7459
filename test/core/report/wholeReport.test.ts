import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEFT_OUT, type Report, type SessionReport } from '../../../src/core/report/report.ts';
import { buildReport, type ReportInput, type ReportedSession } from '../../../src/core/report/reportBuild.ts';
import { reportMarkdown } from '../../../src/core/report/reportMarkdown.ts';
import { provenReport } from '../../../src/core/report/reportProof.ts';
import { SeriesTally } from '../../../src/core/report/seriesTally.ts';
import { skillEvolveLogs } from '../../../src/core/report/skillEvolve.ts';
import { isRecord } from '../../../src/core/words/json.ts';
import { reportedSession, reportInput } from './reportFixtures.ts';

function built(input: ReportInput = reportInput()): Report {
  const proven = buildReport(input);
  return proven.ok ? proven.report : assert.fail(proven.message);
}

/** A session of which its folder says nothing. */
function bareSession(changes: Partial<ReportedSession> = {}): ReportedSession {
  return {
    handle: 'src:0123456789ab:L1',
    handleOfFailure: (line) => `src:0123456789ab:L${line}`,
    summary: undefined,
    verdict: { outcome: 'lost', cause: 'vanished', layer: 'lifecycle', confidence: 'possible', evidence: [] },
    episodes: [],
    failures: undefined,
    series: new SeriesTally(),
    badLines: 0,
    ...changes,
  };
}

function bareInput(changes: Partial<ReportedSession> = {}): ReportInput {
  return { createdMs: 1_767_225_900_000, environment: {}, sessions: [bareSession(changes)] };
}

const ALWAYS_LEFT_OUT = ['texts', 'paths', 'names', 'commands', 'output', 'environment_values'];

test('what a log root tells of a session is in its report, field by field', () => {
  const { sessions, ...report } = built();
  assert.deepEqual(report, {
    report_version: 1,
    created_at: '2026-01-01T00:05:00.000+00:00',
    environment: {
      product_version: '0.1.0',
      editor_version: '1.101.0',
      os: 'linux',
      kernel_version: '6.8.0',
      arch: 'x64',
      cores: 8,
      memory_kb: 16_000_000,
      container: true,
    },
    left_out: [...ALWAYS_LEFT_OUT, 'unreadable_lines'],
  });
  const [session] = sessions;
  assert.ok(session);
  const none = { value: null, limit: null, relation: null };
  const { timeline, ...told } = session;
  assert.deepEqual(told, {
    handle: 'src:0123456789ab:L1',
    agent: 'claude',
    agent_version: '2.1.5',
    started_at: '2026-01-01T00:00:00.000+00:00',
    duration_seconds: 200,
    exit_code: -9,
    verdict: {
      outcome: 'died',
      cause: 'oom_kill',
      layer: 'environment',
      confidence: 'certain',
      detail: null,
      evidence: [
        { ...none, kind: 'exit_status', name: 'SIGKILL', value: -9 },
        { ...none, kind: 'kernel_log', name: 'agent' },
        { ...none, kind: 'killer_process', name: 'earlyoom' },
        { ...none, kind: 'launch_error', name: 'ENOENT' },
      ],
    },
    episodes: [
      { kind: 'rss_growth', severity: 'critical', from_seconds: 15, to_seconds: 25, count: 3 },
      { kind: 'other', severity: 'warning', from_seconds: 100, to_seconds: 100, count: 1 },
    ],
    failures: {
      format: 'claude_transcript',
      total_lines: 900,
      malformed_lines: 2,
      counts: { command_exit: 1, network: 3 },
      unclosed_turns: 1,
      unclosed_calls: 1,
      suspect: { layer: 'environment', confidence: 'likely', because: ['network'] },
      sources: [
        { category: 'network', detail: null, rule: 'dns', confidence: 'certain', handle: 'src:0123456789ab:L42', tool_kind: 'shell', exit_code: null },
        { category: 'command_exit', detail: null, rule: 'other', confidence: 'likely', handle: 'src:0123456789ab:L43', tool_kind: null, exit_code: 2 },
      ],
    },
    tree: { most_processes: 4, kinds: { agent: 1, node: 1, git: 1, other: 1 }, leftovers: { package_manager: 1 } },
  }); // prettier-ignore
  const { points, ...peaks } = timeline;
  assert.deepEqual(peaks, {
    samples: 40,
    interval_seconds: 5,
    peak_rss_kb: 880_000,
    peak_tree_rss_kb: 1_320_000,
    peak_fd_ratio: 0.07715,
    peak_oom_score: 739,
    peak_cpu_percent: 33.3,
    rss_slope_kb_per_minute: 240_000,
  });
  assert.deepEqual(
    [points.length, points[0], points.at(-1)],
    [
      12,
      { at_seconds: 0, rss_kb: 100_000, tree_rss_kb: 150_000, cpu_percent: 33, fds: 40 },
      { at_seconds: 195, rss_kb: 880_000, tree_rss_kb: 1_320_000, cpu_percent: 33, fds: 79 },
    ],
  );
});

test('a report of a session of which nothing is known says so in each field', () => {
  const report = built(bareInput());
  assert.deepEqual(report, {
    report_version: 1,
    created_at: '2026-01-01T00:05:00.000+00:00',
    environment: {
      product_version: null,
      editor_version: null,
      os: 'other',
      kernel_version: null,
      arch: 'other',
      cores: null,
      memory_kb: null,
      container: null,
    },
    sessions: [
      {
        handle: 'src:0123456789ab:L1',
        agent: 'other',
        agent_version: null,
        started_at: null,
        duration_seconds: null,
        exit_code: null,
        verdict: { outcome: 'lost', cause: 'vanished', layer: 'lifecycle', confidence: 'possible', detail: null, evidence: [] },
        episodes: [],
        failures: null,
        timeline: {
          samples: 0,
          interval_seconds: null,
          peak_rss_kb: null,
          peak_tree_rss_kb: null,
          peak_fd_ratio: null,
          peak_oom_score: null,
          peak_cpu_percent: null,
          rss_slope_kb_per_minute: null,
          points: [],
        },
        tree: { most_processes: 0, kinds: {}, leftovers: {} },
      },
    ],
    left_out: ALWAYS_LEFT_OUT,
  }); // prettier-ignore
});

const HEAD = `## Session Diagnostics report

Made 2026-01-01 00:05 UTC from process measurements and failure counts. It holds no text of the session: no paths, commands or output, and no names but those of well-known programs.

### What happened
`;
const LEFT_OUT_PRIVATE =
  'Every text of the transcript (private), paths (private), names of people, machines and projects (private), commands (private), output (private), values of the environment (private)';
const HANDLES =
  "Handles (`src:…`) lead back to lines on the reporter's machine only: `session-diagnostics locate HANDLE`.";

test('a report as a person reads it', () => {
  const markdown = reportMarkdown(built(), {
    note: 'It runs out of memory.',
    excerpts: [{ handle: 'src:0123456789ab:L42', text: 'curl: (6) ...' }],
  });
  const [before = '', rest = ''] = markdown.split('| 20 s |');
  const after = rest.slice(rest.indexOf('| 3 min 15 s'));
  assert.equal(
    before,
    `${HEAD}
**Killed by the kernel's OOM killer (certain): the kernel log names a process (agent) as killed for memory, earlyoom was running at that moment and may have ended it and the system refused to start the command with ENOENT.**

Environment suspect (likely): 3 of 4 failures are network failures. The model was not at fault.

- Session: \`src:0123456789ab:L1\`
- Agent: claude 2.1.5
- Outcome: died, cause \`oom_kill\`, layer environment
- Exit code: -9
- Time to the end: 3 min 20 s
- Peak memory: 859 MiB, whole tree 1.3 GiB
- Memory slope: +234 MiB a minute
- Descriptors: 8% of the limit at most
- Peak OOM score: 739
- Processes: 4 at most: 1 agent, 1 node, 1 git, 1 other
- Left behind: 1 package_manager
- Evidence: \`exit_status\`, \`kernel_log\`, \`killer_process\`, \`launch_error\`

#### Anomalies

| Kind | Severity | From | To | Samples |
|---|---|---:|---:|---:|
| rss_growth | critical | 15 s | 25 s | 3 |
| other | warning | 1 min 40 s | 1 min 40 s | 1 |

#### Failures in the transcript

1 command_exit, 3 network; 1 turn and 1 call never ended (900 lines of claude_transcript).

| Category | Rule | Confidence | Tool | Exit code | Handle |
|---|---|---|---|---:|---|
| network | dns | certain | shell |  | \`src:0123456789ab:L42\` |
| command_exit | other | likely |  | 2 | \`src:0123456789ab:L43\` |

<details><summary>Course (12 of 40 samples)</summary>

| At | RSS | Tree RSS | CPU % | Descriptors |
|---:|---:|---:|---:|---:|
| 0.0 s | 98 MiB | 146 MiB | 33 | 40 |
`,
  );
  assert.equal(
    after,
    `| 3 min 15 s | 859 MiB | 1.3 GiB | 33 | 79 |

</details>

### Environment

- System: linux 6.8.0 x64
- Machine: 8 cores, 15.3 GiB
- Container: yes
- Session Diagnostics: 0.1.0
- Editor: 1.101.0

### Left out

${LEFT_OUT_PRIVATE}, lines that could not be read (damaged). ${HANDLES}

### The reporter's note (redacted)

\`\`\`text
It runs out of memory.
\`\`\`

### First lines of errors (redacted, added on request)

\`src:0123456789ab:L42\`

\`\`\`text
curl: (6) ...
\`\`\`
`,
  );
});

test('a report as a person reads it when nothing is known', () => {
  assert.equal(
    reportMarkdown(built(bareInput()), { note: ' \n' }),
    `${HEAD}
**Ended while it was attached, so its exit code is not known (possible).**

- Session: \`src:0123456789ab:L1\`
- Agent: other
- Outcome: lost, cause \`vanished\`, layer lifecycle

### Environment

- System: other other

### Left out

${LEFT_OUT_PRIVATE}. ${HANDLES}
`,
  );
});

/** Lines of a report of a session that differs from the full one in one thing. */
function lineAbout(word: string, changes: Partial<SessionReport>): string | undefined {
  const report = built();
  const [session] = report.sessions;
  assert.ok(session);
  const markdown = reportMarkdown({ ...report, sessions: [{ ...session, ...changes }] });
  return markdown.split('\n').find((line) => line.includes(word));
}

test('each fact that a report may or may not have stands on a line of its own, or nowhere', () => {
  const { timeline, tree, failures, episodes } = built().sessions[0] ?? assert.fail();
  assert.ok(failures);
  const first = { ...(episodes[0] ?? assert.fail()), from_seconds: null, to_seconds: -3 };
  const [point] = timeline.points;
  assert.ok(point);
  const cases: readonly (readonly [string, Partial<SessionReport>, string | undefined])[] = [
    ['Exit code:', { exit_code: 0 }, '- Exit code: 0'],
    ['Exit code:', { exit_code: null }, undefined],
    ['Time to the end', { duration_seconds: null }, undefined],
    ['Peak memory', { timeline: { ...timeline, peak_rss_kb: 0 } }, undefined],
    ['Peak memory', { timeline: { ...timeline, peak_tree_rss_kb: null } }, '- Peak memory: 859 MiB'],
    ['Memory slope', { timeline: { ...timeline, rss_slope_kb_per_minute: -2048 } }, '- Memory slope: -2.0 MiB a minute'],
    ['Memory slope', { timeline: { ...timeline, rss_slope_kb_per_minute: 0 } }, '- Memory slope: +0 KiB a minute'],
    ['Memory slope', { timeline: { ...timeline, rss_slope_kb_per_minute: null } }, undefined],
    ['Descriptors:', { timeline: { ...timeline, peak_fd_ratio: 0 } }, undefined],
    ['Peak OOM score', { timeline: { ...timeline, peak_oom_score: 0 } }, undefined],
    ['Processes:', { tree: { ...tree, most_processes: 0 } }, undefined],
    ['Processes:', { tree: { ...tree, kinds: { git: 1, node: 3 } } }, '- Processes: 4 at most: 3 node, 1 git'],
    ['Left behind', { tree: { ...tree, leftovers: {} } }, undefined],
    ['| rss_growth', { episodes: [first] }, '| rss_growth | critical |  | 0.0 s | 3 |'],
    ['#### Anomalies', { episodes: [] }, undefined],
    ['never ended', { failures: { ...failures, counts: {}, unclosed_turns: 2, unclosed_calls: 0 } }, 'None; 2 turns and 0 calls never ended (900 lines of claude_transcript).'],
    ['| Category', { failures: { ...failures, sources: [] } }, undefined],
    ['suspect (', { failures: { ...failures, suspect: { ...failures.suspect, because: [] } } }, undefined],
    ['suspect (', { failures: { ...failures, counts: { network: 1, model: 1 } } }, 'Environment suspect (likely): 1 of 2 failures is of the kind network.'],
    ['suspect (', { failures: { ...failures, counts: { network: 2, timeout: 2 }, suspect: { layer: 'unknown', confidence: 'possible', because: ['network', 'timeout'] } } }, 'Unknown suspect (possible): 4 of 4 failures are network or timeout failures.'],
    ['Course', { timeline: { ...timeline, points: [] } }, undefined],
    ['| 0.0 s |', { timeline: { ...timeline, points: [{ at_seconds: -1, rss_kb: null, tree_rss_kb: null, cpu_percent: null, fds: 0 }] } }, '| 0.0 s |  |  |  | 0 |'],
  ]; // prettier-ignore
  for (const [word, changes, expected] of cases)
    assert.equal(lineAbout(word, changes), expected, `${word} ${JSON.stringify(changes)}`);
});

test('what was left out of a report is said, from the first anomaly and failure that is too many', () => {
  const failures = reportedSession().failures ?? assert.fail();
  const [source] = failures.sources;
  const [episode] = reportedSession().episodes;
  assert.ok(source && episode);
  const without = { ...failures, malformed_lines: 0 };
  const leftOut = (changes: Partial<ReportedSession>) =>
    built(bareInput(changes)).left_out.slice(ALWAYS_LEFT_OUT.length);
  const sources = (count: number) => ({
    ...without,
    sources: Array.from({ length: count }, (_, n) => ({ ...source, line: n + 1 })),
  });
  const episodes = (count: number) => Array.from({ length: count }, (_, n) => ({ ...episode, count: n + 1 }));
  assert.deepEqual(leftOut({ failures: sources(40), episodes: episodes(40) }), []);
  assert.deepEqual(leftOut({ failures: sources(41), episodes: episodes(41) }), ['older_episodes', 'older_failures']);
  assert.deepEqual(leftOut({ badLines: 1 }), ['unreadable_lines']);
  assert.deepEqual(leftOut({ failures: { ...without, malformed_lines: 1 } }), ['unreadable_lines']);
  const [session] = built(bareInput({ failures: sources(42), episodes: episodes(42) })).sessions;
  assert.deepEqual([session?.episodes.length, session?.episodes[0]?.count], [40, 3]);
  assert.deepEqual(
    [session?.failures?.sources.length, session?.failures?.sources[0]?.handle],
    [40, 'src:0123456789ab:L3'],
  );
  const markdown = reportMarkdown({ ...built(), left_out: LEFT_OUT });
  assert.match(markdown, /damaged\), older anomalies \(too many\), older failures \(too many\)\. Handles/);
});

test('a start is told from the year 2020 until a day after the report was made', () => {
  const startOf = (start: unknown) => built(bareInput({ summary: { start_ts: start } })).sessions[0]?.started_at;
  for (const [told, expected] of [
    ['2019-12-31T23:59:59.999Z', null],
    ['2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000+00:00'],
    ['2026-01-02T00:05:00.000Z', '2026-01-02T00:05:00.000+00:00'],
    ['2026-01-02T00:05:00.001Z', null],
    ['yesterday', null],
    [7, null],
  ] as const)
    assert.equal(startOf(told), expected, String(told));
});

type Path = readonly (string | number)[];

/** Each place of a report that holds a value, and each that holds others. */
function placesIn(value: unknown, path: Path = []): readonly (readonly [path: Path, value: unknown])[] {
  const inner = Array.isArray(value) ? [...value.entries()] : isRecord(value) ? Object.entries(value) : [];
  return [[path, value], ...inner.flatMap(([key, item]) => placesIn(item as unknown, [...path, key]))];
}

function withValue(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item: unknown, at) => (at === key ? withValue(item, rest, value) : item));
  const record = isRecord(whole) ? whole : assert.fail();
  const changed = Object.entries(record).map(([name, item]) => [
    name,
    name === key ? withValue(item, rest, value) : item,
  ]);
  return Object.fromEntries(changed.filter(([, item]) => item !== undefined));
}

/** As a refusal names it. */
function nameOf(path: Path): string {
  return `report${path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')}`;
}

/** What a report may say nothing of. Everything else is there. */
const MAY_BE_NULL =
  /\.(?:product_version|editor_version|kernel_version|cores|memory_kb|container|agent_version|started_at|duration_seconds|exit_code|detail|name|value|limit|relation|from_seconds|to_seconds|failures|tool_kind|interval_seconds|peak_\w+|rss_slope_kb_per_minute|rss_kb|tree_rss_kb|cpu_percent|fds)$/;

test('wherever in a report something else stands than what belongs there, it is refused with the name of the place', () => {
  const report = built();
  const whole = built(
    bareInput({ ...reportedSession(), verdict: { ...reportedSession().verdict, detail: 'v8_heap' } }),
  );
  assert.equal(provenReport(whole).ok, true);
  const refusal = (path: Path, value: unknown): string | undefined => {
    const proven = provenReport(withValue(report, path, value) as Report);
    return proven.ok ? undefined : proven.place;
  };
  for (const [path, value] of placesIn(report)) {
    const place = nameOf(path);
    // Counts are told by their words, which may be none.
    const isCount = /\.(?:counts|kinds|leftovers)\.\w+$/.test(place);
    const refused = isCount ? place.replace(/\.\w+$/, '') : place;
    assert.equal(refusal(path, 'zqcanary'), refused, place);
    assert.equal(refusal(path, 1e15), refused, place);
    assert.equal(refusal(path, { zqcanary: 1 })?.startsWith(refused), true, place);
    if (isRecord(value)) assert.equal(refusal(path, []), refused, place);
    if (path.length > 0) assert.equal(refusal(path, null), MAY_BE_NULL.test(place) ? undefined : refused, place);
    const isOptional = isCount || typeof path.at(-1) === 'number';
    if (path.length > 0 && !isOptional) assert.equal(refusal(path, undefined), refused, place);
  }
});

test('the log for SkillEvolve, of a death and of a success', () => {
  const report = built();
  const [session] = report.sessions;
  assert.ok(session?.failures);
  const [log] = skillEvolveLogs(report, ['a1b2c3']);
  assert.deepEqual(log?.issues_encountered, [
    { type: 'error', description: 'The session ended with oom_kill (certain).', resolved: false },
    { type: 'error', description: '1 failure of the kind command_exit.', resolved: false },
    { type: 'error', description: '3 failures of the kind network.', resolved: false },
    { type: 'performance', description: 'Anomaly rss_growth (critical) over 3 samples.', resolved: false },
    { type: 'performance', description: 'Anomaly other (warning) over 1 sample.', resolved: false },
  ]);
  assert.deepEqual(log.learnings, [
    'Environment suspect (likely): 3 of 4 failures are network failures. The model was not at fault.',
    'Give the session more memory, or lower the memory its tools use.',
  ]);
  assert.deepEqual(log.task.tags, ['died', 'oom_kill', 'environment']);
  assert.deepEqual(
    [log.environment, log.duration_minutes, log.outcome.success, log.outcome.partial],
    [{ os: 'linux 6.8.0', memory: '15625 MiB', other: 'x64, 8 cores' }, 3.3, false, false],
  );
  const verdict = { ...session.verdict, outcome: 'succeeded', cause: 'completed', layer: 'none' } as const;
  const episodes = session.episodes.map((episode) => ({ ...episode, severity: 'info' as const }));
  const bare = built(bareInput());
  const [success] = skillEvolveLogs({ ...bare, sessions: [{ ...session, agent: 'other', started_at: null, duration_seconds: null, verdict, episodes }] }, []); // prettier-ignore
  assert.equal(success?.session_id, 'sess-2026-01-01-0');
  assert.equal(success.task.description, 'A headless agent session, observed from outside.');
  assert.deepEqual(
    success.issues_encountered.map(({ type, resolved }) => `${type} ${resolved}`),
    ['error true', 'error true', 'warning true', 'warning true'],
  );
  assert.deepEqual(
    [success.environment, success.duration_minutes, success.outcome.success],
    [{ os: 'other', memory: null, other: 'other' }, null, true],
  );
  assert.deepEqual(success.learnings.length, 1);
  assert.equal(skillEvolveLogs(report, ['Not/Safe'])[0]?.session_id, 'sess-2026-01-01-0');
});
