import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { listedEnd } from '../../src/core/session/summaryVerdict.ts';
import { recordOf, stringOf, type JsonRecord } from '../../src/core/words/json.ts';
import { causeWords } from '../../src/core/words/vocabularyWords.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { listSessions } from '../../src/logs/sessionIndex.ts';
import { answerQuery } from '../../src/server/panel/answerQuery.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../src/server/panel/sessionReaders.ts';
import { receive } from '../telemetry/otlp/otlpReceiver.ts';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
const NOW = Date.now();
const iso = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

const FAILURES = {
  format: 'claude_transcript',
  total_lines: 9,
  malformed_lines: 0,
  counts: { network: 3, resource: 1 },
  unclosed_turns: { at_end: 0, in_middle: 0 },
  unclosed_calls: 0,
  first_ts: null,
  last_ts: null,
  sources: [],
  suspect: { layer: 'environment', confidence: 'likely', because: ['network'], sentence: 'Environment suspect.' },
};
const KERNEL = { kind: 'kernel_log', name: 'claude', ts: iso(60) };
const VERDICT = {
  outcome: 'died',
  cause: 'oom_kill',
  layer: 'environment',
  confidence: 'certain',
  evidence: [KERNEL],
};

/** Each kind of ending that a log root may hold: what its writer left, and the one answer to what became of it. */
const ENDINGS: Readonly<Record<string, { readonly summary?: object; readonly answer: readonly string[] }>> = {
  'recorded-oom': {
    summary: { success: false, subtype: 'crashed', exit_code: -9, verdict: VERDICT, failures: FAILURES },
    answer: ['died', 'oom_kill', 'certain'],
  },
  'recovered-lost': {
    summary: {
      success: false,
      subtype: 'lost',
      exit_code: null,
      verdict: { outcome: 'lost', cause: 'lost', layer: 'unknown', confidence: 'likely', evidence: [] },
    },
    answer: ['lost', 'lost', 'likely'],
  },
  'foreign-killed': {
    summary: { success: false, subtype: 'error_during_execution', exit_code: -9 },
    answer: ['died', 'killed', 'possible'],
  },
  'foreign-failed': {
    summary: { success: false, subtype: 'error_during_execution', exit_code: 1 },
    answer: ['failed', 'exit_nonzero', 'possible'],
  },
  'foreign-timeout': {
    summary: { success: false, subtype: 'timeout', exit_code: -15 },
    answer: ['died', 'timed_out', 'possible'],
  },
  'foreign-done': {
    summary: { success: true, subtype: 'success', exit_code: 0 },
    answer: ['succeeded', 'completed', 'likely'],
  },
  'without-summary': { answer: ['lost', 'lost', 'likely'] },
  running: { answer: ['running', 'unknown', 'certain'] },
};
const NAMES = Object.keys(ENDINGS);
const TOLD = NAMES.filter((name) => ENDINGS[name]?.summary !== undefined);

/** Verdict, counts of failures and suspect, by whoever was asked. */
type Answer = readonly unknown[];

function expected(name: string): Answer {
  const { answer = [], summary } = ENDINGS[name] ?? {};
  const failures = recordOf(recordOf(summary)?.['failures']);
  return [...answer, failures?.['counts'] ?? null, recordOf(failures?.['suspect'])?.['layer'] ?? null];
}

function answerOf(verdict: JsonRecord | undefined, failures: JsonRecord | undefined): Answer {
  const counts = Object.entries(recordOf(failures?.['counts']) ?? {}).filter(([, count]) => count !== 0);
  return [
    verdict?.['outcome'],
    verdict?.['cause'],
    verdict?.['confidence'],
    failures === undefined ? null : Object.fromEntries(counts),
    recordOf(failures?.['suspect'])?.['layer'] ?? null,
  ];
}

async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...args, '--log-dir', root.path]);
  assert.equal(code, 0, stderr);
  return stdout;
}

