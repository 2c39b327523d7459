import { ProcFiles } from '../../recorder/proc/procFiles.ts';
import { listTmuxSessions } from '../../recorder/proc/tmux.ts';

export interface TmuxCounts {
  readonly servers: number;
  readonly clients: number;
  readonly sessions: number;
}

/** Looks at this user's tmux servers, whatever sockets they have, and starts none. */
export async function countTmux(env: NodeJS.ProcessEnv): Promise<TmuxCounts> {
  const { servers, clients } = countProcesses();
  if (servers === 0 && process.platform === 'linux') return { servers, clients, sessions: 0 };
  const sessions = await listTmuxSessions({ env, uid: process.getuid?.() ?? 0, socket: undefined });
  return { servers, clients, sessions: sessions.length };
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
