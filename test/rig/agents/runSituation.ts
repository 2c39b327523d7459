import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { published, startCli, until } from '../../cli/builtCli.ts';
import { startScriptedModel, type ModelStep } from '../scriptedModel.ts';
import type { AgentCommand, AgentUnderTest, Surroundings } from './agentsUnderTest.ts';
import { isOfService, type Labels, type Situation, type Step } from './situations.ts';
import { makeWorkFolder } from './workFolder.ts';

/** What is left of one run: a folder with the agent's home, and the session in a log root of its own. */
export interface Run {
  readonly session: string;
  readonly situation: Situation;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Of the calls that the model asked for, in their order. */
  readonly labels: readonly Labels[];
  readonly folder: string;
}

/** For an agent that ends by itself, on a machine that is busy; and for one that asks a failing service for ever. */
const LIMIT_S = 150;
const SERVICE_LIMIT_S = 35;
/** Between the command's first word on disk and the signal: agents write a call down in this time. */
const NOTED_MS = 800;
const CLOSED = '127.0.0.1:9';

export async function runSituation(agent: AgentUnderTest, program: string, situation: Situation): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), `agent-run-${agent.kind}-`));
  const place = { home: join(folder, 'home'), cwd: join(folder, 'work'), root: join(folder, 'logs') };
  mkdirSync(place.home);
  makeWorkFolder(place.cwd);
  const fixtures = await startFixtures();
  const open = join(folder, 'open');
  const calls = callsOf(agent, situation, { URL: addressOf(fixtures), CLOSED, OPEN: open });
  const model = await startScriptedModel(scriptOf(calls, situation));
  try {
    const origin = situation.ending.type === 'gone' ? `http://${CLOSED}` : model.origin;
    const command = agent.command({ program, ...place, origin });
    const env = environment(command, place);
    for (const [first = '', ...rest] of command.before ?? []) spawnSync(first, rest, { env, cwd: place.cwd });
    const limit = isOfService(situation.ending) ? SERVICE_LIMIT_S : LIMIT_S;
    const switches = ['--log-dir', place.root, '--id', 'run-1', '--interval', '1', '--timeout', String(limit)];
    const started = startCli(['run', ...switches, '--grace', '2', '--', ...command.argv], { env, cwd: place.cwd });
    if (situation.ending.type === 'signal') await signal(place.root, open, situation.ending.signal);
    await started.finished;
    await published(place.root);
  } finally {
    endProcessesOf(place.home);
    await model.stop();
    fixtures.closeAllConnections();
    fixtures.close();
  }
  writeFileSync(join(folder, KEPT), JSON.stringify({ situation, labels: calls.map(({ labels }) => labels) }));
  return keptRun(folder);
}

const KEPT = 'situation.json';

/** A run whose folder is still there. */
export function keptRun(folder: string): Run {
  const session = join(folder, 'logs/sessions/run-1');
  const kept = JSON.parse(readFileSync(join(folder, KEPT), 'utf8')) as Pick<Run, 'situation' | 'labels'>; // our own file
  const summary = JSON.parse(readFileSync(join(session, 'summary.json'), 'utf8')) as Run['summary']; // our own file
  return { session, summary, ...kept, folder };
}

export function keptRunsOf(kind: string): readonly string[] {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(`agent-run-${kind}-`));
  return names.map((name) => join(tmpdir(), name)).filter((folder) => existsSync(join(folder, KEPT)));
}

export function removeRun({ folder }: Pick<Run, 'folder'>): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function environment(command: AgentCommand, { home, cwd }: Pick<Surroundings, 'home' | 'cwd'>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(XDG_|CLAUDE|CODEX|NODE_|npm_)|_HOME$/.test(name));
  return { ...Object.fromEntries(kept), HOME: home, PWD: cwd, ...command.env };
}

interface LabelledCall {
  readonly step: ModelStep;
  readonly labels: Labels;
}

function callsOf(agent: AgentUnderTest, { steps }: Situation, names: Readonly<Record<string, string>>): LabelledCall[] {
  const named = (text: string): string => text.replace(/\b(?:URL|CLOSED|OPEN)\b/g, (word) => names[word] ?? word);
  return steps.flatMap((step): LabelledCall[] => {
    const call = toolCall(agent, step, named);
    return call === undefined ? [] : [{ step: { call: call.name, args: call.args }, labels: step.labels }];
  });
}

function toolCall(
  { tools }: AgentUnderTest,
  step: Step,
  named: (text: string) => string,
): { readonly name: string; readonly args: unknown } | undefined {
  if ('read' in step) return tools.read?.(step.read);
  if ('edit' in step) return tools.edit?.(...step.edit);
  if ('shell' in step) {
    const command = named(step.shell);
    return step.limitMs === undefined ? tools.shell(command) : tools.limited?.(command, step.limitMs);
  }
  const { name } = tools.shell('');
  if (step.wrong === 'tool') return { name: 'quux_inspect', args: { at: 1 } };
  return { name, args: step.wrong === 'json' ? '{"command": "ls' : { nope: 1 } };
}

function scriptOf(calls: readonly LabelledCall[], { ending }: Situation): ModelStep[] {
  const steps = calls.map(({ step }) => step);
  switch (ending.type) {
    case 'status':
      return [...steps, { status: ending.status, message: ending.message, isLasting: true }];
    case 'closed':
      return [...steps, { close: true, isLasting: true }];
    case 'recovers':
      return [{ status: 500 }, ...steps];
    case 'answer':
    case 'gone':
    case 'signal':
      return steps;
  }
}

async function startFixtures(): Promise<Server> {
  const server = createServer((request, response) => {
    const status = /^\/status\/(\d{3})/.exec(request.url ?? '')?.[1];
    if (status !== undefined) response.writeHead(Number(status)).end('no\n');
    // anything else is never answered
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
}

async function signal(root: string, open: string, name: NodeJS.Signals): Promise<void> {
  await until('the command of the open call', () => existsSync(open), 60_000);
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
