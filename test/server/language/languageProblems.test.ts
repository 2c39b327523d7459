import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { runCli } from '../../cli/builtCli.ts';
import { liveSample, writeLeakySession, writeRunningSession } from '../../webview/scriptedSessions.ts';
import { ScriptedRoot, START_MS } from '../../webview/scriptedRoot.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';
import { CLAUDE_LINES } from './transcriptLines.ts';

let client: LanguageClient;
let folder: ScratchFolder;
let root: ScriptedRoot;

before(async () => {
  folder = new ScratchFolder();
  root = new ScriptedRoot();
  client = await LanguageClient.start();
});
after(async () => {
  await client.stop();
  folder.remove();
  root.remove();
});

function shortly({ range, code, severity }: Diagnostic): readonly unknown[] {
  return [range.start.line, code, severity];
}

const { Error: CRITICAL, Warning: WARNING, Information: INFO } = DiagnosticSeverity;

async function problemsIn(uri: string, text: string): Promise<readonly (readonly unknown[])[]> {
  await client.open(uri, text);
  const problems = await client.problemsOf(uri);
  await client.close(uri);
  return problems.map(shortly);
}

async function problemsOnDisk(path: string): Promise<readonly (readonly unknown[])[]> {
  return await problemsIn(pathToFileURL(path).href, readFileSync(path, 'utf8'));
}

/** Lines as AutoSkillit writes them: none of our fields. */
function plainSnapshot(seq: number, more: object = {}): string {
  const ts = isoFromMs(START_MS + seq * 5000);
  const line = { ts, captured_at: ts, seq, event: 'snapshot', pid: 4242, comm: 'claude', state: 'sleeping' };
  return JSON.stringify({ ...line, vm_rss_kb: 310_000, oom_score: 670, sig_pnd: '0000000000000000', ...more });
}

test('malformed lines, wrong types, and numbers and times that do not rise are marked where they stand', async () => {
  const lines = [
    plainSnapshot(0, { tree_rss_kb: 1 }),
    '{"seq": 1, "ts":',
    '',
    plainSnapshot(2, { tree_rss_kb: 1, vm_rss_kb: 'many' }),
    plainSnapshot(2, { tree_rss_kb: 1 }),
    plainSnapshot(5, { tree_rss_kb: 1 }),
    plainSnapshot(6, { tree_rss_kb: 1, ts: isoFromMs(START_MS) }),
  ];
  const uri = folder.write('proc_trace.jsonl', lines.join('\n'));
  await client.open(uri, lines.join('\n'));
  const problems = await client.problemsOf(uri);
  assert.deepEqual(problems.map(shortly), [
    [1, 'malformed_line', WARNING],
    [3, 'wrong_type', WARNING],
    [4, 'broken_order', WARNING],
    [4, 'broken_order', WARNING],
    [5, 'missing_samples', INFO],
    [6, 'broken_order', WARNING],
  ]);
  const wrong = problems.find(({ code }) => code === 'wrong_type');
  const { start, end } = wrong?.range ?? { start: { character: 0 }, end: { character: 0 } };
  assert.equal(lines[3]?.slice(start.character, end.character), '"many"');
  await client.close(uri);
});

test('what AutoSkillit writes has no problems: no fields of ours, detection times, its own words and keys', async () => {
  const dir = join(folder.path, 'skill', 'sessions', 'no_session_20260301T100000');
  mkdirSync(dir, { recursive: true });
  const trace = [0, 1, 2].map((seq) => plainSnapshot(seq)).join('\n') + '\n';
  const anomaly = { ts: isoFromMs(START_MS + 999_000), seq: 1, event: 'anomaly', kind: 'fd_high', severity: 'warning' };
  const summary = {
    session_id: '',
    dir_name: 'no_session_20260301T100000',
    pid: 4242,
    subtype: 'error',
    cli_subtype: '',
    exit_code: -9,
    success: true,
    duration_seconds: 10.0,
    snapshot_count: 3,
    anomaly_count: 1,
    peak_rss_kb: 310_000,
    peak_oom_score: 670,
    peak_fd_ratio: 0,
    termination_reason: 'natural_exit',
    kill_reason: '',
    tracked_comm: null,
    claude_code_log: null,
    start_ts: '',
    snapshot_interval_seconds: 5.0,
    tracer_target_resolution_version: 2,
  };
  const base = 'skill/sessions/no_session_20260301T100000';
  const traceUri = folder.write(`${base}/proc_trace.jsonl`, trace);
  folder.write(
    `${base}/anomalies.jsonl`,
    `${JSON.stringify({ ...anomaly, pid: 4242, detail: { ratio: 0.9 }, snapshot: {} })}\n`,
  );
  const summaryUri = folder.write(`${base}/summary.json`, JSON.stringify(summary, undefined, 2));
  const index = folder.write(
    'skill/sessions.jsonl',
    `${JSON.stringify({ ...summary, timestamp: '2026-03-01T10:00:00', skill_command: 'x' })}\n`,
  );
  const live = [0, 1].map((seq) => plainSnapshot(seq, { ts: undefined, seq: undefined, event: undefined })).join('\n');
  assert.deepEqual(await problemsOnDisk(new URL(summaryUri).pathname), []);
  assert.deepEqual(await problemsOnDisk(new URL(index).pathname), []);
  assert.deepEqual(await problemsOnDisk(join(dir, 'anomalies.jsonl')), [[0, 'fd_high', WARNING]]);
  assert.deepEqual(await problemsIn(traceUri, trace), [[1, 'fd_high', WARNING]], 'the anomaly stands at its sample');
  assert.deepEqual(await problemsIn(folder.write('autoskillit_trace_4242.jsonl', live), live), []);
});