before(() => {
  for (const [name, { summary }] of Object.entries(ENDINGS)) {
    const dir = join(root.path, name === 'running' ? 'running' : 'sessions', name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(
      join(dir, 'proc_trace.jsonl'),
      `${JSON.stringify({ seq: 0, ts: iso(90), pid: 1, vm_rss_kb: 4096 })}\n`,
    );
    if (name === 'running') writeFileSync(join(dir, 'enrollment.json'), JSON.stringify(enrollment()));
    if (summary === undefined) continue;
    const common = { session_id: name, dir_name: name, start_ts: iso(100), end_ts: iso(50), duration_seconds: 50 };
    writeFileSync(
      join(dir, 'summary.json'),
      JSON.stringify({ ...common, pid: 1, cwd: '/', skill_command: 'claude', ...summary }),
    );
  }
});
after(() => root.remove());

/** Of this very process: a recorder that lives, so that nobody recovers its session. */
function enrollment(): object {
  return {
    session_id: 'running',
    enrolled_at: iso(100),
    pid: process.pid,
    cwd: '/',
    skill_command: 'claude',
    interval_seconds: 1,
    timeout_seconds: null,
    recorder: { pid: process.pid, boot_id: '', start_ticks: 0 },
  };
}

test('the panel, show and report give one answer to what became of a session', async () => {
  const catalog = new SessionCatalog();
  catalog.setRoots([root.path]);
  const readers = new SessionReaders(catalog);
  for (const name of NAMES) {
    const reply = answerQuery({ catalog, readers }, 'overview', { session: { root: root.path, id: name } });
    assert.ok(reply.ok, name);
    const overview = recordOf(reply.value);
    const shown = recordOf(JSON.parse(await printed('show', name, '--json')));
    const report = recordOf(JSON.parse(await printed('report', name, '--format', 'json')));
    const [reported] = (report?.['sessions'] ?? []) as JsonRecord[];
    const answers = Object.entries({ panel: overview, show: shown, report: reported }).map(([reader, session]) => [
      reader,
      ...answerOf(recordOf(session?.['verdict']), recordOf(session?.['failures'])),
    ]);
    assert.deepEqual(
      answers,
      ['panel', 'show', 'report'].map((reader) => [reader, ...expected(name)]),
      name,
    );
  }
});

test('list, the sessions view and the index tell of the end in the same words', async () => {
  const listed = (await printed('list')).split('\n');
  for (const session of listSessions(logRootAt(root.path))) {
    const [outcome, cause = ''] = ENDINGS[session.dir_name]?.answer ?? [];
    assert.equal(listedEnd(session).outcome, outcome, session.dir_name);
    const line = listed.find((one) => one.includes(session.dir_name)) ?? '';
    const words = outcome === 'running' ? 'Running' : causeWords(cause);
    assert.ok(line.includes(`${words} `), `${session.dir_name}: ${words} in ${line}`);
  }
});

test('metrics, patterns and OpenTelemetry count the same ends', async () => {
  const told = TOLD.map((name) => ENDINGS[name]?.answer ?? []);
  const isDeath = ([outcome]: readonly string[]) => outcome === 'died' || outcome === 'lost';
  const tally = (words: readonly (string | undefined)[]) =>
    Object.fromEntries(words.map((word) => [word, words.filter((other) => other === word).length]));

  const metrics = await printed('metrics', '--once');
  const counted = (name: string, label: string): JsonRecord =>
    Object.fromEntries(
      [...metrics.matchAll(new RegExp(`^session_diagnostics_${name}\\{${label}="(\\w+)"\\} (\\d+)$`, 'gm'))]
        .filter(([, , count]) => count !== '0')
        .map(([, word, count]) => [word, Number(count)]),
    );
  assert.deepEqual(counted('sessions_finished_total', 'outcome'), tally(told.map(([outcome]) => outcome)));
  assert.deepEqual(counted('session_deaths_total', 'cause'), tally(told.filter(isDeath).map(([, cause]) => cause)));
  assert.deepEqual(counted('failures_total', 'category'), FAILURES.counts);

  const patterns = recordOf(JSON.parse(await printed('patterns', '--json')));
  const byCause = (patterns?.['by_cause'] ?? []) as { readonly key: string; readonly deaths: number }[];
  assert.deepEqual(
    Object.fromEntries(byCause.map(({ key, deaths }) => [key, deaths])),
    tally(told.filter(isDeath).map(([, cause]) => cause)),
  );

  const receiver = await receive();
  try {
    await printed('export', ...TOLD, '--otlp-endpoint', receiver.endpoint);
    const ends = receiver.spans.flatMap(({ attributes }) => {
      const outcome = stringOf(attributes['session_diagnostics.outcome']);
      return outcome === undefined ? [] : [`${outcome} ${attributes['session_diagnostics.cause']}`];
    });
    assert.deepEqual(ends.toSorted(), told.map(([outcome, cause]) => `${outcome} ${cause}`).toSorted());
  } finally {
    await receiver.close();
  }
});
