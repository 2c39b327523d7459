import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AgentHome, healthyLogs, openLogs, startAgent, type WhyAnswer } from './agentHome.ts';
import { claudeAnswer, claudeCall, claudeLine, claudeOpen } from './agentLines.ts';

const HOUR_AGO = Date.now() - 3_600_000;

test('the logs of seven agents in their usual places are sessions, and no healthy one is accused', async () => {
  const home = new AgentHome();
  for (const { place, text } of healthyLogs()) home.write(place, text);
  const rows = await home.list();
  assert.deepEqual(
    rows
      .filter(({ outcome }) => outcome !== 'succeeded')
      .map(({ dir_name, outcome, cause }) => [dir_name, outcome, cause]),
    [],
  );
  assert.ok(rows.length >= 30, `${rows.length} healthy logs`);
  assert.equal(new Set(rows.map(({ agent }) => agent)).size, 7);
  assert.deepEqual([...new Set(rows.map(({ state, exit_code }) => `${state} ${exit_code}`))], ['log_only null']);
});

test('those that stop in a call are told so, with the call, and why is not known', async () => {
  const home = new AgentHome();
  const logs = openLogs();
  for (const { place, text } of logs) home.write(place, text);
  const rows = await home.list();
  assert.equal(rows.length, logs.length);
  for (const { dir_name, outcome, cause } of rows) assert.deepEqual([outcome, cause], ['lost', 'vanished'], dir_name);
  const oneOfEach = new Map(rows.map(({ agent, dir_name }) => [agent, dir_name]));
  for (const dir_name of oneOfEach.values()) {
    const { stdout } = await home.cli('show', dir_name);
    assert.match(stdout, /Stopped in the middle of its work; why is not known.*\(possible\)/s);
    assert.match(stdout, /Open when its log stops: a/);
  }
  // One answer, whoever is asked.
  const [id = ''] = oneOfEach.values();
  const [shown, why] = [await home.json<WhyAnswer>('show', id), await home.json<WhyAnswer>('why', id)];
  assert.deepEqual(shown.verdict, why.verdict);
  assert.deepEqual(await home.json('show', id.slice(0, -2)), shown, 'its beginning is enough');
  assert.deepEqual([shown.verdict.outcome, shown.verdict.cause], ['lost', 'vanished']);
});

test('what a person interrupted, what a service ended and what nobody asked are none that died', async () => {
  const home = new AgentHome();
  const interrupted = claudeLine('user', HOUR_AGO + 6000, [
    { type: 'text', text: '[Request interrupted by user for tool use]' },
  ]);
  home.write('.claude/projects/-a/interrupted.jsonl', claudeOpen(HOUR_AGO) + interrupted);
  const refused = { error: 'rate_limit', isApiErrorMessage: true };
  const error = claudeLine('assistant', HOUR_AGO + 6000, [{ type: 'text', text: 'API Error: 429' }], {}).replace(
    '{"type"',
    `{${JSON.stringify(refused).slice(1, -1)},"type"`,
  );
  home.write('.claude/projects/-a/refused.jsonl', claudeLine('user', HOUR_AGO, 'go') + error);
  home.write(
    '.claude/projects/-a/unasked.jsonl',
    `${JSON.stringify({ type: 'summary', leafUuid: 'x', summary: 's' })}\n`,
  );
  const rows = await home.list();
  assert.deepEqual(rows.map(({ outcome, cause }) => `${outcome} ${cause}`).toSorted(), [
    'incomplete ended_mid_task',
    'stopped interrupted',
  ]);
});

