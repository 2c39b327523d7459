import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REMOTE = ['/usr/lib/systemd/systemd-journal-remote', '/lib/systemd/systemd-journal-remote'].find((path) =>
  existsSync(path),
);

/** False, or why journals cannot be made here. */
export const NO_JOURNALS =
  REMOTE === undefined ? 'systemd-journal-remote is not installed, so no journal can be made' : false;

export interface JournalEntry {
  readonly ms: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** A journal's file, made by systemd's own program of what somebody might have logged. */
export function writeJournal(folder: string, entries: readonly JournalEntry[]): string {
  const path = join(folder, 'made.journal');
  const text = entries
    .map(({ ms, fields }, index) =>
      [
        `__REALTIME_TIMESTAMP=${Math.round(ms * 1000)}`,
        `__MONOTONIC_TIMESTAMP=${(index + 1) * 1_000_000}`,
        ...Object.entries({ _BOOT_ID: '11111111222243338444555555555555', ...fields }).map(
          ([name, value]) => `${name}=${value}`,
        ),
        '\n',
      ].join('\n'),
    )
    .join('');
  writeFileSync(join(folder, 'made.export'), text);
  const made = spawnSync(REMOTE ?? '', ['-o', path, join(folder, 'made.export')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return path;
}

export interface Login {
  readonly type: 'boot' | 'shutdown';
  readonly ms: number;
}

/** A file like /var/log/wtmp (utmp(5), as on x86-64). */
export function writeLogins(folder: string, logins: readonly Login[]): string {
  const path = join(folder, 'wtmp');
  writeFileSync(path, Buffer.concat(logins.map(loginEntry)));
  return path;
}

const ENTRY_BYTES = 384;

function loginEntry({ type, ms }: Login): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.writeInt16LE(type === 'boot' ? 2 : 1, 0); // BOOT_TIME, RUN_LVL
  entry.write('~', 8); // ut_line
  entry.write('~~', 40); // ut_id
  entry.write(type === 'boot' ? 'reboot' : 'shutdown', 44); // ut_user
  entry.write('6.1.0-18-amd64', 76); // ut_host
  entry.writeInt32LE(Math.floor(ms / 1000), 340);
  return entry;
}
