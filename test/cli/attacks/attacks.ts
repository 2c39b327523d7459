import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { nativeProgram } from '../../../src/cli/launcher.ts';
import { readBootId } from '../../../src/recorder/proc/bootId.ts';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';
import { CLI, shellCode } from '../builtCli.ts';
import { recorderOf } from './watchedRecorder.ts';

export const NOBODY = 65_534;

const BIND = 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';

/** What a hostile file can be. */
export const KINDS: Readonly<Record<string, (path: string, outside: string) => void>> = {
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a link to an endless device': (path) => symlinkSync('/dev/zero', path),
  'a link to a file outside': (path, outside) => symlinkSync(join(outside, 'precious'), path),
  'a link that leads nowhere': (path, outside) => symlinkSync(join(outside, 'new'), path),
  'a folder': (path) => mkdirSync(path),
  // By its last name: the address of a socket has at most 107 bytes.
  'a socket': (path) => void execFileSync('python3', ['-c', BIND, basename(path)], { cwd: dirname(path) }),
  'a line of 256 MB': (path) => void execFileSync('truncate', ['-s', '256M', path]),
  'a bomb of JSON': (path) => writeFileSync(path, `[${'['.repeat(1_000_000)}`),
  'a list of a million lists': (path) => writeFileSync(path, `[${'[],'.repeat(1_000_000)}[]]`),
};

export interface Place {
  readonly home: string;
  readonly root: string;
  /** What no command may change: files, and folders that look like sessions. */
  readonly outside: string;
  readonly workspace: string;
}

export function hostilePlace(): Place {
  const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-attack-'));
  chmodSync(home, 0o755);
  const place = { home, root: join(home, 'logs'), outside: join(home, 'outside'), workspace: join(home, 'workspace') };
  mkdirSync(place.workspace);
  put(place.outside, { precious: 'precious', 'one/summary.json': SUMMARY('one'), 'one/notes': 'x' });
  for (const folder of ['', 'running', 'sessions'])
    mkdirSync(join(place.root, folder), { mode: 0o700, recursive: true });
  return place;
}

export function SUMMARY(id: string, more: object = {}): string {
  return JSON.stringify({
    session_id: id,
    dir_name: id,
    start_ts: '2026-01-01T00:00:00+00:00',
    success: true,
    ...more,
  });
}

export function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** What a file can say of a process, all of it readable in /proc for everybody. */
export function identityOf(pid: number): { pid: number; starttime_ticks: number | null; boot_id: string } {
  return { pid, starttime_ticks: startTicksOf(pid) ?? null, boot_id: readBootId() ?? '' };
}

/** As `running/<id>/enrollment.json` says it of an agent whose recorder is gone. */
export function enrollment(id: string, pid: number, more: object = {}): string {
  const { boot_id: bootId, ...spawned } = identityOf(pid);
  return JSON.stringify({
    schema_version: 1,
    session_id: id,
    enrolled_at: '2026-01-01T00:00:00.000000+00:00',
    boot_id: bootId,
    ...spawned,
    spawned,
    recorder: { pid: 4_000_000, starttime_ticks: 1 },
    mode: 'run',
    interval_seconds: 1,
    ...more,
  });
}

/** Every entry with its kind, size and content: equal before and after when nothing was touched. */
export function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path);
      return `${name} ${stat.mode} ${stat.uid} ${stat.isFile() && stat.size < 4096 ? readFileSync(path, 'utf8') : ''}`;
    });
}

export interface Ended {
  /** As a shell's `$?` shows it; null: it hung. */
  readonly code: number | null;
  readonly returnedMs: number;
  /** Of `run` until its recorder is gone as well. */
  readonly ms: number;
  /** Of `run` the recorder's, which is what reads files; `undefined` of one that was gone before it was seen. */
  readonly maxRssMb: number | undefined;
  readonly text: string;
}

/** No command waits longer for anybody; one that does is killed, and has no exit code. */
const PATIENCE_MS = 20_000;
const NATIVE = nativeProgram(CLI, process.env);
const PROBE = `process.on('exit',()=>require('node:fs').writeFileSync(process.env.ATTACK_PROBE,String(process.resourceUsage().maxRSS)));delete process.env.NODE_OPTIONS`;

export interface Attacker {
  /** Ourselves, if nobody else. */
  readonly uid?: number | undefined;
  /** Without --log-dir. */
  readonly isDefaultRoot?: boolean;
}

/** One command of the built CLI, as a user. */
export async function attacked(
  place: Place,
  args: readonly string[],
  { uid, isDefaultRoot = false }: Attacker = {},
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-probe-'));
  chmodSync(folder, 0o777);
  const probe = join(folder, 'rss');
  writeFileSync(join(folder, 'probe.cjs'), PROBE);
  const split = args.indexOf('--');
  const at = split < 0 ? args.length : split;
  const rootFlags = isDefaultRoot ? [] : ['--log-dir', place.root];
  const words = [...args.slice(0, at), ...rootFlags, ...args.slice(at)];
  const program = ['--require', join(folder, 'probe.cjs'), CLI, ...words];
  const [command, ...rest] =
    uid === undefined
      ? [process.execPath, ...program]
      : ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', process.execPath, ...program];
  const started = performance.now();
  const child = spawn(command, rest, {
    cwd: place.workspace,
    env: { ...process.env, HOME: place.home, XDG_DATA_HOME: '', ATTACK_PROBE: probe },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let hasHung = false;
  const timer = setTimeout(() => (hasHung = child.kill('SIGKILL')), PATIENCE_MS);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const returned = new Promise<number | null>((resolve) => {
    child.once('close', (code, signal) => resolve(hasHung ? null : (code ?? shellCode(signal))));
  });
  // Where `run` is replaced by its launcher the probe goes with it.
  const recorder =
    args[0] === 'run' && NATIVE !== undefined ? recorderOf(child.pid ?? 0, PATIENCE_MS, returned) : undefined;
  let code = await returned;
  clearTimeout(timer);
  const returnedMs = performance.now() - started;
  const seen = await recorder;
  if (seen?.hasEnded === false) code = null;
  const ownRssMb = (): number => (code === null ? Number.NaN : Number(readFileSync(probe, 'utf8')) / 1024);
  const maxRssMb = seen === undefined ? ownRssMb() : seen.maxRssMb;
  rmSync(folder, { recursive: true });
  return { code, returnedMs, ms: performance.now() - started, maxRssMb, text };
}

/** A process that nobody may end but we. */
export function bystander(uid?: number): ChildProcess {
  return uid === undefined
    ? spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    : spawn('setpriv', ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', 'sleep', '600'], {
        detached: true,
        stdio: 'ignore',
      });
}
