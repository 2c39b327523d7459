import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codexBinary, codexCommand } from '../rig/codexAgent.ts';
import { startScriptedModel, type ModelStep } from '../rig/scriptedModel.ts';
import { runCli, showSession, testRoot, type ShownSession } from './builtCli.ts';
import { makeMemoryGroup, MEMORY_HOG } from './deaths/memoryGroup.ts';

const codex = codexBinary();
const skip = 'missing' in codex ? codex.missing : false;
const root = testRoot();
after(() => root.remove());

interface ShownFailures {
  readonly counts: Record<string, number>;
  readonly sources: readonly { readonly category: string; readonly rule: string; readonly handle: string }[];
  readonly suspect: { readonly layer: string; readonly sentence: string };
}

interface ListedSuspect {
  readonly dir_name: string;
  readonly suspect: string | null;
}

/** Records the real agent, talking to a scripted model, through the built command line. */
async function recorded(id: string, script: readonly ModelStep[]): Promise<ShownSession & { failures: ShownFailures }> {
  if ('missing' in codex) throw new Error(codex.missing); // the caller is skipped
  const home = mkdtempSync(join(tmpdir(), 'codex-session-'));
  const model = await startScriptedModel(script);
  try {
    const { argv, env } = codexCommand(codex.path, model.url, home);
    await runCli(['run', '--log-dir', root.path, '--id', id, '--interval', '0.2', '--', ...argv], { cwd: home, env });
    const shown = (await showSession(root, id)) as ShownSession & { failures: ShownFailures }; // checked by each test
    const handle = shown.failures.sources[0]?.handle;
    if (handle !== undefined) {
      const located = await runCli(['locate', handle, '--log-dir', root.path]);
      assert.match(located.stdout, /\/sessions\/.*rollout-.*\.jsonl:\d+\n$/);
    }
    return shown;
  } finally {
    await model.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

test(
  'a real agent that misses a binary: its rollout is found, and the missing dependency is told',
  { skip },
  async () => {
    const shown = await recorded('missing', [{ run: 'no-such-binary --version' }, { say: 'it is missing' }]);
    assert.equal(shown.verdict.cause, 'completed');
    assert.deepEqual(shown.failures.counts, { missing_dependency: 1 });
    assert.equal(shown.summary['agent'], 'codex');
    assert.match(String(shown.summary['transcript']), /rollout-/);
  },
);

test('a model server that answers 429: the environment is the suspect, not the model', { skip }, async () => {
  const shown = await recorded('overloaded', [{ status: 429 }]);
  assert.equal(shown.verdict.outcome, 'failed');
  assert.deepEqual(shown.failures.counts, { network: 1 });
  assert.equal(shown.failures.suspect.layer, 'environment');
  const listed = JSON.parse((await runCli(['list', '--json', '--log-dir', root.path])).stdout) as ListedSuspect[];
  assert.equal(listed.find((line) => line.dir_name === 'overloaded')?.suspect, 'environment');
  const table = (await runCli(['list', '--log-dir', root.path])).stdout.split('\n');
  assert.match(table[0] ?? '', / suspect {2,}command/);
  assert.match(table.find((line) => line.includes('overloaded')) ?? '', / environment {2,}/);
});

test(
  "a memory-hungry child that the kernel kills: the transcript's bare 137 becomes a resource failure",
  { skip },
  async (t) => {
    const group = makeMemoryGroup(64 << 20);
    if (group === undefined) {
      t.skip('memory groups are not writable here');
      return;
    }
    t.after(() => group.remove());
    const hog = `sh -c 'echo $$ > ${group.procs}; exec python3 -c "${MEMORY_HOG}"'`;
    const shown = await recorded('hungry', [{ run: hog }, { say: 'it was killed' }]);
    assert.deepEqual(shown.failures.counts, { resource: 1 }, JSON.stringify(shown.failures));
    assert.ok(shown.verdict.evidence.some((item) => item.kind === 'kernel_log' || item.kind.endsWith('_oom_counter')));
  },
);

for (const [id, step, category] of [
  ['limited', { run: 'timeout 0.2 sleep 20' }, 'timeout'],
  ['broken', { status: 500 }, 'network'],
  ['closed', { close: true }, 'network'],
] as const) {
  test(`a recorded agent that is ${id} is told as ${category}`, { skip }, async () => {
    const shown = await recorded(id, [step, { say: 'ok' }]);
    assert.deepEqual(shown.failures.counts, { [category]: 1 });
    assert.equal(shown.failures.suspect.layer === 'model', false);
  });
}

test('over all sessions one sees which day, which agent and which workspace fail with what', { skip }, async () => {
  const told = JSON.parse((await runCli(['trend', '--json', '--log-dir', root.path])).stdout) as {
    by_agent: { key: string; sessions_by_category: Record<string, number> }[];
    by_workspace: { key: string }[];
  };
  const codexGroup = told.by_agent.find(({ key }) => key === 'codex');
  assert.ok((codexGroup?.sessions_by_category['network'] ?? 0) >= 3, JSON.stringify(told.by_agent));
  assert.ok(told.by_workspace.every(({ key }) => /^[0-9a-f]{12}$/.test(key)));
  assert.match((await runCli(['trend', '--log-dir', root.path])).stdout, /By day\n {2}\d{4}-\d\d-\d\d/);
});

test('a transcript that was not found by itself can be linked by hand', async () => {
  await runCli(['run', '--log-dir', root.path, '--id', 'unlinked', '--', 'true']);
  const file = join(root.path, '..', 'events.jsonl');
  writeFileSync(
    file,
    `{"type":"thread.started","thread_id":"t"}\n{"type":"turn.started"}\n{"type":"turn.failed","error":{"message":"stream disconnected before completion"}}\n`,
  );
  const linked = await runCli(['link', 'unlinked', file, '--log-dir', root.path, '--json']);
  assert.equal(linked.code, 0, linked.stderr);
  const shown = (await showSession(root, 'unlinked')) as ShownSession & { failures: ShownFailures };
  assert.deepEqual(shown.failures.counts, { network: 1 });
  const listed = JSON.parse((await runCli(['list', '--json', '--log-dir', root.path])).stdout) as ListedSuspect[];
  assert.equal(listed.find((line) => line.dir_name === 'unlinked')?.suspect, 'environment');
  assert.equal((await runCli(['link', 'nobody', file, '--log-dir', root.path])).code, 1);
});

test('nothing that the agent or its tools said is in what list and show print', { skip }, async () => {
  const canary = `canary${Math.random().toString(36).slice(2)}`;
  const shown = await recorded('private', [{ run: `echo ${canary} >&2; exit 3` }, { say: canary }]);
  assert.deepEqual(shown.failures.counts, { command_exit: 1 });
  assert.ok(!JSON.stringify(shown).includes(canary));
});
