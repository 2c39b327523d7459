import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ulid } from '../../src/core/session/devboyTrace.ts';
import { writeForeignTrace } from '../logs/foreignTrace.ts';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
const home = join(root.path, '..', 'home');
const repository = join(root.path, '..', 'repository');
const data = join(root.path, '..', 'data');
after(() => root.remove());

/** Somebody who stands in a repository, with nothing set. */
function here(...args: string[]) {
  return runCli(args, { cwd: join(repository, 'deep'), env: { HOME: home, XDG_DATA_HOME: data } });
}

interface Line {
  readonly session_id: string;
  readonly dir_name: string;
  readonly state: string;
  readonly success: boolean;
  readonly cause: string;
  readonly skill_command: string;
  readonly duration_seconds: number | null;
}

async function listed(): Promise<readonly Line[]> {
  const { stdout, stderr } = await here('list', '--json');
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Line[];
}

let ended: string;
let open: string;

before(async () => {
  for (const dir of [home, join(repository, '.git'), join(repository, 'deep')]) mkdirSync(dir, { recursive: true });
  const begin = async (...more: string[]) => (await here('trace', 'begin', '--skill', 'demo', ...more)).stdout.trim();
  ended = await begin('--input', 'tidy up');
  await here('trace', 'event', ended, 'decision', '{}');
  for (let n = 0; n < 2; n += 1) await here('trace', 'event', ended, 'tool_call', '{"tool":"shell"}');
  const refused = { tool: 'shell', ok: false, error: 'connect ECONNREFUSED 203.0.113.7:443' };
  for (let n = 0; n < 2; n += 1) await here('trace', 'event', ended, 'tool_result', JSON.stringify(refused));
  await here('trace', 'end', ended, '--outcome', 'failure', '--summary', 'the service was away');
  open = await begin('--global');
});

test('traces of the repository and of the user stand in the list beside what was recorded, newest first', async () => {
  await here('run', '--', 'true');
  const lines = await listed();
  assert.equal(lines.length, 3);
  const traced = lines.find(({ session_id }) => session_id === ended);
  assert.deepEqual(
    [traced?.state, traced?.success, traced?.cause, traced?.skill_command],
    ['finished', false, 'unknown', 'demo: tidy up'],
  );
  assert.equal(lines.find(({ session_id }) => session_id === open)?.state, 'running');
  const table = (await here('list')).stdout;
  assert.match(table, new RegExp(`${ended}  Failed .* demo: tidy`));
  assert.deepEqual(
    (JSON.parse((await here('list', '--failed', '--json')).stdout) as Line[]).map(({ session_id }) => session_id),
    [ended],
  );
});

test('a named log root holds what it holds, and nothing of where one stands; a devboy folder can be named', async () => {
  assert.equal((await here('list', '--json', '--log-dir', root.path)).stdout, '[]\n');
  const named = await here('list', '--json', '--log-dir', join(repository, '.devboy'));
  assert.deepEqual(
    (JSON.parse(named.stdout) as Line[]).map(({ session_id }) => session_id),
    [ended],
  );
});

test('a trace is judged as any session: its failures, the suspect, and a report without its texts', async () => {
  const shown = JSON.parse((await here('show', ended, '--json')).stdout) as {
    verdict: { outcome: string };
    failures: { counts: Record<string, number>; suspect: { layer: string }; sources: { handle: string }[] };
  };
  assert.equal(shown.verdict.outcome, 'failed');
  assert.equal(shown.failures.counts['network'], 2);
  assert.equal(shown.failures.suspect.layer, 'environment');
  const text = (await here('show', ended)).stdout;
  assert.match(text, /Failed, as its own record says \(certain\)\./);
  assert.match(text, /Environment suspect/);

  const handle = shown.failures.sources[0]?.handle ?? '';
  const located = (await here('locate', handle)).stdout.trim();
  assert.match(located, /trace\.jsonl:5$/);
  const report = await here('report', ended);
  assert.equal(report.code, 0, report.stderr);
  assert.match(report.stdout, /2 network/);
  assert.match(report.stdout, /lines of devboy/);
  for (const text of ['demo', 'tidy', 'service was away', repository]) assert.ok(!report.stdout.includes(text), text);
  const detailed = await here('report', ended, '--detailed');
  assert.match(detailed.stdout, /ECONNREFUSED \[redacted:ip_address\]:443/);
});

