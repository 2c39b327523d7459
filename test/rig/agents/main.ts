import { installAgent } from './agentPackages.ts';
import { AGENTS_UNDER_TEST, type AgentUnderTest } from './agentsUnderTest.ts';
import {
  measureRun,
  NO_AGENT_SCORE,
  plusRun,
  scoreRun,
  type AgentScore,
  type RunScore,
  type Share,
} from './measure.ts';
import { measurePair, pairsOf } from './pairs.ts';
import { keptRun, keptRunsOf } from './runSituation.ts';
import type { Score } from './scoreLog.ts';
import { SITUATIONS } from './situations.ts';

/**
 * `npm run agents`: runs real agents in every situation against a scripted model and prints, agent by agent, what was
 * told of their logs. `-- pi qwen` for some, `--situation WORD` for some situations, `--keep` to keep the folders,
 * `--again` to read the kept ones once more; `--pairs` runs each two at once in one folder.
 */
const words = process.argv.slice(2);
const isKept = words.includes('--keep');
const isAgain = words.includes('--again');
const at = words.indexOf('--situation');
const wanted = at === -1 ? '' : (words[at + 1] ?? '');
const kinds = words.filter((word, i) => !word.startsWith('--') && (at === -1 || i !== at + 1));
const agents = AGENTS_UNDER_TEST.filter(({ kind, isOptIn }) =>
  kinds.length > 0 ? kinds.includes(kind) : isOptIn !== true,
);
const situations = SITUATIONS.filter(({ name }) => name.includes(wanted));

const percent = ({ right, all }: Share): string => `${right}/${all}`;
const scoreText = (score: Score): string =>
  `detected ${score.detected}, accepted ${score.accepted}, best ${score.best} of ${score.failures}; false alarms ${score.falseAlarms} of ${score.benign}`;

interface Named {
  readonly name: string;
  readonly score: () => RunScore | Promise<RunScore>;
}

/** Each situation anew, or what is left of earlier runs, read with the readers as they are now. */
function runsOf(agent: AgentUnderTest): readonly Named[] {
  if (isAgain) {
    const runs = keptRunsOf(agent.kind).map((folder) => keptRun(folder));
    return runs.map((run) => ({ name: run.situation.name, score: () => scoreRun(run) }));
  }
  const installed = installAgent(agent.kind, agent.package);
  if ('missing' in installed) {
    console.log(`  not run: ${installed.missing}`);
    return [];
  }
  const { path } = installed;
  return situations.map((one) => ({
    name: one.name,
    score: () => measureRun({ agent, program: path, situation: one }, isKept),
  }));
}

async function measureAgent(agent: AgentUnderTest): Promise<AgentScore> {
  let sum = NO_AGENT_SCORE;
  for (const { name, score } of runsOf(agent)) {
    const start = performance.now();
    try {
      const run = await score();
      sum = plusRun(sum, run);
      console.log(`  ${name} (${run.formats}, ${((performance.now() - start) / 1000).toFixed(0)} s)`);
      for (const remark of run.remarks) console.log(`      ${remark}`);
    } catch (error) {
      sum = { ...sum, remarks: [...sum.remarks, `${name}: ${String(error)}`] };
      console.log(`  ${name}: ${String(error)}`);
    }
  }
  return sum;
}

/** Each pair at once in one folder: that neither is told the other's log. */
async function measurePairs(): Promise<number> {
  let wrong = 0;
  for (const pair of pairsOf(agents)) {
    const remarks = await measurePair(pair).catch((error: unknown) => [String(error)]);
    console.log(
      `  ${pair.map(({ kind }) => kind).join(' and ')}: ${remarks.length === 0 ? 'right' : remarks.join('; ')}`,
    );
    if (remarks.length > 0) wrong += 1;
  }
  return wrong;
}

if (words.includes('--pairs')) {
  const wrong = await measurePairs();
  console.log(`${wrong} of ${pairsOf(agents).length} pairs wrong`);
  process.exit(wrong === 0 ? 0 : 1);
}

const table: string[] = [];
for (const agent of agents) {
  const { name, version } = agent.package;
  console.log(`${agent.kind}: ${name} ${version}, ${agent.licence}`);
  const score = await measureAgent(agent);
  table.push(
    `${agent.kind} ${version}: own log found ${percent(score.logsFound)}; server failures told ${percent(score.serverTold)}; ` +
      `open calls told ${percent(score.openTold)}; verdicts right ${percent(score.verdicts)}`,
    `    own log: ${scoreText(score.log)}`,
    `    stream:  ${scoreText(score.stream)}`,
  );
  console.log(table.slice(-3).join('\n'));
}
console.log(`\n${situations.length} situations\n${table.join('\n')}`);