test('what we record has no damage, whichever of its files is opened', async () => {
  const log = join(folder.path, 'recorded');
  const code = 'setTimeout(() => process.exit(3), 900)';
  await runCli(['run', '--log-dir', log, '--id', 'sess-a', '--interval', '0.2', '--', process.execPath, '-e', code]);
  const dir = join(log, 'sessions', 'sess-a');
  const files = readdirSync(dir)
    .filter((name) => /jsonl$|summary/.test(name))
    .map((name) => join(dir, name));
  for (const path of [...files, join(log, 'sessions.jsonl'), join(log, 'session_lifecycle.log')]) {
    assert.deepEqual(await problemsOnDisk(path), [], path);
  }
});

test('anomalies are one problem per episode, with its severity, in their file and in the trace', async () => {
  const leak = writeLeakySession(root);
  const anomalies = await problemsOnDisk(join(leak.dir, 'anomalies.jsonl'));
  const trace = await problemsOnDisk(join(leak.dir, 'proc_trace.jsonl'));
  const growth = (problems: readonly (readonly unknown[])[]) =>
    problems.filter(([, code]) => code === 'tree_rss_growth');
  assert.equal(growth(anomalies).length, 1);
  assert.deepEqual(
    growth(trace).map(([line]) => line),
    [900],
  );
  assert.ok(trace.some(([, , severity]) => severity === CRITICAL));
});

test('a trace alone is judged here', async () => {
  const text = [0, 1, 2, 3].map((seq) => `${plainSnapshot(seq, seq >= 2 ? { oom_score: 905 } : {})}\n`).join('');
  const uri = folder.write('alone.jsonl', text);
  assert.deepEqual(await problemsIn(uri, text), [
    [2, 'oom_spike', WARNING],
    [2, 'oom_critical', CRITICAL],
  ]);
});

test('a live file is never torn; a finished one is', async () => {
  const live = writeRunningSession(root, 'live', 4);
  live.raw('proc_trace.jsonl', '{"captured_at":"2026-01-15T09:00:0');
  assert.deepEqual(await problemsOnDisk(join(live.dir, 'proc_trace.jsonl')), []);
  live.finish({ snapshot_count: 4, peak_rss_kb: undefined, peak_oom_score: undefined });
  assert.deepEqual(await problemsOnDisk(join(live.dir, 'proc_trace.jsonl')), [[4, 'torn_tail', WARNING]]);
});

test('a summary that contradicts the files beside it says so, until they agree', async () => {
  const session = root.session('sess-wrong');
  session.samples([liveSample(0), liveSample(1)]);
  session.finish({ snapshot_count: 3, peak_rss_kb: 7, peak_oom_score: undefined });
  const path = join(session.dir, 'summary.json');
  const uri = pathToFileURL(path).href;
  await client.open(uri, readFileSync(path, 'utf8'), 'json');
  const codes = (await client.problemsOf(uri)).map(({ code, message }) => [code, message]);
  assert.equal(codes.length, 2);
  assert.deepEqual(codes[0], ['contradiction', 'proc_trace.jsonl beside it has 2 samples.']);
  session.samples([{ ...liveSample(2), vm_rss_kb: 7 }]);
  const trace = pathToFileURL(join(session.dir, 'proc_trace.jsonl')).href;
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: trace, type: 2 }] });
  await client.until(
    () => (client.published.findLast((one) => one.uri === uri)?.diagnostics.length ?? 9) === 1,
    'one less',
  );
  await client.close(uri);
});

test('an anomaly of a sample that the trace does not have, and an index that disagrees with a summary', async () => {
  const session = root.session('sess-astray');
  session.samples([liveSample(0), liveSample(1)]);
  session.anomaly(9, START_MS, { kind: 'fd_leak', severity: 'info', detail: {} });
  session.finish({ snapshot_count: 2, anomaly_count: 1 });
  assert.deepEqual(await problemsOnDisk(join(session.dir, 'anomalies.jsonl')), [
    [0, 'fd_leak', INFO],
    [0, 'contradiction', WARNING],
  ]);
  root.index({ session_id: 'sess-astray', dir_name: 'sess-astray', snapshot_count: 5, success: true });
  const index = join(root.path, 'sessions.jsonl');
  const uri = pathToFileURL(index).href;
  await client.open(uri, readFileSync(index, 'utf8'));
  assert.deepEqual(
    (await client.problemsOf(uri)).map(({ code }) => code),
    ['contradiction'],
  );
  const summary = join(session.dir, 'summary.json');
  writeFileSync(summary, readFileSync(summary, 'utf8').replace('"snapshot_count":2', '"snapshot_count":5'));
  const changes = [{ uri: pathToFileURL(summary).href, type: 2 }];
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  await client.until(() => client.published.findLast((one) => one.uri === uri)?.diagnostics.length === 0, 'agreement');
  await client.close(uri);
});

