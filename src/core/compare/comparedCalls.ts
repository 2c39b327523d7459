import { likeness, type ComparedCall, type ComparedSession } from './comparedSession.ts';
import type { Difference } from './differenceNames.ts';

/** Less than this is the machine's mood. */
const NOTABLE_SECONDS = 3;
const NOTABLE_RATIO = 2;

export function isMuchLonger(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return Math.abs(a - b) >= NOTABLE_SECONDS && Math.max(a, b) >= NOTABLE_RATIO * Math.min(a, b);
}

export function callKey({ kind, asked }: ComparedCall, folder: string): string {
  return `${kind} ${likeness(asked ?? '', folder)}`;
}

export function callName({ kind, asked }: ComparedCall): string {
  return asked ?? kind;
}

/** The calls of one kind and text, in the order in which they were made. */
function byKey({ calls, folder }: ComparedSession): ReadonlyMap<string, readonly ComparedCall[]> {
  const groups = new Map<string, ComparedCall[]>();
  for (const call of calls) {
    const key = callKey(call, folder);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  return groups;
}

export function callDifferences(a: ComparedSession, b: ComparedSession): readonly Difference[] {
  // Where none is known, there was no log to read: that each of the other's was not made tells nothing.
  if (a.calls.length === 0 || b.calls.length === 0) return [];
  const [ofA, ofB] = [byKey(a), byKey(b)];
  const keys = new Set([...ofA.keys(), ...ofB.keys()]);
  return [...keys].flatMap((key) => ofOneCall(ofA.get(key) ?? [], ofB.get(key) ?? []));
}

/** The first pair that went differently stands for all of one text. */
function ofOneCall(a: readonly ComparedCall[], b: readonly ComparedCall[]): readonly Difference[] {
  const [first] = [...a, ...b];
  if (first === undefined) return [];
  const subject = callName(first);
  const pairs = a.flatMap((call, index) => {
    const other = b[index];
    return other === undefined ? [] : [[call, other] as const];
  });
  const status = pairs.find(([one, other]) => one.status !== other.status);
  const slower = pairs.find(([one, other]) => isMuchLonger(one.seconds, other.seconds));
  const versions = pairs.map(([one, other]) => differingVersions(one, other)).find((pair) => pair !== undefined);
  return [
    ...(status === undefined
      ? []
      : [{ what: 'call_status', subject, a: status[0].status, b: status[1].status } as const]),
    ...(versions === undefined ? [] : [{ what: 'answer_version', subject, ...versions } as const]),
    ...(slower === undefined
      ? []
      : [{ what: 'call_seconds', subject, a: slower[0].seconds ?? null, b: slower[1].seconds ?? null } as const]),
    ...(a.length === b.length ? [] : [{ what: 'call', subject, a: a.length, b: b.length } as const]),
  ];
}

const VERSION = /\bv?\d{1,4}\.\d{1,5}(?:\.\d{1,7})?(?:[-+][\w.]+)?\b/g;

/** Of two answers that are alike but for the versions in them, the first that differs. */
function differingVersions(a: ComparedCall, b: ComparedCall): { readonly a: string; readonly b: string } | undefined {
  if (a.status !== 'ok' || b.status !== 'ok' || a.answer === undefined || b.answer === undefined) return undefined;
  if (a.answer === b.answer || a.answer.replaceAll(VERSION, '#') !== b.answer.replaceAll(VERSION, '#'))
    return undefined;
  const [ofA, ofB] = [a.answer.match(VERSION) ?? [], b.answer.match(VERSION) ?? []];
  const index = ofA.findIndex((version, i) => version !== ofB[i]);
  const [one, other] = [ofA[index], ofB[index]];
  // A lone `0.12` is a time or a share as often as a version.
  const isVersion = (text: string | undefined): text is string => text !== undefined && /^v|\..*\./.test(text);
  return isVersion(one) && isVersion(other) ? { a: one, b: other } : undefined;
}
