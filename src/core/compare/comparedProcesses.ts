import { isMuchLonger } from './comparedCalls.ts';
import { likeness, type ComparedProcess, type ComparedSession } from './comparedSession.ts';
import type { Difference } from './differenceNames.ts';

/** A process that was seen less often than this may as well have been there and not been seen. */
const SURE_SAMPLES = 3;
const NOTABLE_KB = 32 * 1024;
const NOTABLE_RATIO = 1.5;

export function isMuchMore(a: number, b: number): boolean {
  return Math.abs(a - b) >= NOTABLE_KB && Math.max(a, b) >= NOTABLE_RATIO * Math.min(a, b);
}

function isSure({ samples }: ComparedProcess): boolean {
  return samples >= SURE_SAMPLES;
}

function byCommand({ processes, folder }: ComparedSession): ReadonlyMap<string, ComparedProcess> {
  return new Map(processes.map((one) => [likeness(one.command, folder), one]));
}

export function processDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  // Where none was seen, nobody looked.
  if (a.processes.length === 0 || b.processes.length === 0) return [];
  const [ofA, ofB] = [byCommand(a), byCommand(b)];
  // A command that differs has been told, and is the name of the process that it starts.
  const own = new Set([likeness(a.command, a.folder), likeness(b.command, b.folder)]);
  const isTold = (key: string): boolean => own.size > 1 && own.has(key);
  const keys = [...new Set([...ofA.keys(), ...ofB.keys()])].filter((key) => !isTold(key));
  return keys.flatMap((key) => {
    const [one, other] = [ofA.get(key), ofB.get(key)];
    if (one !== undefined && other !== undefined) return ofOneCommand(one, other);
    const [only] = [one, other].filter((one) => one !== undefined);
    if (only === undefined || !isSure(only)) return [];
    return [{ what: 'process', subject: only.command, a: one !== undefined, b: other !== undefined } as const];
  });
}

function ofOneCommand(a: ComparedProcess, b: ComparedProcess): readonly Difference[] {
  const subject = a.command;
  const larger = a.peakKb > b.peakKb ? a : b;
  return [
    ...(isSure(larger) && isMuchMore(a.peakKb, b.peakKb)
      ? [{ what: 'process_peak_kb', subject, a: a.peakKb, b: b.peakKb } as const]
      : []),
    ...(isMuchLonger(a.seconds, b.seconds)
      ? [{ what: 'process_seconds', subject, a: a.seconds, b: b.seconds } as const]
      : []),
  ];
}
