import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { jsonDocument, jsonLine } from '../../../src/core/words/json.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { overviewOf } from '../../../src/server/panel/overviewOf.ts';
import { SessionReader } from '../../../src/server/panel/sessionReader.ts';

let home: string;
let log: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'session-diagnostics-transcript-'));
  log = join(home, 'running/live/stdout.log');
  mkdirSync(join(home, 'running/live'), { recursive: true });
  writeFileSync(
    join(home, 'running/live/enrollment.json'),
    jsonDocument({
      session_id: 'live',
      enrolled_at: new Date().toISOString(),
      agent: 'claude',
      cwd: '/nowhere',
      skill_command: 'claude -p x',
      interval_seconds: 1,
    }),
  );
});
afterEach(() => rmSync(home, { recursive: true }));

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString();
}

function line(second: number, record: object): string {
  return `${jsonLine({ timestamp: at(second), sessionId: 's', uuid: 'u', ...record })}\n`;
}

const call = (second: number, id: string, command?: string): string =>
  line(second, {
    type: 'assistant',
    message: { id, role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: { command } }] },
  });
const result = (second: number, id: string, text: string, isError: boolean): string =>
  line(second, {
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text, is_error: isError }] },
  });

test('the calls of a running session show as they come, and so do its failures, before there is a summary', () => {
  writeFileSync(log, call(1, 'a') + result(2, 'a', 'Exit code 127\nsh: 1: thing: not found', true) + call(3, 'b'));
  const reader = new SessionReader({ root: home, id: 'live' }, logRootAt(home));
  assert.ok(reader.refresh());
  const first = overviewOf(reader);
  assert.deepEqual(
    first.calls.map(({ tool_kind, status }) => `${tool_kind} ${status}`),
    ['shell failed', 'shell open'],
  );
  assert.deepEqual(first.failures?.counts, { missing_dependency: 1 });
  const before = reader.progress.overview;
  appendFileSync(log, result(9, 'b', 'fine', false));
  reader.refresh();
  assert.equal(overviewOf(reader).calls[1]?.status, 'ok');
  assert.ok(reader.progress.overview > before, 'the panel is told to ask again');
});

test('calls carry their command and their first lines, failures and the story too, and none of it is in the failures', () => {
  writeFileSync(
    log,
    call(1, 'a', 'npm-not-there test') +
      result(2, 'a', 'Exit code 127\nsh: 1: npm-not-there: not found', true) +
      call(3, 'b', 'cat fifo'),
  );
  const reader = new SessionReader({ root: home, id: 'live' }, logRootAt(home));
  reader.refresh();
  const { calls, failures, failureTexts, story } = overviewOf(reader);
  assert.deepEqual(
    calls.map(({ asked, answer }) => [asked, answer]),
    [
      ['npm-not-there test', 'sh: 1: npm-not-there: not found'],
      ['cat fifo', undefined],
    ],
  );
  assert.deepEqual(failureTexts, [{ asked: 'npm-not-there test', answer: 'sh: 1: npm-not-there: not found' }]);
  assert.ok(!JSON.stringify(failures).includes('npm-not-there'), 'which reports are made of');
  assert.match(story[0]?.text ?? '', /in a shell call: `cat fifo`\.$/);
});

test('a transcript of fifty megabytes is read in parts, and at last completely', () => {
  const filler = line(1, {
    type: 'assistant',
    message: { id: 'm', content: [{ type: 'text', text: 'x'.repeat(100_000) }] },
  });
  writeFileSync(log, filler.repeat(500) + call(3, 'late'));
  const reader = new SessionReader({ root: home, id: 'live' }, logRootAt(home));
  reader.refresh();
  assert.ok(reader.transcript.isBehind);
  assert.equal(overviewOf(reader).calls.length, 0);
  for (let turn = 0; turn < 60 && reader.transcript.isBehind; turn += 1) reader.refresh();
  assert.equal(overviewOf(reader).calls.length, 1);
});
