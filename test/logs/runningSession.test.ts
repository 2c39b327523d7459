import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { enrollmentFrom } from '../../src/core/session/readSession.ts';
import type { Summary } from '../../src/core/session/session.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { createRunningSession, reopenRunningSession, type RunningSession } from '../../src/logs/runningSession.ts';
import { addSession, DEAD, scratchFolder, scratchRoot } from './scratch.ts';

const root = scratchRoot();
const enrollment = enrollmentFrom(DEAD);
assert.ok(enrollment);

function create(name: string, problems: string[] = []): RunningSession {
  assert.ok(enrollment);
  const options = { onProblem: (message: string) => problems.push(message) };
  const created = createRunningSession(root, { ...enrollment, session_id: name }, options);
  assert.ok(created.ok);
  return created.session;
}

function summaryNamed(name: string): Summary {
  const summary = {
    session_id: name,
    dir_name: name,
    start_ts: 'x',
    skill_command: '',
    verdict: { cause: 'completed' },
  };
  return summary as Summary; // what storing it looks at
}

test('a published session has its summary, its series and its line, and nothing of how it was made', () => {
  const session = create('whole');
  assert.deepEqual(readdirSync(join(root.running, 'whole')), ['enrollment.json']);
  session.append('proc_trace', { b: 1, a: Number.NaN });
  const published = session.publish(summaryNamed('whole'));
  assert.deepEqual(published, { ok: true, dir: join(root.sessions, 'whole') });
  assert.deepEqual(readdirSync(join(root.sessions, 'whole')).toSorted(), ['proc_trace.jsonl', 'summary.json']);
  assert.equal(readFileSync(join(root.sessions, 'whole', 'proc_trace.jsonl'), 'utf8'), '{"a":null,"b":1}\n');
  assert.deepEqual(readdirSync(root.running), []);
  assert.equal(readFileSync(root.index, 'utf8').split('\n').length, 2);
  assert.equal(statSync(join(root.sessions, 'whole')).mode & 0o777, 0o700);
});

test('a name that runs or has run is not given again, and a file in the root’s place is another matter', () => {
  create('taken');
  assert.ok(enrollment);
  for (const name of ['taken', 'whole']) {
    const again = createRunningSession(root, { ...enrollment, session_id: name }, { onProblem: assert.fail });
    assert.equal(!again.ok && again.reason, 'exists');
  }
  const file = join(scratchFolder(), 'file');
  writeFileSync(file, '');
  const refused = createRunningSession(logRootAt(file), enrollment, { onProblem: assert.fail });
  assert.equal(!refused.ok && refused.reason, 'unwritable');
});

test('a session of the same name that was published meanwhile is not replaced', () => {
  const problems: string[] = [];
  const session = create('late', problems);
  const theirs = addSession(root, 'late');
  const published = session.publish(summaryNamed('late'));
  assert.equal(!published.ok && published.reason, 'taken');
  assert.deepEqual(readdirSync(theirs), ['summary.json']);
  assert.deepEqual(readdirSync(join(root.running, 'late')).toSorted(), ['enrollment.json', 'summary.json']);
  assert.equal(problems.length, 1);
});

test('one problem is told, the first, however many follow', () => {
  const problems: string[] = [];
  const session = create('moved', problems);
  renameSync(session.dir, join(root.path, 'elsewhere'));
  mkdirSync(session.dir);
  mkdirSync(join(session.dir, 'proc_trace.jsonl'));
  session.append('proc_trace', {});
  session.onWriteFailure(join(session.dir, 'stdout.log'), 'ENOSPC');
  assert.equal(session.publish(summaryNamed('moved')).ok, false);
  assert.deepEqual(problems, [
    `The log root ${root.path} was removed or replaced while the session ran; its record is lost.`,
  ]);
  assert.deepEqual(readdirSync(session.dir), ['proc_trace.jsonl']);
});

test('going on with a dead recorder’s session cuts torn lines and removes files that it had not finished', () => {
  const { dir } = create('reopened');
  writeFileSync(join(dir, 'proc_trace.jsonl'), '{"n":1}\n{"n":');
  writeFileSync(join(dir, '.summary.json.4000000'), '');
  writeFileSync(join(dir, '.notes'), 'somebody’s');
  reopenRunningSession(root, 'reopened', { onProblem: assert.fail }).append('proc_trace', { n: 2 });
  assert.equal(readFileSync(join(dir, 'proc_trace.jsonl'), 'utf8'), '{"n":1}\n{"n":2}\n');
  assert.deepEqual(readdirSync(dir).toSorted(), ['.notes', 'enrollment.json', 'proc_trace.jsonl']);
});
