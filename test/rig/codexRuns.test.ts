import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Failures } from '../../src/core/session/failures.ts';
import { analyzed, found } from '../agents/analyze.ts';
import { codexBinary, runCodex } from './codexAgent.ts';
import { startScriptedModel, type ModelStep } from './scriptedModel.ts';

const codex = codexBinary();
const skip = 'missing' in codex ? codex.missing : false;

interface Told {
  /** From the rollout that Codex wrote. */
  readonly rollout: Failures;
  /** From what `codex exec --json` printed. */
  readonly exec: Failures;
}

/** Runs the real agent against a scripted model and reads both of its logs. */
async function tell(script: readonly ModelStep[]): Promise<Told> {
  if ('missing' in codex) throw new Error(codex.missing); // the caller is skipped
  const home = mkdtempSync(join(tmpdir(), 'codex-run-'));
  const model = await startScriptedModel(script);
  try {
    const run = await runCodex(codex.path, { modelUrl: model.url, home, cwd: home });
    assert.ok(run.rollout !== undefined, 'Codex wrote no rollout');
    const lines = (text: string): string[] => text.trimEnd().split('\n');
    return { rollout: analyzed(lines(readFileSync(run.rollout, 'utf8'))), exec: analyzed(lines(run.stdout)) };
  } finally {
    await model.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function rulesOf(failures: Failures): string[] {
  return found(failures).map((line) => line.replace(/^\d+ /, ''));
}

test('a missing binary', { skip, timeout: 60_000 }, async () => {
  const told = await tell([{ run: 'no-such-binary --version' }, { say: 'it is missing' }]);
  assert.deepEqual(rulesOf(told.rollout), ['missing_dependency command_not_found']);
  assert.deepEqual(rulesOf(told.exec), ['missing_dependency command_not_found']);
  assert.equal(told.rollout.sources[0]?.exit_code, 127);
});

test('a failing command beside a search without a match', { skip, timeout: 60_000 }, async () => {
  const told = await tell([{ run: 'echo no; exit 3' }, { run: 'grep nothing /dev/null' }, { say: 'ok' }]);
  assert.deepEqual(rulesOf(told.rollout), ['command_exit exit_nonzero']);
  assert.deepEqual(rulesOf(told.exec), ['command_exit exit_nonzero']);
});

test('a command that its own limit ends', { skip, timeout: 60_000 }, async () => {
  const told = await tell([{ run: 'timeout 0.2 sleep 20' }, { say: 'ok' }]);
  assert.deepEqual(rulesOf(told.rollout), ['timeout exit_124']);
  assert.deepEqual(rulesOf(told.exec), ['timeout exit_124']);
});

for (const [name, step] of Object.entries<ModelStep>({
  'answers 429': { status: 429 },
  'answers 500': { status: 500 },
  'answers 401': { status: 401 },
  'closes the connection': { close: true },
})) {
  test(`a model server that ${name} is the environment's fault`, { skip, timeout: 60_000 }, async () => {
    const told = await tell([step]);
    for (const failures of [told.rollout, told.exec]) {
      assert.deepEqual(failures.counts, { network: 1 });
      assert.deepEqual([failures.suspect.layer, failures.ended_by], ['environment', 'network']);
    }
  });
}

test('a call that does not fit its tool is the tool layer', { skip, timeout: 60_000 }, async () => {
  const told = await tell([
    { call: 'no_such_tool', args: {} },
    { call: 'exec_command', args: { nope: 1 } },
    { say: 'ok' },
  ]);
  assert.deepEqual(rulesOf(told.rollout), ['tool_schema unknown_tool', 'tool_schema invalid_arguments']);
});
