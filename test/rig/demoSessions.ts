import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeMemoryGroup, type MemoryGroup } from '../cli/deaths/memoryGroup.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const AGENT = join(import.meta.dirname, 'demoAgent.ts');
const MIB = 1024 * 1024;

interface DemoSession {
  readonly id: string;
  readonly story: string;
  readonly prompt: string;
  /** Of a memory group of its own. */
  readonly limitBytes?: number;
}

/** The first of them is what the panel opens on. */
export const DEMO_SESSIONS: readonly DemoSession[] = [
  { id: 'demo-good', story: 'good', prompt: 'run the tests' },
  { id: 'demo-bad', story: 'bad', prompt: 'fix the failing test' },
  { id: 'demo-network', story: 'network', prompt: 'update the dependencies' },
  { id: 'demo-agent-oom', story: 'agent-oom', prompt: 'read all of the logs', limitBytes: 300 * MIB },
  { id: 'demo-hang', story: 'hang', prompt: 'ask the release server' },
  { id: 'demo-leak', story: 'leak', prompt: 'watch the build' },
  { id: 'demo-child-oom', story: 'child-oom', prompt: 'build the documentation', limitBytes: 400 * MIB },
];

export interface DemoPlace {
  readonly home: string;
  readonly workspace: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Demo {
  /** Told where no memory group may be made: then nobody runs out of memory. */
  readonly missing: readonly string[];
  readonly stop: () => void;
}

/** Really runs the examples, each recorded by its own recorder; those that live go on until the demo ends. */
export function recordDemo(place: DemoPlace): Demo {
  const bin = join(place.home, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'claude'), `#!/bin/sh\nexec "${process.execPath}" "${AGENT}" "$@"\n`, { mode: 0o755 });
  const env = { ...place.env, HOME: place.home, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const groups: MemoryGroup[] = [];
  const missing: string[] = [];
  for (const { id, story, prompt, limitBytes } of DEMO_SESSIONS) {
    const group = limitBytes === undefined ? undefined : makeMemoryGroup(limitBytes);
    if (limitBytes !== undefined && group === undefined) {
      missing.push(id);
      continue;
    }
    if (group !== undefined) groups.push(group);
    const own = { ...env, DEMO_STORY: story, ...(group !== undefined && { DEMO_GROUP: group.procs }) };
    const words = ['claude', '-p', prompt, '--output-format', 'stream-json', '--verbose'];
    cli({ ...place, env: own }, ['run', '--detach', '--id', id, '--interval', '0.5', '--', ...words]);
  }
  return {
    missing,
    stop: () => {
      for (const { id } of DEMO_SESSIONS) cli({ ...place, env }, ['stop', id], true);
      for (const group of groups) removeWhenEmpty(group);
    },
  };
}

function cli({ root, workspace, env }: DemoPlace, args: readonly string[], isQuiet = false): void {
  const [name = '', ...rest] = args;
  const options = { cwd: workspace, env, encoding: 'utf8', timeout: 30_000 } as const;
  const done = spawnSync(process.execPath, [CLI, name, '--log-dir', root, ...rest], options);
  if (done.status !== 0 && !isQuiet) console.error(`session-diagnostics ${name}: ${done.stderr}`);
}

/** A process that was killed a moment ago is still in it. */
function removeWhenEmpty(group: MemoryGroup): void {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      group.remove();
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
