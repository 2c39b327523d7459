import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import type { FoundSession } from '../../sessions/readFound.ts';
import type { CommandContext } from '../command.ts';

const LIMIT_MS = 10_000;

/**
 * Buildkite's pages are written by its own agent, which is on the PATH of a job:
 * https://buildkite.com/docs/agent/cli/reference/annotate. Where it is not, the job's log has the same.
 */
export function annotateBuildkite({ env, cwd }: CommandContext, { place }: FoundSession, body: string): Promise<void> {
  // One annotation for each session, and nothing of its name in it.
  const name = createHash('sha256').update(place.name).digest('hex').slice(0, 12);
  const args = ['annotate', '--style', 'error', '--context', `session-diagnostics-${name}`];
  return new Promise((resolve) => {
    const child = spawn('buildkite-agent', args, {
      cwd: existsSync(cwd) ? cwd : '/',
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const settle = (): void => {
      clearTimeout(timer); // Node's own goes on where there is no such program
      resolve();
    };
    child.once('error', settle);
    child.once('exit', settle);
    child.stdin.on('error', () => undefined); // it does not read
    child.stdin.end(body);
  });
}
