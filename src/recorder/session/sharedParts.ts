import type { MachineRecords } from '../coroner/deathWitness.ts';
import type { ExitNotices } from '../coroner/exitNotices.ts';
import type { SharedProc } from '../proc/sharedProc.ts';
import type { Pulse } from './pulse.ts';

/** What the sessions of one recorder have in common: its cost grows with processes, not with sessions. */
export interface SharedParts {
  readonly proc: SharedProc;
  readonly pulse: Pulse;
  readonly machine: MachineRecords;
  readonly exits: ExitNotices;
}
