import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hasFirstPids, removeInstance, SHARED_TRACE, TRACEFS, traceSignals } from './traceInstance.ts';

/**
 * Makes signals that end processes, and the OOM killer's choices, readable for a group until the next boot: a trace
 * buffer of the kernel of its own, whose one file `trace` is shown at a place that others may reach. No daemon; nobody
 * but root can switch it, empty it or see anything else of the tracing system.
 */
export interface WitnessSetup {
  /** A group's name or number; `undefined`: that of whoever used sudo. */
  readonly group: string | undefined;
  /** Also at each boot: the words of the command that sets it up. */
  readonly atBoot: readonly string[] | undefined;
}

export type SetupResult =
  | { readonly ok: true; readonly said: readonly string[] }
  | { readonly ok: false; readonly message: string };

const SHARED_INSTANCE = 'session-diagnostics-witness';
const PLACE = dirname(SHARED_TRACE);
/** There when it was us who mounted tracefs: then it goes with the rest. */
const MOUNTED_BY_US = join(PLACE, 'mounted');
const UNIT = 'session-diagnostics-witness.service';
const UNITS = '/etc/systemd/system';
const WANTED = join(UNITS, 'multi-user.target.wants');

export async function setUpWitness({ group, atBoot }: WitnessSetup, env: NodeJS.ProcessEnv): Promise<SetupResult> {
  const problem = problemHere();
  if (problem !== undefined) return { ok: false, message: problem };
  const gid = gidOf(group ?? env['SUDO_GID'] ?? '0');
  if (gid === undefined)
    return { ok: false, message: `There is no group ${group ?? ''} on this machine. \`getent group\` lists them.` };
  await tearDown();
  mkdirSync(PLACE, { recursive: true, mode: 0o750 });
  const mounted = mountTracefs();
  if (!mounted.ok) return mounted;
  const folder = join(TRACEFS, 'instances', SHARED_INSTANCE);
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    await traceSignals(folder);
    chownSync(join(folder, 'trace'), 0, gid);
    chmodSync(join(folder, 'trace'), 0o440);
    chownSync(PLACE, 0, gid);
    chmodSync(PLACE, 0o750);
    writeFileSync(SHARED_TRACE, '');
  } catch (error) {
    await tearDown();
    return {
      ok: false,
      message: `This kernel does not let signals be traced (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
    };
  }
  const bound = run('mount', '--bind', join(folder, 'trace'), SHARED_TRACE);
  if (bound !== undefined) {
    await tearDown();
    return { ok: false, message: `The trace could not be shown at ${SHARED_TRACE}: ${bound}` };
  }
  const said = [`Members of group ${group ?? gid} can read who sent a signal, until the next boot: ${SHARED_TRACE}`];
  return {
    ok: true,
    said: atBoot === undefined ? said : [...said, ...writeUnit([...atBoot, '--setup-witness', '--group', String(gid)])],
  };
}

export async function removeWitness(): Promise<SetupResult> {
  if (process.getuid?.() !== 0) return { ok: false, message: ROOT_ONLY };
  await tearDown();
  const unit = join(UNITS, UNIT);
  const had = existsSync(unit);
  for (const path of [join(WANTED, UNIT), unit]) rmSync(path, { force: true });
  return { ok: true, said: [`Nothing of it is left${had ? ', nor is anything set up at the next boot' : ''}.`] };
}

const ROOT_ONLY = 'Only root can let others see who sends signals: run it with sudo.';

function problemHere(): string | undefined {
  if (process.platform !== 'linux') return 'Only Linux can be asked who sent a signal.';
  if (process.getuid?.() !== 0) return ROOT_ONLY;
  if (!hasFirstPids())
    return 'A container sees the signals of its whole host: set it up on the host, or record as it is.';
  return undefined;
}

function mountTracefs(): SetupResult {
  if (existsSync(join(TRACEFS, 'instances'))) return { ok: true, said: [] };
  const failed = run('mount', '-t', 'tracefs', 'tracefs', TRACEFS);
  if (failed !== undefined)
    return { ok: false, message: `The kernel's tracing system could not be mounted: ${failed}` };
  writeFileSync(MOUNTED_BY_US, '');
  return { ok: true, said: [] };
}

/** In the order in which it was made, backwards; what is not there is no failure. */
async function tearDown(): Promise<void> {
  const isOurMount = existsSync(MOUNTED_BY_US);
  if (existsSync(SHARED_TRACE)) run('umount', SHARED_TRACE);
  await removeInstance(join(TRACEFS, 'instances', SHARED_INSTANCE));
  if (isOurMount) run('umount', TRACEFS); // fails, rightly, while a recorder of root's uses it
  for (const path of [SHARED_TRACE, MOUNTED_BY_US]) if (existsSync(path)) unlinkSync(path);
  rmSync(PLACE, { recursive: true, force: true });
}

/** A oneshot unit: it runs once at each boot and is gone. */
function writeUnit(command: readonly string[]): string[] {
  if (!existsSync(UNITS)) return ['There is no systemd here: it is not set up again at the next boot.'];
  const quoted = command.map(
    (word) => `"${word.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`,
  );
  const text = `[Unit]
Description=Lets a group read who sent a signal (Session Diagnostics)
[Service]
Type=oneshot
ExecStart=${quoted.join(' ')}
[Install]
WantedBy=multi-user.target
`;
  writeFileSync(join(UNITS, UNIT), text, { mode: 0o644 });
  mkdirSync(WANTED, { recursive: true });
  rmSync(join(WANTED, UNIT), { force: true });
  symlinkSync(join(UNITS, UNIT), join(WANTED, UNIT));
  return [`It is set up again at each boot by ${join(UNITS, UNIT)}.`];
}

function gidOf(group: string): number | undefined {
  if (/^\d{1,10}$/.test(group)) return Number(group);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${group}:`));
  const gid = line?.split(':')[2];
  return gid === undefined ? undefined : Number(gid);
}

/** What it said when it failed. */
function run(program: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
