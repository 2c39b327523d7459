import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../cli/builtCli.ts';
import { DEMO_SESSIONS, recordDemo } from './demoSessions.ts';

/** What each example is there to show; the first word of an outcome, a cause, or what its log says went wrong. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  'demo-good': /^succeeded /,
  'demo-bad': /^failed .*missing_dependency/,
  'demo-network': /^failed .*network/,
  'demo-agent-oom': /^died oom_kill/,
  'demo-child-oom': /^failed /,
};

test('the demo’s sessions end as they are meant to, and those that live are live', { timeout: 120_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-demo-'));
  const workspace = join(home, 'demo');
  const root = join(home, 'share/autoskillit/logs');
  mkdirSync(workspace);
  const demo = recordDemo({ home, workspace, root, env: { ...process.env, XDG_DATA_HOME: join(home, 'share') } });
  try {
    for (const { id } of DEMO_SESSIONS) {
      const expected = EXPECTED[id];
      if (demo.missing.includes(id)) continue;
      if (expected === undefined) {
        assert.ok(existsSync(join(root, 'running', id)), `${id} runs`);
        continue;
      }
      const path = join(root, 'sessions', id, 'summary.json');
      await until(`${id} to end`, () => existsSync(path), 60_000);
      const { verdict, failures } = JSON.parse(readFileSync(path, 'utf8')) as {
        readonly verdict: { readonly outcome: string; readonly cause: string };
        readonly failures: { readonly counts: Readonly<Record<string, number>> } | null;
      };
      assert.match(
        `${verdict.outcome} ${verdict.cause} ${Object.keys(failures?.counts ?? {}).join(' ')}`,
        expected,
        id,
      );
    }
  } finally {
    demo.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});
