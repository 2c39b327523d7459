import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeLens } from 'vscode-languageserver/node';
import { listedEnd } from '../../src/core/session/summaryVerdict.ts';
import { recordOf, stringOf, type JsonRecord } from '../../src/core/words/json.ts';
import { causeWords } from '../../src/core/words/vocabularyWords.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { listSessions } from '../../src/logs/sessionIndex.ts';
import { listTraces } from '../../src/logs/traceFolders.ts';
import { readBootId } from '../../src/recorder/proc/bootId.ts';
import { ownProcess } from '../../src/recorder/proc/ownProcess.ts';
import { answerQuery } from '../../src/server/panel/answerQuery.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../src/server/panel/sessionReaders.ts';
import { writeForeignTrace } from '../logs/foreignTrace.ts';
import { LanguageClient } from '../server/language/languageClient.ts';
import { receive } from '../telemetry/otlp/otlpReceiver.ts';
import { CLI, runCli, testRoot } from './builtCli.ts';

const root = testRoot();
const repository = join(root.path, '..', 'repository');
const traceRoot = join(repository, '.devboy');
/** Agents' logs are looked for below it. */
process.env['HOME'] = join(root.path, '..', 'home');
const NOW = Date.now();
const iso = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

/** One call a line: what it printed when it failed, or nothing when it never came back. */
type Call = readonly [secondsAgo: number, printed: string | undefined];

/** Claude Code's own log of a session that failed at some calls. */
function claudeLog(calls: readonly Call[]): string {
  const line = (type: string, secondsAgo: number, content: unknown, stop_reason?: string): string =>
    `${JSON.stringify({ sessionId: 's', uuid: `${secondsAgo}`, timestamp: iso(secondsAgo), type, message: { role: type, content, stop_reason } })}\n`;
  const told = calls.flatMap(([secondsAgo, printed], n) => [
    line('assistant', secondsAgo + 0.5, [{ type: 'tool_use', id: `c${n}`, name: 'Bash', input: { command: 'make' } }]),
    ...(printed === undefined
      ? []
      : [line('user', secondsAgo, [{ type: 'tool_result', tool_use_id: `c${n}`, is_error: true, content: printed }])]),
  ]);
  const isDone = calls.every(([, printed]) => printed !== undefined);
  const answer = line('assistant', 60, [{ type: 'text', text: 'Done.' }], 'end_turn');
  return line('user', 99, 'build it') + told.join('') + (isDone ? answer : '');
}

const NO_NAMES = [72, 71, 70].map((secondsAgo): Call => [
  secondsAgo,
  'Exit code 6\ncurl: (6) Could not resolve host: registry.example',
]);
const verdict = (
  outcome: string,
  cause: string,
  layer: string,
  confidence: string,
  evidence: object[] = [],
): object => ({
  verdict: { outcome, cause, layer, confidence, evidence },
});

interface Ending {
  readonly summary?: object;
  /** What its agent wrote: in a file of its own, or as it was captured. */
  readonly log?: { readonly calls: readonly Call[]; readonly isCaptured?: true; readonly isLinked?: true };
  /** Outcome, cause, confidence, failures by category, the layer that is suspected. */
  readonly answer: readonly [string, string, string, object | null, string | null];
}

