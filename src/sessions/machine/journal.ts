import { statSync } from 'node:fs';
import { COREDUMP_MESSAGE, journalRecord, KernelLines } from '../../core/death/machineLines.ts';
import { isRecord, parseJson } from '../../core/words/json.ts';
import type { MachineRecord } from '../../core/death/machineRecord.ts';
import type { Gathered, Looked, MachineQuestion } from './looked.ts';
import { runProgram, type ProgramRun } from './runProgram.ts';

/** The fields that are read: an entry has some forty. */
const FIELDS = [
  'MESSAGE',
  'MESSAGE_ID',
  'SYSLOG_IDENTIFIER',
  'UNIT',
  'USER_UNIT',
  '_BOOT_ID',
  '_COMM',
  '_TRANSPORT',
  '_UID',
  ...['PID', 'UID', 'COMM', 'CMDLINE', 'CWD', 'SIGNAL'].map((name) => `COREDUMP_${name}`),
];
/** Whose entries can tell of an end: `+` is "or". */
const WHO = [
  '_TRANSPORT=kernel',
  '_COMM=systemd',
  'SYSLOG_IDENTIFIER=systemd',
  'SYSLOG_IDENTIFIER=systemd-oomd',
  'SYSLOG_IDENTIFIER=systemd-logind',
  'SYSLOG_IDENTIFIER=systemd-sleep',
  'SYSLOG_IDENTIFIER=earlyoom',
  `MESSAGE_ID=${COREDUMP_MESSAGE}`,
].flatMap((match, index) => (index === 0 ? [match] : ['+', match]));
const MOST_ENTRIES = 50_000;

/** The journal: the kernel's lines with their boot, oomd and earlyoom, units, logouts, suspensions, core dumps. */
export async function readJournal(question: MachineQuestion, arePidsOurs: boolean): Promise<Gathered> {
  const { fromMs, toMs, journal, timeoutMs } = question;
  const run = await runProgram(
    'journalctl',
    [
      ...placeOf(journal),
      '--output=json',
      `--output-fields=${FIELDS.join(',')}`,
      '--no-pager',
      `--lines=${MOST_ENTRIES}`,
      `--since=@${Math.floor(fromMs / 1000)}`,
      `--until=@${Math.ceil(toMs / 1000)}`,
      ...WHO,
    ],
    timeoutMs,
  );
  if (run.type === 'missing') return nothing('not_there', 'there is no journalctl on this machine');
  if (run.type === 'slow') return nothing('failed', 'journalctl did not answer in time');
  const records = recordsIn(run.stdout, arePidsOurs);
  return { records, looked: [lookedOf(run, records)] };
}

function placeOf(journal: string | undefined): readonly string[] {
  if (journal === undefined) return [];
  const isFolder = statSync(journal, { throwIfNoEntry: false })?.isDirectory() === true;
  return [`${isFolder ? '--directory' : '--file'}=${journal}`];
}

function recordsIn(stdout: string, arePidsOurs: boolean): readonly MachineRecord[] {
  const kernel = new KernelLines();
  return stdout.split('\n').flatMap((line) => {
    const parsed = line === '' ? undefined : parseJson(line);
    return parsed?.ok === true && isRecord(parsed.value)
      ? (journalRecord(parsed.value, kernel, arePidsOurs) ?? [])
      : [];
  });
}

const GROUP_HELP = 'sudo usermod -aG systemd-journal "$USER"   (counts from the next login on)';

function lookedOf(run: Extract<ProgramRun, { readonly stdout: string }>, records: readonly MachineRecord[]): Looked {
  const { stdout, stderr } = run;
  // `Hint: You are currently not seeing messages from other users and the system.`
  if (/not seeing messages from other users/.test(stderr)) {
    const words = "the journal, of which this user may read only what this user's own programs wrote";
    return { source: 'journal', state: 'partly', words, help: GROUP_HELP };
  }
  if (/permission|insufficient/i.test(stderr)) {
    return { source: 'journal', state: 'no_right', words: 'this user may not read the journal', help: GROUP_HELP };
  }
  if (/No journal files/.test(stderr))
    return { source: 'journal', state: 'not_there', words: 'this machine keeps no journal' };
  if (run.type === 'failed' && stdout === '')
    return { source: 'journal', state: 'failed', words: 'journalctl could not read the journal' };
  return { source: 'journal', state: 'read', words: counted('the journal, core dumps included', records.length) };
}

/** Entries are read for what they tell; of most there is nothing to tell here. */
export function counted(what: string, count: number): string {
  return `${what} (${count === 0 ? 'nothing of this kind' : count === 1 ? '1 record' : `${count} records`} at that time)`;
}

function nothing(state: Looked['state'], words: string): Gathered {
  return { records: [], looked: [{ source: 'journal', state, words }] };
}
