import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Programs by the names of agents, which live as long as they are told and end as they are told. */
export interface FakeAgents {
  readonly folder: string;
  /** Starts one; resolves when whoever started it has ended. */
  readonly start: (agent: Born) => Promise<void>;
  readonly remove: () => void;
}

export interface Born {
  /** A word of its command line that no other has. */
  readonly tag: string;
  readonly way: Way;
  readonly lifeMs: number;
  readonly end: End;
  readonly uid?: number;
}

export const WAYS = ['shell', 'exec', 'wrapped', 'tmux', 'setsid', 'npx', 'shebang'] as const;
export type Way = (typeof WAYS)[number];

/** An exit code, or the signal that it sends itself. */
export type End = number | 'KILL' | 'SEGV';

/** What an agent's program does: `claude TAG SECONDS END`. */
const SHELL_AGENT = `#!/bin/sh
sleep "$2"
case "$3" in KILL|SEGV) kill "-$3" $$ ;; *) exit "$3" ;; esac
`;
const NODE_AGENT = `#!/usr/bin/env node
const [, , , seconds, end] = process.argv;
setTimeout(() => (/^[A-Z]/.test(end) ? process.kill(process.pid, 'SIG' + end) : process.exit(Number(end))), seconds * 1000);
`;
/** As npx does: a Node that waits for the package's program. */
const NPX = `
const { spawn } = require('node:child_process');
const [name, ...args] = process.argv.slice(2);
const path = require('node:path').join(__dirname, 'node_modules', name, 'bin', 'start.js');
const child = spawn(process.execPath, [path, ...args], { stdio: 'inherit' });
child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code)));
`;

export function fakeAgents(): FakeAgents {
  const folder = mkdtempSync(join(tmpdir(), 'fake-agents-'));
  chmodSync(folder, 0o755);
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text, { mode: 0o755 });
    return path;
  };
  const shell = write('claude', SHELL_AGENT);
  const node = write('gemini', NODE_AGENT);
  const npx = write('npx', NPX);
  write('node_modules/@openai/codex/bin/start.js', NODE_AGENT);
  const socket = join(folder, 'tmux');
  const commandOf = ({ tag, way, lifeMs, end }: Born): readonly string[] => {
    const args = [tag, String(lifeMs / 1000), String(end)];
    const line = [shell, ...args].join(' ');
    const ways: Record<Way, readonly string[]> = {
      shell: ['sh', '-c', `${line}; true`],
      exec: ['sh', '-c', `exec ${line}`],
      wrapped: ['timeout', '600', 'env', 'X=1', shell, ...args],
      tmux: ['tmux', '-S', socket, '-f', '/dev/null', 'new-session', '-d', line],
      setsid: ['setsid', '--fork', shell, ...args],
      npx: [process.execPath, npx, '@openai/codex', ...args],
      shebang: [node, ...args],
    };
    return ways[way];
  };
  return {
    folder,
    start: (agent) => {
      const [program = '', ...args] = commandOf(agent);
      const child = spawn(program, args, {
        stdio: 'ignore',
        cwd: folder,
        ...(agent.uid !== undefined && { uid: agent.uid, gid: agent.uid }),
      });
      return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', () => resolve());
      });
    },
    remove: () => {
      spawn('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' }).once('error', () => undefined);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
