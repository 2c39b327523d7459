import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { jsonLine } from '../../core/words/json.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { LifecycleEvent } from '../../core/session/session.ts';
import { withSessionFolder } from '../../logs/folders.ts';
import { appendLifecycleLine } from '../../logs/lifecycleLog.ts';
import { appendShared } from '../../logs/lineWriter.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import type { CommandContext } from '../command.ts';
import { verdictOfFound } from './verdict.ts';

export const ON_END_HELP = [
  '--on-end CMD',
  'a shell’s command line that gets the verdict (JSON) on stdin when the session is published; at most 10 s',
] as const;

const LIMIT_MS = 10_000;

/**
 * Tells whoever asked for it, with `--on-end`, how the session ended. It has been published by now: what the command does or
 * fails to do is a line of its lifecycle, and nothing else.
 */
export async function tellEnd(context: CommandContext, root: LogRoot, id: string): Promise<void> {
  const command = context.args.text('on-end') ?? '';
  const place = command === '' ? undefined : findSession(root, id);
  if (place === undefined) return;
  const { contract } = verdictOfFound({ root, place });
  const told = await handed(context, command, `${JSON.stringify(contract)}\n`);
  const line = jsonLine({
    timestamp: isoFromMs(Date.now()),
    event: 'on_end_finished',
    session_id: id,
    context: told,
  } satisfies LifecycleEvent);
  appendLifecycleLine(root, line, { onFailure: () => undefined });
  try {
    withSessionFolder(place.dir, 'own', (folder) => appendShared(folder.at('lifecycle.jsonl'), line));
  } catch {
    // pruned meanwhile, or a full disk: the log over all sessions has it
  }
}

type Told = {
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly timed_out?: true;
};

/** In a group of its own, which ends with its time: what it starts does not stay behind. */
function handed({ cwd, env }: CommandContext, command: string, text: string): Promise<Told> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: existsSync(cwd) ? cwd : '/',
      env,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    let isLate = false;
    const endGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // nobody of it is left
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      endGroup();
    }, LIMIT_MS);
    child.stdin.on('error', () => undefined); // it does not read
    child.stdin.end(text);
    child.once('error', () => {
      clearTimeout(timer);
      resolve({ exit_code: 127, signal: null });
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      endGroup();
      resolve({ exit_code: code, signal, ...(isLate && { timed_out: true }) });
    });
  });
}
