import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentHome, type LogRow, type WhyAnswer } from '../cli/unrecorded/agentHome.ts';
import { codexBinary, codexCommand } from './codexAgent.ts';
import { startScriptedModel, type ModelStep } from './scriptedModel.ts';

const codex = codexBinary();
const skip = 'missing' in codex ? codex.missing : false;

/** Starts the real agent, as a person would who has never heard of us. */
async function start(home: AgentHome, folder: string, script: readonly ModelStep[]) {
  if ('missing' in codex) throw new Error(codex.missing); // the caller is skipped
  const model = await startScriptedModel(script);
  const cwd = join(home.path, folder);
  mkdirSync(cwd);
  const { argv, env } = codexCommand(codex.path, model.url, join(home.path, '.codex'));
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd,
    env: { ...env, ...home.env },
    stdio: 'ignore',
    detached: true,
  });
  return {
    child,
    cwd,
    /** Agent, wrapper and what they run. */
    kill: async () => {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await once(child, 'exit');
      await model.stop();
    },
    ended: async () => {
      if (child.exitCode === null) await once(child, 'exit');
      await model.stop();
    },
  };
}

async function rowWhen(home: AgentHome, cwd: string, isThere: (row: LogRow) => boolean): Promise<LogRow> {
  for (;;) {
    const row = (await home.list()).find((one) => one.cwd === cwd);
    if (row !== undefined && isThere(row)) return row;
    await delay(300);
  }
}

test(
  'a real Codex that nobody wrapped: at work it runs, killed in a call it is told with that call, done it is done',
  { skip, timeout: 120_000 },
  async () => {
    const home = new AgentHome();
    const marker = join(home.path, 'marker');
    const killed = await start(home, 'killed', [{ run: `touch ${marker}; sleep 300` }, { say: 'ok' }]);
    while (!existsSync(marker)) await delay(200);
    const running = await rowWhen(home, killed.cwd, ({ outcome }) => outcome === 'running');
    assert.deepEqual([running.agent, running.skill_command], ['codex', 'do it']);
    await killed.kill();
    const healthy = await start(home, 'healthy', [{ run: 'echo hello' }, { say: 'all done' }]);
    await healthy.ended();
    const rows = (await home.list()).map(({ cwd, outcome, cause }) => `${cwd} ${outcome} ${cause}`).toSorted();
    assert.deepEqual(rows, [`${healthy.cwd} succeeded completed`, `${killed.cwd} lost vanished`]);
    const why = await home.json<WhyAnswer>('why');
    assert.equal(why.id, running.dir_name);
    assert.equal(why.open_call?.kind, 'shell');
    assert.match(why.open_call?.command ?? '', /sleep 300$/);
    assert.deepEqual(
      why.verdict.evidence.map(({ name }) => name),
      ['call_open', 'none'],
    );
  },
);
