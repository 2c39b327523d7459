import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());
const skip = spawnSync('jq', ['--version']).error === undefined ? false : 'jq is not installed';

/** One that fails, one that succeeds, one that holds 150 MB. */
const SESSIONS: Readonly<Record<string, readonly string[]>> = {
  fails: ['sh', '-c', 'exit 3'],
  succeeds: ['true'],
  large: [process.execPath, '-e', 'const held = Buffer.alloc(150e6, 1); setTimeout(() => held.length, 1000)'],
};

before(async () => {
  for (const [id, command] of Object.entries(SESSIONS)) {
    await runCli(['run', '--log-dir', root.path, '--id', id, '--interval', '0.1', '--', ...command]);
  }
});

function jq(filter: string, ...file: string[]): string[] {
  return execFileSync('jq', ['-r', filter, join(root.path, ...file)])
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

test('jq selects sessions from the index by success, memory and anomalies', { skip }, () => {
  assert.deepEqual(jq('select(.success == false) | .session_id', 'sessions.jsonl'), ['fails']);
  assert.deepEqual(jq('select(.peak_rss_kb > 150000) | .dir_name', 'sessions.jsonl'), ['large']);
  assert.deepEqual(jq('select(.peak_rss_kb > 1000000) | .dir_name', 'sessions.jsonl'), []);
  const withAnomalies = root.lines('sessions.jsonl').filter((line) => Number(line['anomaly_count']) > 0).length;
  assert.equal(jq('select(.anomaly_count > 0) | .dir_name', 'sessions.jsonl').length, withAnomalies);
});

test('jq reads every line of every JSON file of a session, and keys are sorted', { skip }, () => {
  const keys = jq('[keys_unsorted == keys, .event] | @tsv', 'sessions', 'large', 'proc_trace.jsonl');
  assert.ok(keys.length >= 3, `${keys.length} snapshots`);
  assert.equal(keys.at(-1), 'true\texit_snapshot');
  assert.ok(keys.slice(0, -1).every((line) => line === 'true\tsnapshot'));
  assert.equal(jq('.ts', 'sessions', 'large', 'tree.jsonl').length, keys.length);
  assert.deepEqual(jq('.snapshot_count', 'sessions', 'large', 'summary.json'), [String(keys.length)]);
  assert.deepEqual(jq('.verdict.cause', 'sessions', 'fails', 'summary.json'), ['exit_nonzero']);
  const ended = jq('select(.event == "session_finished") | .session_id', 'session_lifecycle.log');
  assert.deepEqual(ended, Object.keys(SESSIONS));
});