/** Each kind of ending that a log root may hold: what its writer left, and the one answer to what became of it. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  'recorded-oom': {
    summary: {
      success: false,
      subtype: 'crashed',
      exit_code: -9,
      ...verdict('died', 'oom_kill', 'environment', 'certain', [{ kind: 'kernel_log', name: 'claude', ts: iso(60) }]),
    },
    // The transcript knows a bare 137 and a call that never came back; the kernel's log says what both were.
    log: { calls: [[62, 'Exit code 137'], [61, undefined]], isLinked: true }, // prettier-ignore
    answer: ['died', 'oom_kill', 'certain', { resource: 2 }, 'environment'],
  },
  'recorded-failed': {
    summary: {
      success: false,
      subtype: 'error_during_execution',
      exit_code: 1,
      ...verdict('failed', 'exit_nonzero', 'unknown', 'certain', [{ kind: 'exit_status', value: 1 }]),
    },
    log: { calls: NO_NAMES, isCaptured: true, isLinked: true },
    answer: ['failed', 'exit_nonzero', 'certain', { network: 3 }, 'environment'],
  },
  'recovered-lost': {
    summary: { success: false, subtype: 'lost', exit_code: null, ...verdict('lost', 'lost', 'unknown', 'likely') },
    answer: ['lost', 'lost', 'likely', null, null],
  },
  'foreign-killed': {
    summary: { success: false, subtype: 'error_during_execution', exit_code: -9 },
    answer: ['died', 'killed', 'possible', null, null],
  },
  'foreign-logged': {
    summary: { success: false, subtype: 'timeout', exit_code: -15 },
    // AutoSkillit names the log and reads nothing of it: the call that was open when time was up failed of that.
    log: { calls: [...NO_NAMES, [61, undefined]] },
    answer: ['died', 'timed_out', 'possible', { network: 3, timeout: 1 }, 'environment'],
  },
  'foreign-failed': {
    summary: { success: false, subtype: 'error_during_execution', exit_code: 1 },
    answer: ['failed', 'exit_nonzero', 'possible', null, null],
  },
  'foreign-timeout': {
    summary: { success: false, subtype: 'timeout', exit_code: -15 },
    answer: ['died', 'timed_out', 'possible', null, null],
  },
  'foreign-done': {
    summary: { success: true, subtype: 'success', exit_code: 0 },
    answer: ['succeeded', 'completed', 'likely', null, null],
  },
  'without-summary': { answer: ['lost', 'lost', 'likely', null, null] },
  running: {
    log: { calls: NO_NAMES, isCaptured: true },
    answer: ['running', 'unknown', 'certain', { network: 3 }, 'environment'],
  },
};
const TRACE_ANSWER: Ending['answer'] = ['failed', 'unknown', 'certain', { network: 2 }, 'environment'];
const NAMES = Object.keys(ENDINGS);
/** Whose account is written: what is counted over many sessions counts these. */
const TOLD = NAMES.filter((name) => ENDINGS[name]?.summary !== undefined);

/** Verdict, counts of failures and suspect, by whoever was asked. */
type Answer = readonly unknown[];

function answerOf(told: JsonRecord | undefined, failures: JsonRecord | undefined): Answer {
  const counts = Object.entries(recordOf(failures?.['counts']) ?? {}).filter(([, count]) => count !== 0);
  return [
    told?.['outcome'],
    told?.['cause'],
    told?.['confidence'],
    failures === undefined ? null : Object.fromEntries(counts),
    recordOf(failures?.['suspect'])?.['layer'] ?? null,
  ];
}

async function printed(dir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...args, '--log-dir', dir]);
  assert.equal(code, 0, stderr);
  return stdout;
}

function dirOf(name: string): string {
  return join(root.path, name === 'running' ? 'running' : 'sessions', name);
}

function logOf(name: string): string {
  return ENDINGS[name]?.log?.isCaptured === true
    ? join(dirOf(name), 'stdout.log')
    : join(process.env['HOME'] ?? '', 'logs', `${name}.jsonl`);
}

let traceName = '';
let tracePath = '';

