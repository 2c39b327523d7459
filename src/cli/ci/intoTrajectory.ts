import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { HarnessVerdict } from '../../core/report/harnessVerdict.ts';
import { isRecord, parseJson, recordOf, stringOf } from '../../core/words/json.ts';
import { openFile } from '../../logs/door.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import { CommandError } from '../failure.ts';

const MOST_BYTES = 200_000_000;
/** The verdict in `extra` of an ATIF trajectory; all else stays. */
export function putIntoTrajectory(verdict: HarnessVerdict, file: string, cwd: string): void {
  const path = resolve(cwd, file);
  const parsed = parseJson(readNamed(path));
  const trajectory = parsed.ok ? recordOf(parsed.value) : undefined;
  const version = stringOf(trajectory?.['schema_version']) ?? '';
  if (trajectory === undefined || !/^ATIF-v1\.\d+$/.test(version)) {
    throw new CommandError(`${path} is no ATIF trajectory: its schema_version should be ATIF-v1.7 or another of v1.`);
  }
  if (hasLongNumber(trajectory))
    throw new CommandError(`${path} holds numbers that could not be kept exactly; nothing was changed.`);
  const extra = isRecord(trajectory['extra']) ? trajectory['extra'] : {};
  const told = { ...trajectory, extra: { ...extra, session_diagnostics: verdict } };
  try {
    writeAtomically(dirname(path), basename(path), `${JSON.stringify(told, undefined, 2)}\n`);
  } catch (error) {
    throw unusable(path, 'written', error);
  }
}

/** An integer of which JavaScript keeps some digits only. */
function hasLongNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (Array.isArray(value)) return value.some(hasLongNumber);
  return isRecord(value) && Object.values(value).some(hasLongNumber);
}

function readNamed(path: string): string {
  try {
    const fd = openFile(path, 'named');
    try {
      if (fstatSync(fd).size > MOST_BYTES) throw new CommandError(`${path} is larger than ${MOST_BYTES} bytes.`);
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw unusable(path, 'read', error);
  }
}

function unusable(path: string, what: string, error: unknown): CommandError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
  return new CommandError(`${path} could not be ${what} (${code}).`, { cause: error });
}
