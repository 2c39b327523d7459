import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSession, type SessionWanted } from '../../src/agents/openCode/openCodeDatabase.ts';
import { analyzed } from './analyze.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const WANTED: SessionWanted = { id: undefined, cwd: '/srv/app', startMs: NOW, endMs: NOW + 60_000 };

/** An agent that has its database open, and goes on writing to it until its stdin ends. */
const WRITER = `
const { DatabaseSync } = require('node:sqlite');
const [, path, mode] = process.argv;
const db = new DatabaseSync(path);
db.exec('PRAGMA journal_mode = ' + mode);
db.exec('CREATE TABLE session (id TEXT PRIMARY KEY, directory TEXT, version TEXT, time_created INTEGER, time_updated INTEGER)');
db.exec('CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT)');
db.exec('CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, data TEXT)');
const session = db.prepare('INSERT INTO session VALUES (?, ?, ?, ?, ?)');
const message = db.prepare('INSERT INTO message VALUES (?, ?, ?, ?)');
const part = db.prepare('INSERT INTO part VALUES (?, ?, ?, ?, ?)');
const now = ${NOW};
session.run('ses_old', '/srv/app', '1', now - 900000, now - 800000);
session.run('ses_other', '/srv/elsewhere', '1', now, now + 1000);
session.run('ses_mine', '/srv/app', '1', now, now + 2000);
message.run('m1', 'ses_mine', now, JSON.stringify({ role: 'user' }));
message.run('m2', 'ses_mine', now + 1, JSON.stringify({ role: 'assistant', time: {} }));
const tool = (callID, state) => JSON.stringify({ type: 'tool', tool: 'bash', callID, state });
part.run('p1', 'm2', 'ses_mine', now + 2, JSON.stringify({ type: 'step-start' }));
part.run('p2', 'm2', 'ses_mine', now + 3, tool('c1', { status: 'completed', input: { command: 'frob' }, output: 'sh: frob: command not found', metadata: { exit: 127 } }));
part.run('p3', 'm2', 'ses_mine', now + 4, tool('c2', { status: 'running', input: { command: 'make' } }));
process.stdout.write('written\\n');
process.stdin.on('data', () => { message.run('m' + Math.random(), 'ses_other', now, '{}'); process.stdout.write('more\\n'); });
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
`;

interface LiveDatabase {
  readonly path: string;
  readonly write: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

async function liveDatabase(dir: string, mode: string): Promise<LiveDatabase> {
  const path = join(dir, 'opencode.db');
  const child = spawn(process.execPath, ['--no-warnings', '-e', WRITER, path, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    path,
    write: async () => {
      child.stdin.write('x');
      await once(child.stdout, 'data');
    },
    kill: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

function filesAt(path: string): readonly string[] {
  return ['', '-wal', '-shm', '-journal'].map((suffix) => {
    const file = `${path}${suffix}`;
    if (!existsSync(file)) return 'absent';
    return `${statSync(file).mtimeMs} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
  });
}

function linesOf(path: string, wanted: SessionWanted): string[] {
  const opened = openSession(path, wanted);
  assert.equal(opened.type, 'session');
  const lines: string[] = [];
  if (opened.type === 'session') opened.read((line) => lines.push(line));
  return lines;
}

for (const mode of ['WAL', 'DELETE']) {
  test(`a database in ${mode} mode is read while its agent writes it, and no file of it changes`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'opencode-db-'));
    const live = await liveDatabase(dir, mode);
    try {
      const before = filesAt(live.path);
      const failures = analyzed(linesOf(live.path, WANTED));
      assert.equal(failures.format, 'opencode_database');
      assert.deepEqual(
        failures.sources.map(({ category, rule }) => `${category} ${rule}`),
        ['missing_dependency command_not_found', 'unknown call_open_at_end'],
      );
      assert.deepEqual(filesAt(live.path), before);
      await live.write(); // nobody holds a lock that would refuse it
      assert.equal(linesOf(live.path, { ...WANTED, id: 'ses_other' }).length, 1);
    } finally {
      await live.kill();
    }
    const left = filesAt(live.path);
    assert.equal(analyzed(linesOf(live.path, WANTED)).counts.missing_dependency, 1, 'after its agent was killed');
    assert.deepEqual(filesAt(live.path), left);
    rmSync(dir, { recursive: true });
  });
}

test('what is no database of the agent is no session', () => {
  const dir = mkdtempSync(join(tmpdir(), 'opencode-db-'));
  const path = join(dir, 'opencode.db');
  assert.equal(openSession(path, WANTED).type, 'none');
  writeFileSync(path, 'SQLite format 3\0 and then something else');
  assert.equal(openSession(path, WANTED).type, 'none');
  rmSync(dir, { recursive: true });
});
