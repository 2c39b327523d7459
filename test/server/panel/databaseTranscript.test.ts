import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { createRedactor } from '../../../src/core/privacy/redact.ts';
import { jsonDocument } from '../../../src/core/words/json.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { overviewOf } from '../../../src/server/panel/overviewOf.ts';
import { SessionReader } from '../../../src/server/panel/sessionReader.ts';
import { excerptsOf } from '../../../src/sessions/excerpts.ts';
import { readTimedTurns } from '../../../src/sessions/timedTurns.ts';

let home: string;
let database: DatabaseSync;
const environment = process.env['XDG_DATA_HOME'];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'session-diagnostics-database-'));
  mkdirSync(join(home, 'share/opencode'), { recursive: true });
  process.env['XDG_DATA_HOME'] = join(home, 'share');
  database = new DatabaseSync(join(home, 'share/opencode/opencode.db'));
  database.exec('PRAGMA journal_mode = WAL');
  for (const columns of [
    'session (id, directory, version',
    'message (id, session_id',
    'part (id, message_id, session_id',
  ]) {
    const times = columns.startsWith('session') ? 'time_created, time_updated' : 'time_created, data';
    database.exec(`CREATE TABLE ${columns}, ${times})`);
  }
  insert('session', 'ses_live01', '/srv/app', '1', Date.now(), Date.now() + 1000);
  insert('message', 'm1', 'ses_live01', Date.now(), JSON.stringify({ role: 'assistant', time: {} }));
});
afterEach(() => {
  database.close();
  rmSync(home, { recursive: true });
  if (environment === undefined) delete process.env['XDG_DATA_HOME'];
  else process.env['XDG_DATA_HOME'] = environment;
});

function insert(table: string, ...values: readonly (string | number)[]): void {
  database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values);
}

function call(id: string, state: object): void {
  const data = JSON.stringify({ type: 'tool', tool: 'bash', callID: id, state });
  database.prepare('DELETE FROM part WHERE id = ?').run(id);
  insert('part', id, 'm1', 'ses_live01', Date.now(), data);
}

function session(folder: string, file: string, record: object): string {
  const dir = join(home, 'logs', folder);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, file), jsonDocument(record));
  return dir;
}

test('the calls of a running agent that keeps its log in a database show as they come', () => {
  const enrolled_at = new Date().toISOString();
  const what = { agent: 'opencode', cwd: '/srv/app', skill_command: 'opencode run x', interval_seconds: 1 };
  session('running/live', 'enrollment.json', { session_id: 'live', enrolled_at, ...what });
  call('p1', { status: 'running', input: { command: 'frob' } });
  const reader = new SessionReader({ root: join(home, 'logs'), id: 'live' }, logRootAt(join(home, 'logs')));
  const shown = (): string[] => {
    reader.refresh();
    return overviewOf(reader).calls.map(({ tool_kind, status }) => `${tool_kind} ${status}`);
  };
  assert.deepEqual(shown(), ['shell open']);
  call('p1', { status: 'completed', output: 'sh: frob: command not found', metadata: { exit: 127 } });
  assert.deepEqual(shown(), ['shell failed']);
  assert.deepEqual(overviewOf(reader).failures?.counts, { missing_dependency: 1 });
  const before = reader.progress.overview;
  assert.deepEqual(shown(), ['shell failed']);
  assert.equal(reader.progress.overview, before, 'what has not changed is not read again');
});

test('a report says in detail what failed in a database, and when its calls were', () => {
  call('p1', { status: 'completed', output: 'sh: frob: command not found', metadata: { exit: 127 } });
  const transcript = `${join(home, 'share/opencode/opencode.db')}#ses_live01`;
  const source = {
    category: 'missing_dependency',
    rule: 'command_not_found',
    confidence: 'certain',
    line: 1,
    ts: null,
  };
  const failures = {
    format: 'opencode_database',
    total_lines: 2,
    counts: { missing_dependency: 1 },
    sources: [{ ...source, handle: 'src:0123456789ab:L1' }],
    suspect: { layer: 'environment', confidence: 'certain', because: [], sentence: 'x' },
  };
  const dir = session('sessions/ended', 'summary.json', { session_id: 'ended', transcript, failures });
  const place = { name: 'ended', dir, state: 'finished' } as const;
  const excerpts = excerptsOf(
    { root: logRootAt(join(home, 'logs')), place },
    createRedactor({ identity: {}, secrets: [] }),
  );
  assert.deepEqual(excerpts, [{ handle: 'src:0123456789ab:L1', text: 'sh: frob: command not found' }]);
  assert.deepEqual(
    readTimedTurns(transcript).flatMap(({ calls }) => calls.map(({ status }) => status)),
    ['failed'],
  );
});
