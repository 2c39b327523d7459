import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installAgent, type Installed } from './agents/agentPackages.ts';
import { codex } from './agents/agentsUnderTest.ts';

/** The agent's program, installed on demand; a sentence when it cannot be had. */
export function codexBinary(): Installed {
  return installAgent(codex.kind, codex.package);
}

/** The command line and environment that make Codex talk to a scripted model, with no retries and no sandbox. */
export function codexCommand(
  binary: string,
  modelUrl: string,
  home: string,
): { argv: string[]; env: NodeJS.ProcessEnv } {
  mkdirSync(home, { recursive: true });
  const provider = `{name="mock",base_url="${modelUrl}",env_key="SCRIPTED_MODEL_KEY",wire_api="responses",request_max_retries=0,stream_max_retries=0}`;
  return {
    argv: [
      binary,
      'exec',
      '--json',
      '--skip-git-repo-check',
      '--dangerously-bypass-approvals-and-sandbox',
      '-c',
      'model_provider=mock',
      '-c',
      'model=mock-model',
      '-c',
      `model_providers.mock=${provider}`,
      'do it',
    ],
    env: { ...process.env, CODEX_HOME: home, SCRIPTED_MODEL_KEY: 'x' },
  };
}

export interface CodexRun {
  readonly code: number | null;
  /** What `codex exec --json` printed. */
  readonly stdout: string;
  readonly rollout: string | undefined;
}

/** Runs Codex to its end, or ends it at the time limit. */
export async function runCodex(
  binary: string,
  options: { readonly modelUrl: string; readonly home: string; readonly cwd: string; readonly limitMs?: number },
): Promise<CodexRun> {
  const { argv, env } = codexCommand(binary, options.modelUrl, options.home);
  const [command = binary, ...args] = argv;
  const child = spawn(command, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => (stdout += chunk));
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 40_000);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(limit);
  return { code, stdout, rollout: rolloutIn(options.home) };
}

/** The newest rollout under a CODEX_HOME. */
export function rolloutIn(home: string): string | undefined {
  const sessions = join(home, 'sessions');
  if (!existsSync(sessions)) return undefined;
  const names = readdirSync(sessions, { recursive: true, encoding: 'utf8' });
  const newest = names
    .filter((name) => /rollout-.*\.jsonl$/.test(name))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : join(sessions, newest);
}
