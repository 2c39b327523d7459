import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isIncidentId, type Incident } from '../../core/session/incident.ts';
import { incidentReason, incidentSentence, type IncidentRef, type IncidentRow } from '../../core/panel/incidentView.ts';
import { isSameSession, type SessionRef } from '../../core/panel/sessionView.ts';
import { msFromIso } from '../../core/words/time.ts';
import { entriesOf } from '../../logs/folders.ts';
import { readIncident } from '../../logs/incidentFiles.ts';
import type { LogRoot } from '../../logs/logRoot.ts';

export interface BookedIncident {
  readonly row: IncidentRow;
  readonly incident: Incident;
}

interface Stamped extends BookedIncident {
  readonly stamp: string;
}

/** The incidents of all roots, the newest first. A file is read again only when it has been written again. */
export class IncidentBook {
  #booked = new Map<string, Stamped>();

  list(roots: readonly LogRoot[]): readonly BookedIncident[] {
    const next = new Map<string, Stamped>();
    for (const root of roots) {
      for (const { path, id } of incidentFiles(root)) {
        const stamp = stampOf(path);
        const known = this.#booked.get(path);
        const booked = known?.stamp === stamp ? known : bookedFrom(root, id);
        if (booked !== undefined && stamp !== undefined) next.set(path, { ...booked, stamp });
      }
    }
    this.#booked = next;
    return [...next.values()].sort((a, b) => b.row.firstMs - a.row.firstMs);
  }
}

export function isInIncident({ row }: BookedIncident, session: SessionRef): boolean {
  return row.sessions.some((one) => isSameSession(one, session));
}

export function isSameIncident(a: IncidentRef, b: IncidentRef): boolean {
  return a.id === b.id && a.root === b.root;
}

function incidentFiles(root: LogRoot): { readonly path: string; readonly id: string }[] {
  return entriesOf(root.incidents).flatMap(({ name }) => {
    const id = name.endsWith('.json') ? name.slice(0, -5) : '';
    return isIncidentId(id) ? [{ path: join(root.incidents, name), id }] : [];
  });
}

function bookedFrom(root: LogRoot, id: string): BookedIncident | undefined {
  const incident = readIncident(root, id);
  const firstMs = msFromIso(incident?.first_ts);
  if (incident === undefined || firstMs === undefined) return undefined;
  const sessions = incident.sessions.map(({ dir_name }) => ({ root: root.path, id: dir_name }));
  // Its file's name leads back to it, whatever it calls itself.
  return {
    incident,
    row: {
      ref: { root: root.path, id },
      firstMs,
      sentence: incidentSentence(incident),
      why: incidentReason(incident),
      sessions,
    },
  };
}

function stampOf(path: string): string | undefined {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}
