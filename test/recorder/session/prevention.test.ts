import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';
import type { Sampler } from '../../../src/recorder/proc/sampler.ts';
import { Prevention } from '../../../src/recorder/session/prevention.ts';

const sleepers = [spawn('sleep', ['60']), spawn('sleep', ['60'])];
after(() => sleepers.forEach((one) => one.kill('SIGKILL')));

const scoreOf = (pid: number): string => readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim();

test(
  'what is left of a session and is taken for its agent gets its own score back',
  { skip: process.platform !== 'linux' },
  async () => {
    const [agent, tool] = sleepers.map(({ pid = 0 }) => pid) as [number, number];
    const own = scoreOf(tool);
    let isAgentGone = false;
    const tracked = { pid: agent };
    const sampler = {
      tracked,
      // The real one looks for the agent while it looks for the processes.
      started: () => {
        if (isAgentGone) tracked.pid = tool;
        return isAgentGone ? [] : [{ pid: tool, startTicks: startTicksOf(tool), ppid: agent, comm: 'sleep' }];
      },
    } as unknown as Sampler;
    const prevention = new Prevention({
      settings: {
        protects: true,
        guard: undefined,
        reaps: false,
        endAfterResultSeconds: undefined,
        limits: { memoryKb: undefined, pids: undefined, cpus: undefined },
        limitGroups: [],
      },
      sampler,
      tell: () => undefined,
      by: { bootId: 'any', native: undefined },
      graceMs: 0,
      sampleNow: () => Promise.resolve(),
      outputBytes: () => undefined,
      hasGivenResult: () => false,
    });
    prevention.start();
    assert.notEqual(scoreOf(tool), own);
    isAgentGone = true;
    const deadline = performance.now() + 10_000;
    while (tracked.pid !== tool && performance.now() < deadline) await delay(5);
    prevention.end();
    assert.equal(scoreOf(tool), own);
  },
);
