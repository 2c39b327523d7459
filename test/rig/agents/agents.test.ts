import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installAgent } from './agentPackages.ts';
import { AGENTS_UNDER_TEST, type AgentUnderTest } from './agentsUnderTest.ts';
import { measureRun } from './measure.ts';
import { measurePair } from './pairs.ts';
import { situationNamed } from './situations.ts';

/** The small form of `npm run agents`: three real agents that start quickly. */
const codex = agentCalled('codex');
const pi = agentCalled('pi');
const qwen = agentCalled('qwen');

function agentCalled(kind: string): AgentUnderTest {
  const agent = AGENTS_UNDER_TEST.find((one) => one.kind === kind);
  if (agent === undefined) throw new Error(`there is no agent ${kind}`);
  return agent;
}

function missing(...agents: readonly AgentUnderTest[]): string | false {
  for (const agent of agents) {
    const installed = installAgent(agent.kind, agent.package);
    if ('missing' in installed) return installed.missing;
  }
  return false;
}

for (const [agent, name] of [
  [pi, 'killed in a call'],
  [qwen, 'the service says 401'],
] as const) {
  test(`the real ${agent.kind}, ${name}: its log is found and told right`, async (t) => {
    const installed = installAgent(agent.kind, agent.package);
    if ('missing' in installed) {
      t.skip(installed.missing);
      return;
    }
    const run = await measureRun({ agent, program: installed.path, situation: situationNamed(name) });
    assert.deepEqual(run.remarks, []);
  });
}

for (const pair of [
  [codex, pi],
  [codex, qwen],
  [pi, qwen],
  [codex, codex],
  [pi, pi],
] as const) {
  const names = pair.map(({ kind }) => kind).join(' and ');
  test(`${names} at once in one folder: each has its own log, and none the other's failures`, async (t) => {
    const skip = missing(...pair);
    if (skip === false) assert.deepEqual(await measurePair(pair), []);
    else t.skip(skip);
  });
}
