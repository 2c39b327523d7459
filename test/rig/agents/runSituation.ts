import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { published, startCli, until } from '../../cli/builtCli.ts';
import { startScriptedModels } from '../scriptedModel.ts';
import type { AgentCommand, AgentUnderTest, Surroundings } from './agentsUnderTest.ts';
import { CLOSED, startFixtures } from './fixtureServer.ts';
import { callsOf, scriptOf, type LabelledCall } from './script.ts';
import { isOfService, type Labels, type Situation } from './situations.ts';
import { makeWorkFolder } from './workFolder.ts';

/** What is left of one run: a folder with the agent's home, and the session in a log root of its own. */
export interface Run {
  readonly session: string;
  readonly situation: Situation;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Of the calls that the model asked for, in their order. */
  readonly labels: readonly Labels[];
  /** The agent was asked to stop and did not. */
  readonly hasGoneOn: boolean;
  readonly marks: readonly string[];
  readonly folder: string;
}

/** Who runs what. */
export interface Part {
  readonly agent: AgentUnderTest;
  readonly program: string;
  readonly situation: Situation;
}

/** For an agent that ends by itself, on a machine that is busy; and for one that asks a failing service for ever. */
const LIMIT_S = 150;
const SERVICE_LIMIT_S = 100;
/** Between the command's first word on disk and the signal: agents write a call down in this time. */
const NOTED_MS = 800;

export async function runSituation(part: Part): Promise<Run> {
  const [run] = await runTogether([part]);
  if (run === undefined) throw new Error('a part has a run');
  return run;
}

/** Several at once, in one folder and one home: each session has a log root of its own. */
export async function runTogether(parts: readonly Part[]): Promise<readonly Run[]> {
  const kinds = parts.map(({ agent }) => agent.kind).join('-');
  const folder = mkdtempSync(join(tmpdir(), `agent-run-${kinds}-`));
  const place = { home: join(folder, 'home'), cwd: join(folder, 'work') };
  mkdirSync(place.home);
  makeWorkFolder(place.cwd);
  const fixtures = await startFixtures();
  const names = { URL: fixtures.url, CLOSED, OPEN: join(folder, 'open'), WORK: place.cwd };
  const asked = parts.map((part, i) => ({ ...part, word: `task-${i + 1}`, calls: callsOf(part, names) }));
  const model = await startScriptedModels(
    Object.fromEntries(asked.map(({ word, calls, situation }) => [word, scriptOf(calls, situation)])),
  );
  try {
    const at = { ...place, folder, modelOrigin: model.origin, open: names.OPEN, isShared: parts.length > 1 };
    return await Promise.all(asked.map((one) => runOne(one, at)));
  } finally {
    endProcessesOf(place.home);
    await model.stop();
    fixtures.stop();
  }
}

interface Place extends Pick<Surroundings, 'home' | 'cwd'> {
  readonly folder: string;
  readonly modelOrigin: string;
  readonly open: string;
  readonly isShared: boolean;
}

interface Asked extends Part {
  readonly word: string;
  readonly calls: readonly LabelledCall[];
}

async function runOne({ agent, program, situation, word, calls }: Asked, place: Place): Promise<Run> {
  const { ending } = situation;
  const origin = ending.type === 'gone' ? `http://${CLOSED}` : place.modelOrigin;
  const command = agent.command({ program, home: place.home, cwd: place.cwd, origin, prompt: `do ${word}` });
  const env = environment(command, place);
  const before = [...(command.before ?? []), ...(place.isShared ? (command.beforeTwo ?? []) : [])];
  for (const [first = '', ...rest] of before) spawnSync(first, rest, { env, cwd: place.cwd, timeout: 60_000 });
  const root = join(place.folder, word);
  const limit = isOfService(ending) ? SERVICE_LIMIT_S : LIMIT_S;
  const switches = ['--log-dir', root, '--id', 'run-1', '--interval', '1', '--timeout', String(limit), '--grace', '2'];
  const started = startCli(['run', ...switches, '--', ...command.argv], { env, cwd: place.cwd });
  if (ending.type === 'signal') await signal(root, place.open, ending.signal);
  await started.finished;
  await published(root);
  const hasGoneOn = agent.ignoresTerm === true && ending.type === 'signal' && ending.signal === 'SIGTERM';
  writeFileSync(
    join(root, KEPT),
    JSON.stringify({
      situation,
      hasGoneOn,
      labels: calls.map(({ labels }) => labels),
      marks: calls.map(({ mark }) => mark),
    }),
  );
  return keptRun(place.folder, word);
}

const KEPT = 'situation.json';

/** A run whose folder is still there. */
export function keptRun(folder: string, word = 'task-1'): Run {
  const session = join(folder, word, 'sessions/run-1');
  const kept = JSON.parse(readFileSync(join(folder, word, KEPT), 'utf8')) as Omit<
    Run,
    'session' | 'summary' | 'folder'
  >; // ours
  const summary = JSON.parse(readFileSync(join(session, 'summary.json'), 'utf8')) as Run['summary']; // ours, too
  return { session, summary, ...kept, folder };
}

export function keptRunsOf(kind: string): readonly string[] {
  const names = readdirSync(tmpdir()).filter((name) => new RegExp(`^agent-run-${kind}-\\w{6}$`).test(name));
  return names.map((name) => join(tmpdir(), name)).filter((folder) => existsSync(join(folder, 'task-1', KEPT)));
}

export function removeRun({ folder }: Pick<Run, 'folder'>): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function environment(command: AgentCommand, { home, cwd }: Pick<Surroundings, 'home' | 'cwd'>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(XDG_|CLAUDE|CODEX|NODE_|npm_)|_HOME$/.test(name));
  return { ...Object.fromEntries(kept), HOME: home, PWD: cwd, ...command.env };
}

async function signal(root: string, open: string, name: NodeJS.Signals): Promise<void> {
  await until('the command of the open call', () => existsSync(open), LIMIT_S * 1000);
  await delay(NOTED_MS);
  const enrollment = JSON.parse(readFileSync(join(root, 'running/run-1/enrollment.json'), 'utf8')) as {
    readonly pid: number;
  };
  process.kill(enrollment.pid, name);
}

/** Some leave helpers behind, and a command outlives its killed agent: whatever has this run's home is this run's. */
function endProcessesOf(home: string): void {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`HOME=${home}`)) continue;
      process.kill(Number(name), 'SIGKILL');
    } catch {
      // gone since it was listed, or nobody's we may look at
    }
  }
}
