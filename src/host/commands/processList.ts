import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { agentKindOf } from '../../core/session/agentKind.ts';
import { arrayOf, integerOf, isRecord, parseJson, recordOf, stringOf } from '../../core/words/json.ts';
import type { AgentKind } from '../../core/words/vocabulary.ts';

/** A process that a person could attach to. */
export interface ListedProcess {
  readonly pid: number;
  readonly command: string;
  readonly agent: AgentKind;
}

/** A tmux session as `attach --list-tmux --json` tells it. */
export interface ListedTmuxSession {
  readonly name: string;
  readonly socket: string;
  /** What its active pane runs. */
  readonly command: string;
  readonly panes: number;
}

export function tmuxSessionsFrom(listing: unknown): readonly ListedTmuxSession[] {
  return arrayOf(listing).flatMap((entry) => {
    const session = recordOf(entry);
    const name = stringOf(session?.['name']);
    const socket = stringOf(session?.['socket']);
    if (name === undefined || socket === undefined) return [];
    return [{ name, socket, command: stringOf(session?.['command']) ?? '', panes: integerOf(session?.['panes']) ?? 1 }];
  });
}

const run = promisify(execFile);
const LIMITS = { timeout: 15_000, maxBuffer: 16_000_000, windowsHide: true } as const;

/** Agents first, then the youngest first: what one wants to attach to was started lately. */
export async function listProcesses(platform: NodeJS.Platform, ownPid: number): Promise<readonly ListedProcess[]> {
  const found = platform === 'linux' ? await fromProc() : platform === 'win32' ? await fromWindows() : await fromPs();
  const rank = (process: ListedProcess): number => (process.agent === 'other' ? 1 : 0);
  return found.filter(({ pid }) => pid !== ownPid).sort((a, b) => rank(a) - rank(b) || b.pid - a.pid);
}

/** Not `ps`: slim images come without it. Kernel threads have no command line and are left out. */
async function fromProc(): Promise<ListedProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = async (pid: string): Promise<ListedProcess | undefined> => {
    // Gone since, or not ours to read.
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const words = text.split('\0').filter((word) => word !== '');
    return words.length === 0 ? undefined : listed(Number(pid), words);
  };
  return (await Promise.all(pids.map(read))).filter((process) => process !== undefined);
}

async function fromPs(): Promise<ListedProcess[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,args='], LIMITS);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.+)$/.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : listed(Number(pid), command.split(' '));
  });
}

async function fromWindows(): Promise<ListedProcess[]> {
  const query = 'Get-CimInstance Win32_Process | Select-Object ProcessId,CommandLine | ConvertTo-Json -Compress';
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], LIMITS);
  const parsed = parseJson(stdout);
  return arrayOf(parsed.ok ? parsed.value : undefined).flatMap((entry) => {
    const pid = isRecord(entry) ? integerOf(entry['ProcessId']) : undefined;
    const command = isRecord(entry) ? stringOf(entry['CommandLine']) : undefined;
    return pid === undefined || command === undefined ? [] : listed(pid, command.split(' '));
  });
}

function listed(pid: number, words: readonly string[]): ListedProcess {
  return { pid, command: words.join(' '), agent: agentKindOf(words) };
}