before(async () => {
  for (const [name, { summary, log }] of Object.entries(ENDINGS)) {
    const dir = dirOf(name);
    mkdirSync(dir, { recursive: true });
    mkdirSync(dirname(logOf(name)), { recursive: true });
    const sample = { seq: 0, ts: iso(90), pid: 1, vm_rss_kb: 4096 };
    writeFileSync(join(dir, 'proc_trace.jsonl'), `${JSON.stringify(sample)}\n`);
    if (log !== undefined) writeFileSync(logOf(name), claudeLog(log.calls));
    if (name === 'running') writeFileSync(join(dir, 'enrollment.json'), JSON.stringify(enrollment()));
    if (summary === undefined) continue;
    const common = { session_id: name, dir_name: name, start_ts: iso(100), end_ts: iso(50), duration_seconds: 50 };
    const named = log !== undefined && log.isLinked !== true ? { claude_code_log: logOf(name) } : {};
    const rest = { pid: 1, cwd: '/', skill_command: 'claude' };
    writeFileSync(join(dir, 'summary.json'), JSON.stringify({ ...common, ...rest, ...named, ...summary }));
  }
  await printed(root.path, 'recover'); // the index gets its lines
  for (const name of NAMES) {
    if (ENDINGS[name]?.log?.isLinked === true) await printed(root.path, 'link', name, logOf(name));
  }
  const refused = { tool: 'shell', ok: false, error: 'connect ECONNREFUSED 203.0.113.7:443' };
  const calls = [1, 2].flatMap((n) => [[n, 'tool_call', { tool: 'shell' }], [n + 2, 'tool_result', refused]] as const); // prettier-ignore
  const meta = { ended_at: new Date(Date.UTC(2026, 2, 1, 10, 1)).toISOString(), outcome: 'failure' };
  tracePath = writeForeignTrace(
    repository,
    calls.toSorted(([a], [b]) => a - b),
    meta,
  ).tracePath;
  traceName = listTraces(logRootAt(traceRoot))[0]?.dir_name ?? '';
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
    boot_id: readBootId() ?? '',
    recorder: ownProcess(),
  };
}

/** By root and name: what every reader is asked for. */
function everyEnding(): readonly (readonly [dir: string, name: string, answer: Ending['answer']])[] {
  const recorded = NAMES.map((name) => [root.path, name, (ENDINGS[name] ?? assert.fail()).answer] as const);
  return [...recorded, [traceRoot, traceName, TRACE_ANSWER]];
}

test('the panel, show and report give one answer to what became of a session', async () => {
  const catalog = new SessionCatalog();
  catalog.setRoots([root.path, traceRoot]);
  const readers = new SessionReaders(catalog);
  for (const [dir, name, answer] of everyEnding()) {
    const reply = answerQuery({ catalog, readers }, 'overview', { session: { root: dir, id: name } });
    assert.ok(reply.ok, name);
    const overview = recordOf(reply.value);
    const shown = recordOf(JSON.parse(await printed(dir, 'show', name, '--json')));
    const report = recordOf(JSON.parse(await printed(dir, 'report', name, '--format', 'json')));
    const [reported] = (report?.['sessions'] ?? []) as JsonRecord[];
    const answers = Object.entries({ panel: overview, show: shown, report: reported }).map(([reader, session]) => [
      reader,
      ...answerOf(recordOf(session?.['verdict']), recordOf(session?.['failures'])),
    ]);
    assert.deepEqual(
      answers,
      ['panel', 'show', 'report'].map((reader) => [reader, ...answer]),
      name,
    );
  }
});

test('list, the sessions view and the index tell of the end in the same words', async () => {
  const catalog = new SessionCatalog();
  catalog.setRoots([root.path, traceRoot]);
  const page = catalog.page({ filter: 'all', text: '', offset: 0, limit: 100 });
  const listed = [await printed(root.path, 'list'), await printed(traceRoot, 'list')].join('\n').split('\n');
  const lines = [...listSessions(logRootAt(root.path)), ...listTraces(logRootAt(traceRoot))];
  for (const [dir, name, [outcome, cause, , , suspect]] of everyEnding()) {
    const session = lines.find(({ dir_name: one }) => one === name) ?? assert.fail(name);
    const row = page.rows.find(({ ref }) => ref.root === dir && ref.id === name);
    assert.deepEqual([listedEnd(session).outcome, row?.outcome], [outcome, outcome], name);
    const line = listed.find((one) => one.includes(name.split('/').at(-1) ?? name)) ?? '';
    const words = outcome === 'running' ? 'Running' : outcome === 'failed' ? 'Failed' : causeWords(cause);
    assert.match(`${line} `, new RegExp(`${words} `), `${name}: ${words} in ${line}`);
    if (ENDINGS[name]?.log?.isLinked === true) assert.deepEqual([session.suspect, row?.suspect], [suspect, suspect]);
  }
});

