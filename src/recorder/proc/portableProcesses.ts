import { arrayOf, integerOf, isRecord, parseJson, stringOf } from '../../core/words/json.ts';
import type { ProcessState } from '../../core/words/vocabulary.ts';
import type { ProcessRow } from './processTree.ts';

/** A process as macOS and Windows list it. `startTicks` is its start in milliseconds since the epoch. */
export interface PortableProcess extends ProcessRow {
  readonly state: ProcessState | undefined;
  readonly rssKb: number | undefined;
  readonly threads: number | undefined;
  readonly args: readonly string[];
}

export interface PortableCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** Runs a program and gives its standard output; `undefined` when it fails. */
export type RunCommand = (command: PortableCommand) => Promise<string | undefined>;

/** One listing of all processes; empty when the platform's program cannot be run. */
export async function listProcesses(platform: NodeJS.Platform, run: RunCommand): Promise<readonly PortableProcess[]> {
  if (platform === 'win32') return parseCimProcesses((await run(CIM_COMMAND)) ?? '');
  return parsePsProcesses((await run(PS_COMMAND)) ?? '');
}

/** `command` is last because it holds spaces; its first word names the program (a path with spaces is cut short). */
const PS_COMMAND: PortableCommand = {
  file: 'ps',
  args: ['-axww', '-o', 'pid=,ppid=,pgid=,stat=,rss=,lstart=,command='],
};

/** Times are put in ISO form here: Windows PowerShell 5 writes dates as `/Date(1700000000000)/`, PowerShell 7 as ISO. */
const CIM_SCRIPT =
  'Get-CimInstance Win32_Process | ForEach-Object { [pscustomobject]@{ pid=$_.ProcessId; ppid=$_.ParentProcessId; ' +
  'name=$_.Name; threads=$_.ThreadCount; bytes=$_.WorkingSetSize; command=$_.CommandLine; ' +
  "started=$(if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().ToString('o') }) } } | ConvertTo-Json -Compress";

const CIM_COMMAND: PortableCommand = {
  file: 'powershell.exe',
  args: ['-NoProfile', '-NonInteractive', '-Command', CIM_SCRIPT],
};

/** BSD's state letters (ps(1) of macOS): the first one tells, the rest are marks. */
const BSD_STATES: { readonly [letter: string]: ProcessState | undefined } = {
  I: 'sleeping', // idle for more than 20 seconds: Linux's word "idle" is for kernel threads
  R: 'running',
  S: 'sleeping',
  T: 'stopped',
  U: 'disk-sleep',
  Z: 'zombie',
};

/** `  501     1   501 Ss    3456 Fri Nov 21 03:07:01 2026     /sbin/agent --flag`, dates in the C locale. */
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+\w{3}\s+(\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/;

function parsePsProcesses(output: string): readonly PortableProcess[] {
  const processes: PortableProcess[] = [];
  for (const line of output.split('\n')) {
    const [, pid, ppid, pgid, stat = '', rssKb, started = '', command = ''] = PS_LINE.exec(line) ?? [];
    const startMs = Date.parse(started);
    if (pid === undefined || Number.isNaN(startMs)) continue;
    const args = command.split(' ');
    processes.push({
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: undefined, // macOS prints a kernel address, or 0
      startTicks: startMs,
      comm: commOf(args[0] ?? ''),
      state: BSD_STATES[stat.charAt(0)],
      rssKb: Number(rssKb),
      threads: undefined,
      args,
    });
  }
  return processes;
}

function parseCimProcesses(output: string): readonly PortableProcess[] {
  const parsed = parseJson(output);
  if (!parsed.ok) return [];
  // ConvertTo-Json writes a single process without its array.
  return (isRecord(parsed.value) ? [parsed.value] : arrayOf(parsed.value)).flatMap((entry) => cimProcess(entry) ?? []);
}

function cimProcess(entry: unknown): PortableProcess | undefined {
  if (!isRecord(entry)) return undefined;
  const pid = integerOf(entry['pid']);
  const ppid = integerOf(entry['ppid']);
  const startMs = Date.parse(stringOf(entry['started']) ?? '');
  // The idle process and those that ended while being listed have no creation date, and so no identity.
  if (pid === undefined || ppid === undefined || Number.isNaN(startMs)) return undefined;
  const bytes = integerOf(entry['bytes']);
  const name = stringOf(entry['name']) ?? '';
  return {
    pid,
    ppid,
    pgid: undefined,
    sid: undefined,
    startTicks: startMs,
    comm: name.replace(/\.exe$/i, ''),
    state: undefined,
    rssKb: bytes === undefined ? undefined : Math.round(bytes / 1024),
    threads: integerOf(entry['threads']),
    args: windowsArguments(stringOf(entry['command']) ?? name),
  };
}

/** Enough of Windows' quoting to tell the program and its first arguments. */
function windowsArguments(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function commOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1).replace(/^-/, '');
}
