import { callKey, callName } from './comparedCalls.ts';
import { likeness, type ComparedCall, type ComparedSession } from './comparedSession.ts';
import { isMuchMore } from './comparedProcesses.ts';

/** The first instant at which two sessions went different ways, in seconds of each. */
export interface PartingPoint {
  readonly a: number;
  readonly b: number;
  readonly what: 'call' | 'call_status' | 'process' | 'memory' | 'end';
  /** What either did there: texts of the sessions. */
  readonly inA: string | undefined;
  readonly inB: string | undefined;
}

/** Which of several that are there is the first. */
export function partingPoint(a: ComparedSession, b: ComparedSession): PartingPoint | undefined {
  const points = [partingCall(a, b), partingProcess(a, b), partingMemory(a, b), partingEnd(a, b)];
  return points
    .filter((point) => point !== undefined)
    .toSorted((one, other) => Math.min(one.a, one.b) - Math.min(other.a, other.b))[0];
}

function partingCall(a: ComparedSession, b: ComparedSession): PartingPoint | undefined {
  if (a.calls.length === 0 || b.calls.length === 0) return undefined;
  const most = Math.max(a.calls.length, b.calls.length);
  for (let index = 0; index < most; index += 1) {
    const [one, other] = [a.calls[index], b.calls[index]];
    const isSame = one !== undefined && other !== undefined && callKey(one, a.folder) === callKey(other, b.folder);
    if (isSame && one.status === other.status) continue;
    const what = isSame ? 'call_status' : 'call';
    const at = { a: momentOf(one, a, index), b: momentOf(other, b, index) };
    return { ...at, what, inA: wordsOf(one, isSame), inB: wordsOf(other, isSame) };
  }
  return undefined;
}

const STATUS = { ok: 'went well', failed: 'failed', open: 'did not return' } as const;

function wordsOf(call: ComparedCall | undefined, withStatus: boolean): string | undefined {
  if (call === undefined) return undefined;
  return withStatus ? `\`${callName(call)}\` ${STATUS[call.status]}` : `\`${callName(call)}\``;
}

/** Of a call that was not made, the end of the one before it. */
function momentOf(call: ComparedCall | undefined, { calls, durationSeconds }: ComparedSession, index: number): number {
  const before = calls[index - 1];
  return call?.at ?? (before?.at === undefined ? (durationSeconds ?? 0) : before.at + (before.seconds ?? 0));
}

function partingProcess(a: ComparedSession, b: ComparedSession): PartingPoint | undefined {
  const keysOf = ({ processes, folder }: ComparedSession) =>
    new Set(processes.map(({ command }) => likeness(command, folder)));
  // Started by other commands they are of other processes from the start.
  if (likeness(a.command, a.folder) !== likeness(b.command, b.folder)) return undefined;
  if (a.processes.length === 0 || b.processes.length === 0) return undefined;
  const [inA, inB] = [keysOf(a), keysOf(b)];
  const firstOnly = (one: ComparedSession, others: ReadonlySet<string>) =>
    one.processes
      .filter(({ command, samples }) => samples >= 3 && !others.has(likeness(command, one.folder)))
      .toSorted((first, second) => first.at - second.at)[0];
  const [onlyA, onlyB] = [firstOnly(a, inB), firstOnly(b, inA)];
  const at = Math.min(onlyA?.at ?? Infinity, onlyB?.at ?? Infinity);
  if (at === Infinity) return undefined;
  const ran = (one: { readonly command: string } | undefined) => one && `ran \`${one.command}\``;
  return { a: onlyA?.at ?? at, b: onlyB?.at ?? at, what: 'process', inA: ran(onlyA), inB: ran(onlyB) };
}

function partingMemory(a: ComparedSession, b: ComparedSession): PartingPoint | undefined {
  let index = 0;
  for (const { at, kb } of a.memory) {
    while ((b.memory[index + 1]?.at ?? Infinity) <= at) index += 1;
    const other = b.memory[index];
    // Beyond the end of one there is nothing to compare.
    if (other === undefined || Math.abs(other.at - at) > 2 * Math.max(a.intervalSeconds, b.intervalSeconds, 1))
      continue;
    if (isMuchMore(kb, other.kb)) return { a: at, b: at, what: 'memory', inA: String(kb), inB: String(other.kb) };
  }
  return undefined;
}

function partingEnd(a: ComparedSession, b: ComparedSession): PartingPoint | undefined {
  const { verdict: one } = a;
  const { verdict: other } = b;
  if (one.cause === other.cause && one.outcome === other.outcome && a.exitCode === b.exitCode) return undefined;
  return { a: a.durationSeconds ?? 0, b: b.durationSeconds ?? 0, what: 'end', inA: undefined, inB: undefined };
}
