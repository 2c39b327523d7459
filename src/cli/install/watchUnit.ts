import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram, type ProgramRun } from '../../sessions/machine/runProgram.ts';
import type { CommandContext } from '../command.ts';
import { installedCommand } from './installedCommand.ts';

export const UNIT_NAME = 'session-diagnostics-watch.service';

/** The user's systemd answers within milliseconds, and stops a service within seconds. */
const LIMIT_MS = 30_000;

type Place = Pick<CommandContext, 'env' | 'home'>;

/** `why` is for a person: what failed, why, and what to do. */
export type UnitResult = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly why: string };

export interface UnitState {
  /** The unit's file, where there is one. */
  readonly path: string | undefined;
  readonly isEnabled: boolean;
}

/** Writes the unit and starts it; what cannot be started leaves no unit behind. */
export async function installWatch(
  context: Pick<CommandContext, 'env' | 'home' | 'programPath'>,
  flags: readonly string[],
): Promise<UnitResult> {
  const path = unitPath(context);
  const command = [...installedCommand(context), 'watch', ...flags];
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, unitText(command, context.env['PATH'] ?? ''));
  renameSync(fresh, path);
  // `restart` as well: what runs already may be of an earlier version, or have had other flags.
  for (const args of [['daemon-reload'], ['enable', UNIT_NAME], ['restart', UNIT_NAME]]) {
    const ran = await systemctl(args);
    if (ran.type === 'ran') continue;
    await uninstallWatch(context);
    return { ok: false, why: whyNot(ran, command) };
  }
  return { ok: true, path };
}

/** True when there was something to take away. Nothing of it is left. */
export async function uninstallWatch(place: Place): Promise<boolean> {
  const path = unitPath(place);
  const wanted = join(dirname(path), 'default.target.wants', UNIT_NAME);
  const wasThere = textOf(path) !== undefined;
  if (wasThere) await systemctl(['disable', '--now', UNIT_NAME]);
  rmSync(path, { force: true });
  rmSync(wanted, { force: true }); // where there is no systemd to do it
  if (wasThere) await systemctl(['daemon-reload']);
  for (const folder of [dirname(wanted), dirname(path), dirname(dirname(path))]) removeIfEmpty(folder);
  return wasThere;
}

export async function watchUnitState(place: Place): Promise<UnitState> {
  const path = unitPath(place);
  if (textOf(path) === undefined) return { path: undefined, isEnabled: false };
  const ran = await systemctl(['is-enabled', UNIT_NAME]);
  return { path, isEnabled: ran.type === 'ran' };
}

/** systemd.unit(5), systemd.service(5). */
export function unitText([program = '', ...args]: readonly string[], searchPath: string): string {
  return `# Written by \`session-diagnostics watch --install\`; \`watch --uninstall\` takes it away.
[Unit]
Description=Session Diagnostics: records the coding agents of this user

[Service]
ExecStart=${[escaped(program), ...args.map((word) => escaped(word).replaceAll('$', '$$$$'))].map(quoted).join(' ')}
# As where it was installed: a command of npm's is started by the Node that is found.
Environment=${quoted(escaped(`PATH=${searchPath}`))}
# A stop ends the recordings; of a restart the next one goes on with them.
KillSignal=SIGINT
RestartKillSignal=SIGTERM
Restart=on-failure
RestartSec=30

[Install]
WantedBy=default.target
`;
}

/** A % begins a specifier, and is itself when doubled; so does a $ a variable, in arguments alone. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\n', '\\n');
}

function quoted(text: string): string {
  return `"${text}"`;
}

function unitPath({ env, home }: Place): string {
  return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'systemd', 'user', UNIT_NAME);
}

function systemctl(args: readonly string[]): Promise<ProgramRun> {
  return runProgram('systemctl', ['--user', ...args], LIMIT_MS);
}

function whyNot(ran: Exclude<ProgramRun, { type: 'ran' }>, command: readonly string[]): string {
  const said = ran.type === 'failed' ? ran.stderr.trim().split('\n').at(-1) : undefined;
  const why =
    ran.type === 'missing'
      ? 'This system has no systemd.'
      : `systemd does not run services for this user here${said === undefined ? '' : ` (${said})`}.`;
  return `${why} Nothing was installed. Let something else start it when you log in, such as your shell's profile or cron (\`@reboot\`): ${command.join(' ')}`;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // other units are in it, or it was never there
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // there is none
  }
}
