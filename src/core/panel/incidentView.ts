import { humanSeconds } from '../words/humanUnits.ts';
import type { Incident, IncidentCandidate, IncidentCauseName } from '../session/incident.ts';
import { isSameSession, type SeriesPoints, type SessionRef, type SessionRow } from './sessionView.ts';
import { msFromIso } from '../words/time.ts';
import type { Cause, Confidence } from '../words/vocabulary.ts';

/** What a person sees of incidents; as `sessionView`, all of it survives JSON. */

export interface IncidentRef {
  /** The log root's absolute path. */
  readonly root: string;
  readonly id: string;
}

/** One incident in a list. */
export interface IncidentRow {
  readonly ref: IncidentRef;
  readonly firstMs: number;
  readonly sentence: string;
  /** The part of it that says why. */
  readonly why: string;
  readonly sessions: readonly SessionRef[];
}

export type ListItem =
  | { readonly type: 'session'; readonly row: SessionRow }
  | { readonly type: 'incident'; readonly row: IncidentRow };

/** An incident stands above the first of its sessions. */
export function withIncidents(rows: readonly SessionRow[], incidents: readonly IncidentRow[]): readonly ListItem[] {
  const waiting = new Set(incidents);
  return rows.flatMap((row): ListItem[] => {
    const above = [...waiting].filter(({ sessions }) => sessions.some((one) => isSameSession(one, row.ref)));
    for (const incident of above) waiting.delete(incident);
    return [...above.map((incident) => ({ type: 'incident', row: incident }) as const), { type: 'session', row }];
  });
}

export interface IncidentView {
  readonly row: IncidentRow;
  readonly candidates: readonly CandidateView[];
  readonly sessions: readonly IncidentSessionView[];
  /** What the timelines show: the way to the deaths. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface CandidateView {
  readonly name: IncidentCauseName;
  readonly confidence: Confidence;
  readonly sentence: string;
  readonly evidenceSentences: readonly string[];
}

export interface IncidentSessionView {
  readonly ref: SessionRef;
  readonly title: string;
  readonly cause: Cause;
  readonly deathMs: number;
  /** Memory of the whole tree, in KiB; `undefined` when the session is gone or has no samples there. */
  readonly memory: SeriesPoints | undefined;
}

const HAPPENED: { readonly [name in IncidentCauseName]: string } = {
  kernel_oom: 'the kernel killed them for memory',
  tmux_server: 'their tmux server went away',
  logout: 'their user was logged out',
  reboot: 'the machine was started again',
  killer_process: 'another process killed them',
  full_disk: 'the disk was full',
  network_loss: 'the network was gone',
};

/** "3 sessions died within 0.4 s: their tmux server went away (likely)." */
export function incidentSentence(incident: Incident): string {
  const { sessions, first_ts, last_ts } = incident;
  const spanMs = (msFromIso(last_ts) ?? 0) - (msFromIso(first_ts) ?? 0);
  const when = spanMs < 100 ? 'at the same moment' : `within ${humanSeconds(spanMs / 1000)}`;
  return `${sessions.length} sessions died ${when}: ${incidentReason(incident)}.`;
}

export function incidentReason({ candidates: [best] }: Incident): string {
  return best === undefined ? 'no common cause was found' : `${HAPPENED[best.name]} (${best.confidence})`;
}

export function candidateSentence({ name, confidence }: IncidentCandidate): string {
  const clause = HAPPENED[name];
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)} (${confidence}).`;
}
