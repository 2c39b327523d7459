import { installAgent } from './agentPackages.ts';
import type { AgentUnderTest } from './agentsUnderTest.ts';
import { LOG_NOT_FOUND, scoreRun } from './measure.ts';
import { removeRun, runTogether, type Part } from './runSituation.ts';
import { situationNamed } from './situations.ts';

/** What one of two agents that run in one folder at once must not be told of the other. */
const FAILINGS = ['programs that are not there', 'a plain exit'] as const;

/** Two agents at once, one folder, one home: what is wrong with what was told of either; nothing when all is right. */
export async function measurePair(pair: readonly [AgentUnderTest, AgentUnderTest]): Promise<readonly string[]> {
  const parts = pair.flatMap((agent, i): Part[] => {
    const installed = installAgent(agent.kind, agent.package);
    const situation = situationNamed(FAILINGS[i] ?? FAILINGS[0]);
    return 'path' in installed ? [{ agent, program: installed.path, situation }] : [];
  });
  if (parts.length < pair.length) return [];
  const runs = await runTogether(parts);
  const logs = runs.flatMap(({ summary }) => summary['transcript'] ?? []);
  // Where nothing proves whose a log is, none is an answer.
  const remarks = runs.flatMap((run) => scoreRun(run).remarks).filter((remark) => !remark.endsWith(LOG_NOT_FOUND));
  for (const run of runs) removeRun(run);
  return logs.length > 1 && logs[0] === logs[1] ? [...remarks, 'both are told to have the same log'] : remarks;
}

/** Each with each, and with itself. */
export function pairsOf(agents: readonly AgentUnderTest[]): readonly (readonly [AgentUnderTest, AgentUnderTest])[] {
  return agents.flatMap((one, i) => agents.slice(i).map((other) => [one, other] as const));
}