test('a transcript shows its classified failures at their lines', async () => {
  const line = (phase: string, payload: object) =>
    JSON.stringify({ ts: '2026-01-15T09:00:00Z', skill: 'fix', session_id: '01J', phase, payload });
  const text = [
    line('start', {}),
    line('tool_call', { tool: 'bash' }),
    line('tool_result', { ok: false, error: 'curl: (6) Could not resolve host: example.test', exit_code: 6 }),
    line('end', { outcome: 'success' }),
  ].join('\n');
  assert.deepEqual(await problemsIn(folder.write('trace.jsonl', text), text), [[2, 'network', WARNING]]);
});

test('a call that is open at the end is no failure while the log is written, and is one once it rests', async () => {
  const call = {
    ts: '2026-01-15T09:00:00Z',
    skill: 'fix',
    session_id: '01J',
    phase: 'tool_call',
    payload: { tool: 'bash' },
  };
  const text = `${JSON.stringify({ ...call, phase: 'start', payload: {} })}\n${JSON.stringify(call)}\n`;
  const uri = folder.write('open.jsonl', text);
  assert.deepEqual(await problemsIn(uri, text), []);
  utimesSync(new URL(uri), 1, 1);
  const problems = await problemsIn(uri, text);
  assert.ok(problems.length > 0);
  assert.ok(problems.every(([, , severity]) => severity === INFO));
});

test('captured output may hold anything beside an agent’s records', async () => {
  const text = ['Loading ...', ...CLAUDE_LINES, 'done', ''].join('\n');
  const codes = (await problemsIn(folder.write('stdout.log', text), text)).map(([, code]) => code);
  assert.ok(codes.length > 0);
  assert.ok(!codes.includes('malformed_line'));
});

test('problems follow every edit, and go with the file or its kind', async () => {
  const text = [0, 1, 2].map((seq) => `${plainSnapshot(seq)}\n`).join('');
  const uri = folder.write('edited.jsonl', text);
  await client.open(uri, text);
  assert.deepEqual(await client.problemsOf(uri), []);
  const at = (line: number, character: number) => ({ line, character });
  await client.change(uri, [{ range: { start: at(1, 0), end: at(1, 1) }, text: 'x' }]);
  assert.deepEqual((await client.problemsOf(uri)).map(shortly), [[1, 'malformed_line', WARNING]]);
  await client.change(uri, [{ range: { start: at(0, 0), end: at(0, 0) }, text: '\n\n' }]);
  assert.deepEqual((await client.problemsOf(uri)).map(shortly), [[3, 'malformed_line', WARNING]]);
  await client.change(uri, [{ text: '{"level": "info", "message": "of another program"}\n' }]);
  await client.until(() => client.published.findLast((one) => one.uri === uri)?.diagnostics.length === 0, 'none');
  await client.change(uri, [{ text: `${text}x` }, { text: `x\n${text}` }]);
  assert.deepEqual((await client.problemsOf(uri)).map(shortly), [[0, 'malformed_line', WARNING]]);
  await client.close(uri);
  await client.until(() => client.published.findLast((one) => one.uri === uri)?.diagnostics.length === 0, 'none');
});

test('files of others have no problems, and a setting takes all away', async () => {
  const strange = '{"a": 1}\nnot json\n';
  const strangeUri = folder.write('data.jsonl', strange);
  const text = `${plainSnapshot(0)}\nx\n${plainSnapshot(1)}\n`;
  const uri = folder.write('ours.jsonl', text);
  await client.open(strangeUri, strange);
  await client.open(uri, text);
  assert.equal((await client.problemsOf(uri)).length, 1);
  assert.ok(!client.published.some((one) => one.uri === strangeUri));
  const settings = (logFileProblems: boolean) =>
    client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { sessionDiagnostics: { logFileProblems } },
    });
  await settings(false);
  await client.until(() => client.published.findLast((one) => one.uri === uri)?.diagnostics.length === 0, 'none');
  await settings(true);
  await client.until(() => client.published.findLast((one) => one.uri === uri)?.diagnostics.length === 1, 'back');
  await client.close(uri);
  await client.close(strangeUri);
});

test('a file that goes while it is looked at has no problems, and the next one is looked at', async () => {
  const gone = root.session('sess-gone');
  gone.samples([liveSample(0)]);
  gone.finish({ snapshot_count: 9 });
  const path = join(gone.dir, 'summary.json');
  const text = readFileSync(path, 'utf8');
  rmSync(gone.dir, { recursive: true });
  assert.deepEqual(await problemsIn(pathToFileURL(path).href, text), []);
});