test('the marks of the editor in the agent’s log count the failures that the panel counts', async () => {
  const client = await LanguageClient.start({}, [], [CLI, 'lsp', '--log-dir', root.path]);
  try {
    for (const [, name, [, , , counts]] of everyEnding()) {
      const path = name === traceName ? tracePath : logOf(name);
      if (name !== traceName && ENDINGS[name]?.log === undefined) continue;
      const uri = pathToFileURL(path).href;
      await client.open(uri, readFileSync(path, 'utf8'), path.endsWith('.log') ? 'log' : 'jsonl');
      const marked: Record<string, number> = {};
      for (const { code } of await client.problemsOf(uri)) marked[String(code)] = (marked[String(code)] ?? 0) + 1;
      assert.deepEqual(marked, counts, name);
      const lenses = await client.ask<CodeLens[] | null>('codeLens', uri);
      const total = Object.values(marked).reduce((sum, count) => sum + count, 0);
      assert.equal(lenses?.length, total, name);
    }
    const lens = await client.ask<CodeLens[]>('codeLens', pathToFileURL(logOf('recorded-oom')).href);
    assert.deepEqual(
      lens.map(({ command }) => command?.title),
      ['killed for memory', 'still running when the agent ended'].map((rule) => `${rule} · Copy handle`),
    );
  } finally {
    await client.stop();
  }
});

test('metrics and patterns count the same ends', async () => {
  const told = TOLD.map((name) => (ENDINGS[name] ?? assert.fail()).answer);
  const isDeath = ([outcome]: Ending['answer']) => outcome === 'died' || outcome === 'lost';
  const tally = (words: readonly string[]) =>
    Object.fromEntries(words.map((word) => [word, words.filter((other) => other === word).length]));

  const metrics = await printed(root.path, 'metrics', '--once');
  const counted = (name: string, label: string): JsonRecord =>
    Object.fromEntries(
      [...metrics.matchAll(new RegExp(`^session_diagnostics_${name}\\{${label}="(\\w+)"\\} (\\d+)$`, 'gm'))]
        .filter(([, , count]) => count !== '0')
        .map(([, word, count]) => [word, Number(count)]),
    );
  assert.deepEqual(counted('sessions_finished_total', 'outcome'), tally(told.map(([outcome]) => outcome)));
  assert.deepEqual(counted('session_deaths_total', 'cause'), tally(told.filter(isDeath).map(([, cause]) => cause)));
  // Over many sessions the accounts alone are read: of a log that only a name is known of, nothing is counted.
  assert.deepEqual(counted('failures_total', 'category'), { resource: 2, network: 3 });

  const patterns = recordOf(JSON.parse(await printed(root.path, 'patterns', '--json')));
  const byCause = (patterns?.['by_cause'] ?? []) as { readonly key: string; readonly deaths: number }[];
  assert.deepEqual(
    Object.fromEntries(byCause.map(({ key, deaths }) => [key, deaths])),
    tally(told.filter(isDeath).map(([, cause]) => cause)),
  );
});

test('an OpenTelemetry receiver is told the verdict, the failures and the suspect that the report has', async () => {
  const receiver = await receive();
  try {
    for (const [dir, name, answer] of everyEnding()) {
      if (dir === root.path && !TOLD.includes(name)) continue; // it has no end that could be sent
      const before = receiver.spans.length;
      await printed(dir, 'export', name, '--otlp-endpoint', receiver.endpoint);
      const told = receiver.spans
        .slice(before)
        .map(({ attributes }) => attributes)
        .find((attributes) => attributes['session_diagnostics.outcome'] !== undefined);
      const word = (key: string): string | null => stringOf(told?.[`session_diagnostics.${key}`]) ?? null;
      const counts = Object.entries(told ?? {}).flatMap(([key, count]) =>
        key.startsWith('session_diagnostics.failures.') ? [[key.split('.').at(-1), count]] : [],
      );
      const failures = counts.length === 0 ? null : Object.fromEntries(counts);
      assert.deepEqual(
        [word('outcome'), word('cause'), word('confidence'), failures, word('suspect.layer')],
        answer,
        name,
      );
    }
  } finally {
    await receiver.close();
  }
});
