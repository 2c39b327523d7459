import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, showSession, testRoot } from './builtCli.ts';

const root = testRoot();
const bin = mkdtempSync(join(tmpdir(), 'last-word-'));
after(() => {
  root.remove();
  rmSync(bin, { recursive: true });
});

/** Agents that write no log where their service said no. */
async function toldOf(id: string, agent: string, stderr: readonly string[]): Promise<unknown> {
  const script = stderr.map((line) => `echo '${line}' >&2`).join('\n');
  writeFileSync(join(bin, agent), `#!/bin/sh\n${script}\nexit 1\n`, { mode: 0o755 });
  await runCli(['run', '--log-dir', root.path, '--id', id, '--', join(bin, agent), '-p', 'x'], { env: { HOME: bin } });
  const shown = (await showSession(root, id)) as { readonly failures?: unknown };
  return shown.failures;
}

test("an agent's last word on stderr tells which service said no, and where that stands", async () => {
  const failures = (await toldOf('refused', 'cn', [
    'a warning',
    '{"status":"error","message":"401 The key was revoked."}',
  ])) as { readonly counts: unknown; readonly sources: readonly { readonly line: number; readonly detail: string }[] };
  assert.deepEqual(failures.counts, { network: 1 });
  assert.deepEqual(
    failures.sources.map(({ line, detail }) => `${line} ${detail}`),
    ['2 auth'],
  );
});

test('a line of a log on stderr, or a last word that others follow, is no last word', async () => {
  const log = '{"level":"error","time":1,"message":"401 The key was revoked."}';
  assert.equal(await toldOf('logged', 'cn', [log]), null);
  assert.equal(await toldOf('recovered', 'cn', ['{"status":"error","message":"401 x"}', 'and on']), null);
  assert.equal(await toldOf('anybody', 'tool', ['{"status":"error","message":"401 x"}']), null);
});
