import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
const HOUR_MS = 3_600_000;
const canary = `canary${Math.random().toString(36).slice(2)}`;

function writeSession(name: string, hoursAgo: number, isDeath: boolean): void {
  const dir = join(root.path, 'sessions', name);
  mkdirSync(dir, { recursive: true });
  const summary = {
    start_ts: new Date(Date.now() - hoursAgo * HOUR_MS - 60_000).toISOString(),
    end_ts: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
    duration_seconds: 60,
    agent: 'codex',
    cwd: `/home/${canary}`,
    skill_command: canary,
    verdict: isDeath ? { outcome: 'died', cause: 'oom_kill' } : { outcome: 'succeeded', cause: 'completed' },
  };
  writeFileSync(join(dir, 'summary.json'), JSON.stringify(summary));
  const death = { event: 'session_death_detected', timestamp: summary.end_ts, context: { output_size_bytes: 2000 } };
  writeFileSync(join(dir, 'lifecycle.jsonl'), `${JSON.stringify(death)}\n`);
}

before(() => {
  for (let n = 0; n < 60; n += 1) writeSession(`old-${n}`, 200 + 5 * n, n % 20 === 0);
  for (let n = 0; n < 10; n += 1) writeSession(`new-${n}`, 1 + n, n < 8);
  writeSession('ancient', 24 * 40, true);
});
after(() => root.remove());

const patterns = (...args: string[]) =>
  runCli(['patterns', '--log-dir', root.path, ...args], { env: { TZ: 'Asia/Tokyo' } });

test('a jump of the death rate is told in one sentence with its numbers and its test, in a named time zone', async () => {
  const { code, stdout, stderr } = await patterns();
  assert.equal(code, 0, stderr);
  const text = stdout.replace(/\s+/g, ' ');
  assert.match(
    text,
    /^70 sessions ended in the last 30 days; 11 died\. The death rate rose: 8 of 10 died in the last day/,
  );
  assert.match(
    text,
    /3 of 60 before\. With an unchanged rate the chance of that is (?:1 in \d+|less than 1 in a million) \(Fisher’s exact test\)/,
  );
  assert.match(text, /Causes of death: OOM-killed 11\./);
  assert.match(text, /By hour \(Asia\/Tokyo\)/);
  assert.match(text, /codex 11 of 70 16 %/);
  assert.ok(!stdout.includes(canary));
});

test('--json gives the same as data, and --days how far back', async () => {
  const { stdout } = await patterns('--json', '--days', '60');
  const found = JSON.parse(stdout) as {
    readonly sessions: number;
    readonly time_zone: string;
    readonly rate: { readonly state: string };
    readonly by_output_size: readonly object[];
  };
  assert.equal(found.sessions, 71);
  assert.equal(found.time_zone, 'Asia/Tokyo');
  assert.equal(found.rate.state, 'rose');
  assert.deepEqual(found.by_output_size, [{ key: 'under 10 KB', sessions: 71, deaths: 12, stands_out: false }]);
});

test('of few or no sessions it says so', async () => {
  const few = await patterns('--days', '1');
  assert.match(few.stdout.replace(/\s+/g, ' '), /Too few sessions to say whether more die than before/);
  const none = await runCli(['patterns', '--log-dir', join(root.path, 'nothing')]);
  assert.equal(none.stdout, 'No session ended in the last 30 days.\n');
  assert.equal((await patterns('--days', '0')).code, 2);
});
