import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExitFacts } from '../../core/death/deathFacts.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';
import { integerOf, isRecord } from '../../core/words/json.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { exitOfWaitStatus } from '../../core/death/waitStatus.ts';
import { EXIT_FILE } from '../../logs/runningSession.ts';
import { readJsonFile } from '../../logs/sessionIndex.ts';

/** How the agent ended, as its launcher noted it. */
export interface NotedExit {
  readonly exit: ExitFacts;
  readonly at: string | undefined;
}

/** What the launcher left in the session's folder; `undefined` when there is none, or the agent was not launched so. */
export function readExitNote(dir: string): NotedExit | undefined {
  const note = readJsonFile(join(dir, EXIT_FILE));
  const status = isRecord(note) ? integerOf(note['wait_status']) : undefined;
  if (!isRecord(note) || status === undefined) return undefined;
  const atMs = integerOf(note['at_ms']);
  return { exit: exitOfWaitStatus(status), at: atMs === undefined ? undefined : isoFromMs(atMs) };
}

/** The launcher reaps the agent, and then notes its status: some milliseconds later, on a busy machine some more. */
const NOTE_MS = 300;
const LONGEST_MS = 5000;

export async function notedExit(dir: string, enrollment: Enrollment): Promise<ExitFacts | undefined> {
  const { launcher, boot_id: bootId } = enrollment;
  const from = performance.now();
  for (;;) {
    const isLauncherThere = launcher !== undefined && isProcessAlive(launcher, bootId);
    const deadline = from + (isLauncherThere ? LONGEST_MS : NOTE_MS);
    const note = readExitNote(dir);
    if (note !== undefined || performance.now() > deadline) return note?.exit;
    await delay(10);
  }
}
