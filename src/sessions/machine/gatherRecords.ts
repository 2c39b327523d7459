import { readlinkSync } from 'node:fs';
import type { MachineRecord } from '../../core/death/machineRecord.ts';
import { readJournal } from './journal.ts';
import { readKernelRing } from './kernelRing.ts';
import type { Gathered, MachineQuestion } from './looked.ts';
import { readDisks, readGroups, readLogins, readTmux } from './machineState.ts';

/** The first pid namespace's number (PROC_PID_INIT_INO, proc_ns.h): there the kernel's log counts as we do. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Everything that this machine remembers of a time, and what became of asking. */
export async function gatherRecords(question: MachineQuestion): Promise<Gathered> {
  const arePidsOurs = question.kernelLog !== undefined || question.journal !== undefined || isFirstNamespace();
  const [journal, logins, tmux] = await Promise.all([
    readJournal(question, arePidsOurs),
    readLogins(question),
    readTmux(question),
  ]);
  const kernel = readKernelRing(question, arePidsOurs);
  const all = [kernel, journal, logins, tmux, readGroups(question), readDisks(question)];
  return { records: once(all.flatMap(({ records }) => records)), looked: all.flatMap(({ looked }) => looked) };
}

function isFirstNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return false; // not Linux
  }
}

const SAME_MS = 5000;

/** The kernel's ring buffer and the journal tell the same lines: the journal knows boot and time better. */
function once(records: readonly MachineRecord[]): readonly MachineRecord[] {
  const journal = records.filter(({ source }) => source === 'journal');
  const isInJournal = (record: MachineRecord): boolean =>
    journal.some(
      ({ kind, pid, ms }) => kind === record.kind && pid === record.pid && Math.abs(ms - record.ms) < SAME_MS,
    );
  return records.filter((record) => record.source !== 'kernel_log' || !isInJournal(record));
}
