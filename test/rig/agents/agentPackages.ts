import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../../.vscode-test/agents');

/** An agent's package in the npm registry, in the version whose logs were last looked at. */
export interface AgentPackage {
  readonly name: string;
  readonly version: string;
  readonly program: string;
}

export type Installed = { readonly path: string } | { readonly missing: string };

function programPath(folder: string, program: string): string {
  return join(folder, 'node_modules/.bin', program);
}

/** The program, if it is in the cache already: nothing is loaded for a test that has to be quick. */
export function installedAgent(kind: string, { name, program }: AgentPackage): Installed {
  const path = programPath(join(CACHE, kind), program);
  return existsSync(path) ? { path } : { missing: `${name} is not in .vscode-test/agents; \`npm run agents\` gets it` };
}

/**
 * Installed beside its place and then moved there, because several tests may find it missing at once; a sentence when it
 * cannot be had.
 */
export function installAgent(kind: string, agent: AgentPackage, limitMs = 300_000): Installed {
  const there = installedAgent(kind, agent);
  if ('path' in there) return there;
  const folder = join(CACHE, kind);
  const beside = `${folder}-${process.pid}`;
  mkdirSync(beside, { recursive: true });
  const install = spawnSync(
    'npm',
    ['install', '--prefix', beside, '--no-save', '--no-audit', '--no-fund', `${agent.name}@${agent.version}`],
    { timeout: limitMs, encoding: 'utf8' },
  );
  mkdirSync(dirname(folder), { recursive: true });
  if (install.status === 0 && !existsSync(folder)) renameSync(beside, folder);
  else rmSync(beside, { recursive: true, force: true });
  const path = programPath(folder, agent.program);
  return existsSync(path)
    ? { path }
    : { missing: `${agent.name}@${agent.version} could not be installed from the npm registry` };
}
