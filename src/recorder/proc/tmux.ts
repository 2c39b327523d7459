import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TmuxPlace } from '../../core/session/session.ts';
import { isProcessAlive, startTicksOf } from './ownProcess.ts';
import { readBootId } from './bootId.ts';

/** One tmux session that could be attached to, by what its active pane runs. */
export interface TmuxSession {
  readonly name: string;
  readonly place: TmuxPlace;
  /** What is in the foreground of the active pane: the agent, or the shell while none runs. */
  readonly pid: number;
  /** The first process of every pane. */
  readonly panePids: readonly number[];
}

/** A server that answers does so within milliseconds; one that is stopped must not stop us. */
const ANSWER_MS = 2000;

/** What tmux says, by lines; `undefined` when there is no tmux, no server, or no such thing on it. */
export function askTmux(socket: string, args: readonly string[]): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, TMUX: '' }, timeout: ANSWER_MS, maxBuffer: 1024 * 1024 };
    execFile('tmux', ['-S', socket, ...args], options, (error, stdout) =>
      resolve(error === null ? stdout.split('\n').filter((line) => line !== '') : undefined),
    );
  });
}

export interface TmuxSearch {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  /** Of a server that was started with `tmux -S`. */
  readonly socket: string | undefined;
}

/** The sessions of every server of this user: the one we are in, the default one, then the others by name. */
export async function listTmuxSessions(search: TmuxSearch): Promise<readonly TmuxSession[]> {
  const found = await Promise.all(socketsOf(search).map((socket) => sessionsOn(socket)));
  return found.flat();
}

function socketsOf({ env, uid, socket }: TmuxSearch): readonly string[] {
  if (socket !== undefined) return [socket];
  const folder = join(env['TMUX_TMPDIR'] ?? '/tmp', `tmux-${uid}`);
  const own = env['TMUX']?.split(',')[0] ?? '';
  const others = namesIn(folder).map((name) => join(folder, name));
  return [...new Set([...(own === '' ? [] : [own]), join(folder, 'default'), ...others.toSorted()])];
}

/** Fields are separated by a tab, which tmux allows in no name; the name, which is the user's, is last. */
const PANE = ['pid', 'session_id', 'pane_id', 'pane_pid', 'window_active', 'pane_active', 'session_name']
  .map((field) => `#{${field}}`)
  .join('\t');

async function sessionsOn(socket: string): Promise<readonly TmuxSession[]> {
  const lines = (await askTmux(socket, ['list-panes', '-a', '-F', PANE])) ?? [];
  const sessions = new Map<string, TmuxSession>();
  for (const line of lines) {
    const [server, session = '', pane = '', panePid, windowActive, paneActive, ...name] = line.split('\t');
    const pid = Number(panePid);
    const serverPid = Number(server);
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(serverPid)) continue;
    const known = sessions.get(session);
    const panePids = [...(known?.panePids ?? []), pid];
    if (known !== undefined && !(windowActive === '1' && paneActive === '1')) {
      sessions.set(session, { ...known, panePids });
      continue;
    }
    const place = { socket, server: identityOf(serverPid), session, pane };
    sessions.set(session, { name: name.join('\t'), place, pid: foregroundOf(pid), panePids });
  }
  return [...sessions.values()];
}

/** Who leads the foreground group of the pane's terminal (tpgid, the 8th field of stat); else the pane's own process. */
function foregroundOf(panePid: number): number {
  const stat = textOf(`/proc/${panePid}/stat`);
  const group = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[5]);
  return Number.isSafeInteger(group) && group > 1 && startTicksOf(group) !== undefined ? group : panePid;
}

/**
 * Where the parent of the agent runs: `TMUX=/tmp/tmux-1000/default,4242,3`, `TMUX_PANE=%5`. It is inherited by what left
 * the pane, as the recorder beside a launcher has.
 */
export function tmuxPlaceOf(parentPid: number, env: NodeJS.ProcessEnv): TmuxPlace | undefined {
  const [, socket, pid, session] = /^(.+),(\d+),(\d+)$/.exec(env['TMUX'] ?? '') ?? [];
  const pane = env['TMUX_PANE'];
  if (socket === undefined || pane === undefined || !hasTerminal(parentPid)) return undefined;
  const server = identityOf(Number(pid));
  // Its pid may be another's by now.
  const isTmux = textOf(`/proc/${pid}/comm`)?.startsWith('tmux') ?? false;
  return server.starttime_ticks === null || !isTmux ? undefined : { socket, server, session: `$${session}`, pane };
}

export function isServerAlive({ server }: TmuxPlace): boolean {
  return isProcessAlive(server, readBootId() ?? '');
}

/** tty_nr, the 7th field of stat: 0 for a process that no terminal controls, which no terminal's end can hang up. */
function hasTerminal(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[4] ?? 0) !== 0;
}

function identityOf(pid: number): TmuxPlace['server'] {
  return { pid, starttime_ticks: startTicksOf(pid) ?? null };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no server was ever started
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // gone, or no /proc
  }
}