test('the trend counts traces as it counts sessions, those that have ended, and in every folder it is given', async () => {
  interface Group {
    readonly session_count: number;
    readonly sessions_by_category: Record<string, number>;
  }
  const elsewhere = await here('trend', '--json', '--log-dir', root.path, '--also-in', join(repository, '.devboy'));
  const named = await here('trend', '--json', '--log-dir', root.path);
  assert.deepEqual((JSON.parse(named.stdout) as { by_agent: Group[] }).by_agent, []);
  for (const told of [await here('trend', '--json'), elsewhere]) {
    assert.equal(told.stderr, '');
    const { by_workspace: groups } = JSON.parse(told.stdout) as { by_workspace: Group[] };
    assert.deepEqual(
      groups.map((group) => [group.session_count, group.sessions_by_category]),
      [[1, { network: 1 }]],
    );
  }
  assert.match((await here('trend')).stdout, /network in 1/);
});

test('no key is written into a repository', async () => {
  await here('show', ended, '--json', '--log-dir', join(repository, '.devboy'));
  assert.deepEqual(readdirSync(join(repository, '.devboy')), ['sessions']);
  assert.ok(existsSync(join(data, 'autoskillit/logs/.handle-key')));
});

test('an existing devboy trace opens from its usual folder and by its file', async () => {
  const { id, tracePath } = writeForeignTrace(
    repository,
    [
      [0, 'start', {}],
      [1, 'tool_call', { tool: 'bash', future: { nested: [1] } }],
      [4, 'tool_result', { tool: 'bash', ok: false, stderr: 'bash: jq: command not found', exit_code: 127 }],
      [5, 'a_phase_of_tomorrow', {}],
      [9, 'end', { outcome: 'success', summary: '' }],
    ],
    { ended_at: '2026-03-01T10:00:09.000Z', outcome: 'success', tool_calls: 1, errors: 1, novel_key: [1] },
  );
  const line = (await listed()).find(({ session_id }) => session_id === id);
  assert.deepEqual([line?.state, line?.success, line?.duration_seconds], ['finished', true, 9]);
  assert.match((await here('show', id)).stdout, /Completed \(certain\)\./);
  const analysed = JSON.parse((await here('analyze', '--json', tracePath)).stdout) as Record<string, unknown>;
  assert.deepEqual([analysed['format'], analysed['counts']], ['devboy', { missing_dependency: 1 }]);
});

test('a trace whose end was never written is running while it is written to, and lost when it no longer is', async () => {
  const { id, tracePath } = writeForeignTrace(home, [[0, 'start']]);
  const stateOf = async () => (await listed()).find(({ session_id }) => session_id === id);
  assert.equal((await stateOf())?.state, 'running');
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(tracePath, longAgo, longAgo);
  assert.deepEqual([(await stateOf())?.state, (await stateOf())?.cause], ['finished', 'lost']);
  assert.match((await here('stop', open)).stderr, /no process/);
});

test('folders that are no traces, and links that lead elsewhere, are not shown', async () => {
  const sessions = join(repository, '.devboy/sessions');
  const before = (await listed()).length;
  const secret = join(root.path, '..', 'secret');
  mkdirSync(secret);
  writeFileSync(join(secret, 'trace.jsonl'), readFileSync(writeForeignTrace(secret, [[0, 'start']]).tracePath));
  const id = ulid(Date.now(), new Uint8Array(10));
  mkdirSync(join(sessions, '2026-03-02/review', 'no-ulid'), { recursive: true });
  mkdirSync(join(sessions, 'someday/review', id), { recursive: true });
  symlinkSync(secret, join(sessions, '2026-03-02/review', id));
  mkdirSync(join(sessions, '2026-03-02/links', id), { recursive: true });
  symlinkSync(join(secret, 'trace.jsonl'), join(sessions, '2026-03-02/links', id, 'trace.jsonl'));
  assert.equal((await listed()).length, before);
  for (const name of [id, `2026-03-02/review/${id}`, `2026-03-02/links/${id}`])
    assert.equal((await here('show', name)).code, 1);
  assert.equal((await here('show', `2026-03-02/../${id}`)).code, 2);
});