test('a log that a living process has open runs; killed, it does not', async () => {
  const home = new AgentHome();
  const { child } = startAgent(home, 'work');
  await once(child.stdout ?? child, 'data');
  const [row] = await home.list();
  assert.deepEqual([row?.outcome, row?.cause], ['running', null]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [after] = await home.list();
  assert.deepEqual([after?.outcome, after?.cause], ['lost', 'vanished']);
});

test('a session that was also recorded appears once', async () => {
  const home = new AgentHome();
  const agent = home.write('bin/claude', `#!/bin/sh\ncat "$1" > "$2"\n`);
  home.write(
    'text',
    claudeLine('user', Date.now(), 'go').replaceAll('/srv/app', home.path) + claudeAnswer(Date.now() + 1000),
  );
  const log = home.write(`.claude/projects/${home.path.replace(/[^a-zA-Z0-9]/g, '-')}/s.jsonl`, '');
  const old = home.write('.claude/projects/-srv-app/old.jsonl', claudeOpen(HOUR_AGO));
  utimesSync(old, HOUR_AGO / 1000, HOUR_AGO / 1000);
  const run = await home.cli('run', '--id', 'recorded', '--', '/bin/sh', agent, join(home.path, 'text'), log);
  assert.equal(run.code, 0, run.stderr);
  const linked = await home.cli('link', 'recorded', log);
  assert.equal(linked.code, 0, linked.stderr);
  const rows = await home.list();
  assert.deepEqual(rows.map(({ state }) => state).toSorted(), ['finished', 'log_only']);
  assert.equal((await home.json<readonly unknown[]>('list')).length, 1);
});

test('links, logs of old and folders that nobody named are left out; --logs-in names one', async () => {
  const home = new AgentHome();
  const other = new AgentHome();
  const log = other.write('elsewhere/deep/s.jsonl', claudeOpen(HOUR_AGO));
  home.write('.claude/projects/-a/x', '');
  symlinkSync(log, join(home.path, '.claude/projects/-a/link.jsonl'));
  const old = home.write('.claude/projects/-a/old.jsonl', claudeOpen(HOUR_AGO));
  utimesSync(old, 1, Date.now() / 1000 - 91 * 86_400);
  assert.deepEqual(await home.list(), []);
  const { stdout } = await home.cli('list', '--logs', '--logs-in', other.path);
  assert.match(stdout, /Vanished \(log only\)/);
});

test('a prompt and a command are kept without their credentials, for this user alone', async () => {
  const home = new AgentHome();
  const canary = `ghp_${'a1B2'.repeat(9)}`;
  home.write(
    '.claude/projects/-a/s.jsonl',
    claudeLine('user', HOUR_AGO, `use ${canary} to push`) +
      claudeCall(HOUR_AGO + 1, `curl -H "Authorization: Bearer ${canary}" x`),
  );
  const [row] = await home.list();
  assert.match(row?.skill_command ?? '', /^use \[redacted:\w+\] to push$/);
  const cache = join(home.path, 'share/autoskillit/logs/agent-logs.json');
  assert.equal(readFileSync(cache, 'utf8').includes(canary), false);
  assert.equal(statSync(cache).mode & 0o777, 0o600);
  for (const command of ['show', 'why']) {
    const { stdout } = await home.cli(command, row?.dir_name ?? '');
    assert.equal(stdout.includes(canary), false, command);
  }
});

test('a report of one holds nothing of its texts, and says what nobody saw', async () => {
  const home = new AgentHome();
  home.write(
    '.claude/projects/-a/s.jsonl',
    claudeLine('user', HOUR_AGO, 'canary-prompt in /srv/canary-folder') +
      claudeCall(HOUR_AGO + 1, 'canary-command --now'),
  );
  const [row] = await home.list();
  for (const format of ['markdown', 'json', 'skillevolve']) {
    const { code, stdout, stderr } = await home.cli('report', row?.dir_name ?? '', '--format', format);
    assert.equal(code, 0, stderr);
    assert.equal(/canary/.test(stdout), false, format);
  }
  const { stdout } = await home.cli('report', row?.dir_name ?? '');
  assert.match(stdout, /why is not known, for nobody recorded it/);
});

test('analyze without a file reads the newest log', async () => {
  const home = new AgentHome();
  assert.match((await home.cli('analyze')).stderr, /No agent has left a log/);
  const old = home.write('.claude/projects/-a/old.jsonl', claudeOpen(HOUR_AGO));
  utimesSync(old, HOUR_AGO / 1000, HOUR_AGO / 1000);
  home.write('.claude/projects/-a/newest.jsonl', claudeOpen(HOUR_AGO));
  assert.match((await home.cli('analyze')).stdout, /^newest\.jsonl {2}claude_transcript/);
});
