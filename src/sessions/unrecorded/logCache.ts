import { join } from 'node:path';
import type { LogFile } from '../../agents/allLogs.ts';
import type { LogDigest } from '../../agents/logDigest.ts';
import type { Finding, KnownProcess } from '../../core/death/machineRecord.ts';
import { arrayOf, isRecord, recordOf } from '../../core/words/json.ts';
import { createLogRoot, type LogRoot } from '../../logs/logRoot.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import { readJsonFile } from '../../logs/sessionIndex.ts';

const FILE = 'agent-logs.json';
/** Of another version nothing is taken over: it is a cache. */
const VERSION = 1;
const MOST_BYTES = 32 * 1024 * 1024;

/** What is kept of a log for as long as its file is the same. */
export interface KeptLog {
  readonly stamp: string;
  readonly digest: LogDigest;
  readonly processes: readonly KnownProcess[];
  /** What the machine said when the log was last found stopped in the middle; the machine itself forgets. */
  readonly findings: readonly Finding[] | undefined;
}

export function stampOf({ size, inode, mtimeMs }: LogFile): string {
  return `${size} ${inode} ${mtimeMs}`;
}

/** In the private log root, by this program alone: what is not of its shape is not there. */
export function readLogCache(root: LogRoot): Map<string, KeptLog> {
  const document = recordOf(readJsonFile(join(root.path, FILE), MOST_BYTES));
  const kept = new Map<string, KeptLog>();
  if (document?.['version'] !== VERSION) return kept;
  for (const entry of arrayOf(document['logs'])) {
    if (!isRecord(entry) || typeof entry['path'] !== 'string' || typeof entry['stamp'] !== 'string') continue;
    if (!isRecord(entry['digest']) || typeof entry['digest']['ending'] !== 'string') continue;
    kept.set(entry['path'], {
      stamp: entry['stamp'],
      // Written by this version of this program, as the two lines above and the version say.
      digest: entry['digest'] as unknown as LogDigest,
      processes: arrayOf(entry['processes']) as readonly KnownProcess[],
      findings: Array.isArray(entry['findings']) ? (entry['findings'] as readonly Finding[]) : undefined,
    });
  }
  return kept;
}

/** A cache that cannot be written is made anew the next time. */
export function writeLogCache(root: LogRoot, logs: ReadonlyMap<string, KeptLog>): void {
  const entries = [...logs].map(([path, kept]) => ({ path, ...kept }));
  try {
    createLogRoot(root);
    writeAtomically(root.path, FILE, `${JSON.stringify({ version: VERSION, logs: entries })}\n`);
  } catch {
    return; // read-only, full or another user's
  }
}
