import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isUlid, ulid } from '../../src/core/session/devboyTrace.ts';
import { createRedactor } from '../../src/core/privacy/redact.ts';
import { devboyRoot, openTraceStore, type TraceStore } from '../../src/logs/traceStore.ts';

const scratch = mkdtempSync(join(tmpdir(), 'traces-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const START_MS = Date.parse('2026-03-01T23:59:58.000Z');

function store(root: string, secrets: readonly string[] = []): TraceStore {
  let nowMs = START_MS;
  return openTraceStore({
    root,
    redactor: createRedactor({ identity: { user: 'qwertyuser', home: '/home/qwertyuser' }, secrets }),
    nowMs: () => (nowMs += 1000),
  });
}

function begun(traces: TraceStore, skill = 'review'): { sessionId: string; dir: string } {
  const begin = traces.begin({ skill });
  if (!begin.ok) throw new Error(begin.message);
  return begin;
}

function linesOf(dir: string): Record<string, unknown>[] {
  const text = readFileSync(join(dir, 'trace.jsonl'), 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function metaOf(dir: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8')) as Record<string, unknown>;
}

test('a trace has the layout and the lines that devboy reads', () => {
  const root = join(scratch, 'layout');
  const traces = store(root);
  const begin = traces.begin({ skill: 'code-review', skillVersion: '1.2.0', inputSummary: 'look at it' });
  assert.ok(begin.ok);
  const { sessionId, dir } = begin;
  assert.equal(dir, join(root, '.devboy', 'sessions', '2026-03-01', 'code-review', sessionId));
  assert.ok(isUlid(sessionId));
  assert.ok(traces.append(sessionId, 'tool_call', { tool: 'bash' }).ok);
  assert.ok(traces.append(sessionId, 'tool_result', { tool: 'bash', ok: false }).ok);
  assert.ok(traces.append(sessionId, 'brand_new_phase', { a: 1 }).ok);
  assert.ok(traces.finalise(sessionId, { outcome: 'success', summary: 'done' }).ok);
  const lines = linesOf(dir);
  assert.deepEqual(
    lines.map((line) => line['phase']),
    ['start', 'tool_call', 'tool_result', 'brand_new_phase', 'end'],
  );
  for (const line of lines) assert.deepEqual(Object.keys(line), ['ts', 'skill', 'session_id', 'phase', 'payload']);
  assert.deepEqual(lines[0]?.['payload'], {});
  assert.deepEqual(lines.at(-1)?.['payload'], { outcome: 'success', summary: 'done' });
  assert.deepEqual(metaOf(dir), {
    session_id: sessionId,
    skill: 'code-review',
    skill_version: '1.2.0',
    started_at: lines[0]?.['ts'],
    ended_at: lines.at(-1)?.['ts'],
    outcome: 'success',
    input_summary: 'look at it',
    tool_calls: 1,
    errors: 1,
    summary: 'done',
  });
  assert.deepEqual(readdirSync(dir).sort(), ['meta.json', 'trace.jsonl']);
});

test(
  'a trace that three shells append to at once is complete, and its meta counts all of it',
  { timeout: 60_000 },
  async () => {
    const traces = store(join(scratch, 'shells'));
    const { sessionId, dir } = begun(traces);
    const each = 60;
    const shells = ['a', 'b', 'c'].map((name) =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, 'traceWriter.ts'), join(scratch, 'shells'), sessionId, name, String(each)],
        { stdio: ['ignore', 'ignore', 'inherit'], timeout: 50_000 },
      ),
    );
    assert.deepEqual(
      await Promise.all(shells.map((shell) => once(shell, 'exit'))),
      shells.map(() => [0, null]),
    );
    assert.ok(traces.finalise(sessionId, { outcome: 'failure', summary: '' }).ok);
    const lines = linesOf(dir);
    assert.equal(lines.length, 2 + 3 * 2 * each);
    for (const name of ['a', 'b', 'c']) {
      const own = lines
        .map((line) => line['payload'] as Record<string, unknown>)
        .filter((payload) => payload['from'] === name);
      assert.deepEqual(
        own.map((payload) => payload['i']),
        Array.from({ length: 2 * each }, (_, i) => Math.floor(i / 2)),
      );
    }
    const meta = metaOf(dir);
    assert.equal(meta['tool_calls'], 3 * each);
    assert.equal(meta['errors'], (3 * each) / 5);
  },
);

test('nothing is written before it is redacted: no secret, no name, no path', () => {
  const root = join(scratch, 'redacted');
  const secret = `s3cr3t${'z'.repeat(8)}`;
  const traces = store(root, [secret]);
  const begin = traces.begin({ skill: 'review', inputSummary: `look at /home/qwertyuser/shop with ${secret}` });
  assert.ok(begin.ok);
  traces.append(begin.sessionId, 'tool_call', {
    tool: 'bash',
    apiKey: 'k3yk3yk3y',
    args: { command: `x=${secret} ls /srv/shop/a` },
  });
  traces.append(begin.sessionId, 'note', { [secret]: JSON.stringify({ password: 'p4ssw0rd' }), input_tokens: 12 });
  traces.finalise(begin.sessionId, { outcome: 'aborted', summary: `qwertyuser stopped it` });
  const written =
    readFileSync(join(begin.dir, 'trace.jsonl'), 'utf8') + readFileSync(join(begin.dir, 'meta.json'), 'utf8');
  for (const hidden of [secret, 'k3yk3yk3y', 'p4ssw0rd', 'qwertyuser', '/srv/shop'])
    assert.ok(!written.includes(hidden), hidden);
  assert.ok(written.includes('"input_tokens":12'));
});

test('skill names, ids and phases that are paths or more than one word are refused, and nothing is made', () => {
  const root = join(scratch, 'refused');
  const traces = store(root);
  for (const skill of ['../x', '/etc', 'a/b', 'a\\b', '', '.', '..', 'a..b', 'x\n', 'x\0', 'x'.repeat(200)]) {
    const begin = traces.begin({ skill });
    assert.equal(begin.ok ? 'made' : begin.reason, 'bad_skill');
  }
  assert.equal(existsSync(root), false);
  const { sessionId, dir } = begun(traces);
  for (const phase of ['', 'two words', '../x', 'End', 'x'.repeat(100)]) {
    const appended = traces.append(sessionId, phase, {});
    assert.equal(appended.ok ? 'made' : appended.reason, 'bad_phase');
  }
  for (const id of ['', '../../x', 'A'.repeat(26), ulid(START_MS, new Uint8Array(10))]) {
    const appended = traces.append(id, 'note', {});
    assert.equal(appended.ok ? 'made' : appended.reason, 'no_such_trace');
  }
  assert.equal(linesOf(dir).length, 1);
});

test('a trace ends once, and a line that comes after its end still counts', () => {
  const traces = store(join(scratch, 'ended'));
  const { sessionId, dir } = begun(traces);
  assert.ok(traces.finalise(sessionId, { outcome: 'success', summary: 'done' }).ok);
  const again = traces.finalise(sessionId, { outcome: 'failure', summary: 'again' });
  assert.equal(again.ok ? 'made' : again.reason, 'already_ended');
  assert.ok(traces.append(sessionId, 'tool_result', { tool: 'bash', ok: false }).ok);
  assert.equal(metaOf(dir)['errors'], 1);
  assert.equal(metaOf(dir)['outcome'], 'success');
});

test("an existing trace of devboy's is appended to, and the keys it has stay", () => {
  const root = join(scratch, 'foreign');
  const sessionId = ulid(START_MS, new Uint8Array(10).fill(7));
  const dir = join(root, '.devboy', 'sessions', '2026-02-01', 'plan', sessionId);
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, 'meta.json'),
    JSON.stringify({ session_id: sessionId, skill: 'plan', started_at: 'x', model: 'm', tool_calls: 0, errors: 0 }),
  );
  writeFileSync(
    join(dir, 'trace.jsonl'),
    '{"ts":"t0","skill":"plan","session_id":"s","phase":"start","payload":{}}\n{"ts":"torn',
  );
  const traces = store(root);
  assert.ok(traces.finalise(sessionId, { outcome: 'success', summary: 'ok' }).ok);
  assert.equal(metaOf(dir)['model'], 'm');
  assert.equal(metaOf(dir)['started_at'], 't0');
  assert.equal(metaOf(dir)['outcome'], 'success');
});

test('a log that cannot be written is a refusal, not an exception', () => {
  writeFileSync(join(scratch, 'file'), '');
  const begin = store(join(scratch, 'file')).begin({ skill: 'review' });
  assert.equal(begin.ok ? 'made' : begin.reason, 'unwritable');
});

test('traces go to the repository that the working directory is in', () => {
  const repository = join(scratch, 'repository');
  mkdirSync(join(repository, '.git'), { recursive: true });
  mkdirSync(join(repository, 'a', 'b'), { recursive: true });
  assert.equal(devboyRoot(join(repository, 'a', 'b')), repository);
});

test('ids are ULIDs: their time in front, so that they sort by it', () => {
  assert.equal(ulid(1_469_918_176_385, new Uint8Array(10)), `01ARYZ6S41${'0'.repeat(16)}`);
  assert.equal(ulid(0, new Uint8Array(10).fill(255)), `${'0'.repeat(10)}${'Z'.repeat(16)}`);
  assert.ok(ulid(5, new Uint8Array(10).fill(255)) < ulid(6, new Uint8Array(10)));
});
