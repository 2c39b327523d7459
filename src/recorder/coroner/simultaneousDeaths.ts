import { setTimeout as delay } from 'node:timers/promises';
import type { Incident } from '../../core/session/incident.ts';
import { WINDOW_MS, type Death } from '../../core/death/simultaneousDeath.ts';
import type { OnWriteFailure } from '../../logs/lineWriter.ts';
import { incidentOf, notedSessions, noteDeath } from '../../logs/incidentFiles.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';

/** After the window a death's note may take this long to be written. */
const NOTE_MS = 500;
const LOOK_MS = 50;

export interface DeathNews {
  readonly root: LogRoot;
  readonly death: Death;
  readonly onFailure: OnWriteFailure;
}

/**
 * Tells the other recorders of a death and hears of theirs. It waits only while a session runs that may yet die of the
 * same cause: a session that was alone is told of at once.
 */
export async function joinIncident(news: DeathNews): Promise<Incident | undefined> {
  if (!tellDeath(news)) return undefined;
  const deadline = performance.now() + WINDOW_MS + NOTE_MS;
  for (;;) {
    const mayMoreDie = performance.now() < deadline && isSomebodyLeft(news.root);
    const incident = knownIncident(news);
    if (!mayMoreDie) return incident;
    await delay(LOOK_MS);
  }
}

/** False when it could not be told. */
export function tellDeath(news: DeathNews): boolean {
  return tryTo(news, () => (noteDeath(news.root, news.death), true)) ?? false;
}

/** What a death that has been told is part of, as far as is known now. */
export function knownIncident(news: DeathNews): Incident | undefined {
  return tryTo(news, () => incidentOf(news.root, news.death));
}

function isSomebodyLeft(root: LogRoot): boolean {
  const noted = notedSessions(root);
  return sessionDirs(root.running).some((name) => !noted.has(name));
}

/** A root that cannot be written costs the incident, never the session. */
function tryTo<T>({ root, onFailure }: DeathNews, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error; // a bug of ours, not the disk's
    onFailure(root.deaths, code);
    return undefined;
  }
}
