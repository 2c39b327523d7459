import { crashIn, killIn } from './kernelText.ts';
import type { MachineRecord, MachineSource } from './machineRecord.ts';
import { numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import { signalOfNumber } from '../words/signals.ts';

/*
 * Lines of the machine's logs turned into records. What is of no use to whoever asks why an agent ended is no record.
 */

interface At {
  readonly ms: number;
  readonly bootId?: string | undefined;
  readonly isVague?: boolean | undefined;
  readonly source: MachineSource;
  /** The log counts pids as this machine's other programs do. */
  readonly arePidsOurs: boolean;
}

/** Reads the kernel's lines in their order: a kill's group stands in the line before it. */
export class KernelLines {
  #group: { readonly pid: number; readonly path: string; readonly uid: number | undefined } | undefined;

  read(text: string, at: At): MachineRecord | undefined {
    const base = baseOf(at);
    const [, path, taskPid, taskUid] =
      /^oom-kill:.*?\btask_memcg=([^,]{1,400}),.*?\bpid=(\d{1,10})(?:,uid=(\d{1,10}))?/.exec(text) ?? [];
    if (path !== undefined) this.#group = { pid: Number(taskPid), path, uid: numbered(taskUid) };
    const kill = killIn(text);
    if (kill !== undefined) {
      const told = this.#group?.pid === kill.pid ? this.#group : undefined;
      const uid = told?.uid ?? numbered(/\bUID[: ](\d{1,10})/.exec(text)?.[1]);
      return {
        ...base,
        kind: 'kernel_oom',
        ...pidOf(kill.pid, at),
        comm: kill.comm,
        ...(uid !== undefined && { uid }),
        ...(told !== undefined && { group: told.path }),
      };
    }
    const crash = crashIn(text);
    if (crash !== undefined) {
      return { ...base, kind: 'crash', ...pidOf(crash.pid, at), comm: crash.comm, signal: crash.signal };
    }
    // `INFO: task node:1234 blocked for more than 120 seconds.`
    const [, comm, pid] = /^INFO: task (.{1,15}?):(\d{1,10}) blocked for more than/.exec(text) ?? [];
    if (comm !== undefined) return { ...base, kind: 'hung_task', ...pidOf(Number(pid), at), comm };
    if (DISK_ERROR.test(text)) return { ...base, kind: 'disk_error' };
    if (/^PM: suspend entry\b/.test(text)) return { ...base, kind: 'suspended' };
    return undefined;
  }
}

/** `I/O error, dev sda, sector 12`, `EXT4-fs error (device sda1): ...`, `EXT4-fs (sda1): Remounting filesystem read-only` */
const DISK_ERROR =
  /^(?:blk_update_request: |Buffer )?I\/O error\b.{0,20}\bdev\b|^EXT4-fs error\b|Remounting filesystem read-only|^XFS \(.{1,40}\): .{0,40}(?:error|Shutting down)|^BTRFS (?:error|critical)\b/;

function baseOf({ ms, bootId, isVague, source }: At): Pick<MachineRecord, 'ms' | 'source' | 'bootId' | 'isVague'> {
  return { ms, source, ...(bootId !== undefined && { bootId }), ...(isVague === true && { isVague: true }) };
}

function pidOf(pid: number, { arePidsOurs }: At): Pick<MachineRecord, 'pid'> {
  return arePidsOurs ? { pid } : {};
}

function numbered(text: unknown): number | undefined {
  const number = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : numberOf(text);
  return number;
}

/** systemd-coredump's line (SD_MESSAGE_COREDUMP, sd-messages.h). */
export const COREDUMP_MESSAGE = 'fc2e22bc6ee647b6b90729ab34a250b1';

/** One entry of `journalctl -o json`, whose kernel lines are read by `kernel`. */
export function journalRecord(entry: JsonRecord, kernel: KernelLines, arePidsOurs: boolean): MachineRecord | undefined {
  const ms = (numbered(entry['__REALTIME_TIMESTAMP']) ?? Number.NaN) / 1000;
  const text = stringOf(entry['MESSAGE']);
  if (!Number.isFinite(ms) || text === undefined) return undefined;
  const at: At = { ms, bootId: bootIdOf(entry['_BOOT_ID']), source: 'journal', arePidsOurs };
  // Only the kernel itself can write with this transport.
  if (entry['_TRANSPORT'] === 'kernel') return kernel.read(text, at);
  const from = stringOf(entry['_COMM']) ?? stringOf(entry['SYSLOG_IDENTIFIER']) ?? '';
  const isSystem = entry['_UID'] === '0' || entry['_UID'] === undefined;
  // What a user's own program writes proves nothing of others.
  if (entry['MESSAGE_ID'] === COREDUMP_MESSAGE) return isSystem ? coreDump(entry, at) : undefined;
  return isSystem ? serviceRecord(from, text, entry, at) : userManagerRecord(from, text, entry, at);
}

/** The journal writes a boot's id without the hyphens of /proc/sys/kernel/random/boot_id. */
function bootIdOf(value: unknown): string | undefined {
  const hex = stringOf(value);
  return hex === undefined ? undefined : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function coreDump(entry: JsonRecord, at: At): MachineRecord | undefined {
  const pid = numbered(entry['COREDUMP_PID']);
  if (pid === undefined) return undefined;
  const uid = numbered(entry['COREDUMP_UID']);
  const comm = stringOf(entry['COREDUMP_COMM']);
  const commandLine = stringOf(entry['COREDUMP_CMDLINE']);
  const cwd = stringOf(entry['COREDUMP_CWD']);
  const signal = signalOfNumber(numbered(entry['COREDUMP_SIGNAL']));
  return {
    ...baseOf(at),
    kind: 'core_dump',
    ...pidOf(pid, at),
    ...(comm !== undefined && { comm }),
    ...(uid !== undefined && { uid }),
    ...(commandLine !== undefined && { commandLine }),
    ...(cwd !== undefined && { cwd }),
    ...(signal !== undefined && { signal }),
  };
}

function serviceRecord(from: string, text: string, entry: JsonRecord, at: At): MachineRecord | undefined {
  if (/^(?:systemd-)?oomd/.test(from) || from === 'systemd-oomd') return oomdRecord(text, at);
  if (from === 'earlyoom') return earlyoomRecord(text, at);
  if (from === 'systemd-logind') return logindRecord(text, at);
  if (from === 'systemd-sleep')
    return /^(?:Entering sleep|Suspending)/.test(text) ? { ...baseOf(at), kind: 'suspended' } : undefined;
  if (from === 'systemd') return unitRecord(text, entry, at);
  return undefined;
}

function userManagerRecord(from: string, text: string, entry: JsonRecord, at: At): MachineRecord | undefined {
  return from === 'systemd' ? unitRecord(text, entry, at) : undefined;
}

/** `Killed /user.slice/.../app.scope due to memory used (...) being more than ...` */
function oomdRecord(text: string, at: At): MachineRecord | undefined {
  const group = /^(?:Memory pressure|Swap used)?.{0,200}?\bKilled (\/\S{1,400}) due to/.exec(text)?.[1];
  return group === undefined ? undefined : { ...baseOf(at), kind: 'user_oom', group };
}

/** `sending SIGTERM to process 4711 uid 1000 "node": oom_score 812, VmRSS 3000 MiB, cmdline "node /usr/bin/x"` */
function earlyoomRecord(text: string, at: At): MachineRecord | undefined {
  const [, signal, pid, uid, comm, commandLine] =
    /^sending (SIG[A-Z]{3,5}) to process (\d{1,10})(?: uid (\d{1,10}))? "(.{1,64}?)":.*?(?:cmdline "(.{1,2000})")?$/.exec(
      text,
    ) ?? [];
  if (pid === undefined || signal === undefined || comm === undefined) return undefined;
  const owner = numbered(uid);
  return {
    ...baseOf(at),
    kind: 'user_oom',
    ...pidOf(Number(pid), at),
    comm,
    signal,
    ...(owner !== undefined && { uid: owner }),
    ...(commandLine !== undefined && { commandLine }),
  };
}

/** logind names sessions by number; whose it was stands in the unit of their manager, which ends with the last. */
function logindRecord(text: string, at: At): MachineRecord | undefined {
  if (/^(?:The system will suspend|Suspending|Operation 'suspend' started)/.test(text))
    return { ...baseOf(at), kind: 'suspended' };
  if (/^(?:The system will (?:power off|reboot|halt)|System is (?:powering down|rebooting))/.test(text)) {
    return { ...baseOf(at), kind: 'shut_down' };
  }
  return undefined;
}

/**
 * `tmux-spawn-1.scope: A process of this unit has been killed by the OOM killer.`, `...: Failed with result 'oom-kill'.`,
 * `Stopped User Manager for UID 1000.`
 */
function unitRecord(text: string, entry: JsonRecord, at: At): MachineRecord | undefined {
  const manager = /^Stopped User Manager for UID (\d{1,10})\b|^Stopped user@(\d{1,10})\.service\b/.exec(text);
  const uid = numbered(manager?.[1] ?? manager?.[2]);
  if (uid !== undefined) return { ...baseOf(at), kind: 'logged_out', uid };
  const group =
    stringOf(entry['USER_UNIT']) ?? stringOf(entry['UNIT']) ?? /^(\S{1,200}\.(?:service|scope))\b/.exec(text)?.[1];
  if (group === undefined) return undefined;
  if (/killed by the OOM killer|result 'oom-kill'/.test(text)) return { ...baseOf(at), kind: 'unit_oom', group };
  if (/: Failed with result '/.test(text)) return { ...baseOf(at), kind: 'unit_failed', group };
  return /^Stopp(?:ed|ing) |: Deactivated successfully|: Stopping timed out/.test(text)
    ? { ...baseOf(at), kind: 'unit_stopped', group }
    : undefined;
}

/**
 * `last -x --time-format iso`, newest first: `shutdown system down  6.1.0-18 2026-11-27T10:00:00+00:00 - 2026-...`,
 * `reboot   system boot  6.1.0-18 2026-11-27T10:01:00+00:00   still running`, `ann pts/0 :1 2026-... - crash (...)`
 */
export function loginRecords(lines: readonly string[]): readonly MachineRecord[] {
  const records: MachineRecord[] = [];
  let shutDownMs: number | undefined;
  for (const line of lines.toReversed()) {
    const ms = Date.parse(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d/.exec(line)?.[0] ?? '');
    if (Number.isNaN(ms)) continue;
    if (line.startsWith('shutdown ')) {
      shutDownMs = ms;
      records.push({ kind: 'shut_down', source: 'login_records', ms });
    } else if (line.startsWith('reboot ')) {
      // The machine came up and nobody had put it down: it crashed, or lost its power.
      const isFirst = records.length === 0;
      records.push({
        kind: shutDownMs === undefined && !isFirst ? 'power_lost' : 'started_again',
        source: 'login_records',
        ms,
      });
      shutDownMs = undefined;
    }
  }
  return records;
}
