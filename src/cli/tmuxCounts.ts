import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProcFiles } from '../recorder/procFiles.ts';

export interface TmuxCounts {
  readonly servers: number;
  readonly clients: number;
  readonly sessions: number;
}

/** A server that hangs must not keep us waiting. */
const ANSWER_MS = 2000;

/** Looks at this user's tmux servers, whatever sockets they have. Never starts one: list-sessions does not. */
export async function countTmux(env: NodeJS.ProcessEnv): Promise<TmuxCounts> {
  const { servers, clients } = countProcesses();
  if (servers === 0 && process.platform === 'linux') return { servers, clients, sessions: 0 };
  const sessions = await Promise.all(socketsOf(env).map(countSessions));
  return { servers, clients, sessions: sessions.reduce((sum, count) => sum + count, 0) };
}

/** tmux renames its processes: `tmux: server`, `tmux: client`. */
function countProcesses(): Pick<TmuxCounts, 'servers' | 'clients'> {
  const counts = { servers: 0, clients: 0 };
  if (process.platform !== 'linux') return counts;
  const files = new ProcFiles('/proc', 0);
  for (const pid of files.listPids()) {
    const comm = files.read(pid, 'comm');
    if (comm?.startsWith('tmux: server') === true) counts.servers += 1;
    else if (comm?.startsWith('tmux: client') === true) counts.clients += 1;
  }
  return counts;
}

function socketsOf(env: NodeJS.ProcessEnv): readonly string[] {
  const folder = join(env['TMUX_TMPDIR'] || '/tmp', `tmux-${process.getuid?.() ?? 0}`);
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return []; // tmux has never run here
  }
}

function countSessions(socket: string): Promise<number> {
  return new Promise((resolve) => {
    execFile('tmux', ['-S', socket, 'list-sessions', '-F', 'x'], { timeout: ANSWER_MS }, (error, stdout) =>
      // The socket of a server that is gone, or no tmux at all: no sessions.
      resolve(error === null ? stdout.split('\n').filter((line) => line !== '').length : 0),
    );
  });
}
