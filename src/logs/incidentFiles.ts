import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { incidentFrom, isIncidentId, newIncidentId, type Incident } from '../core/session/incident.ts';
import { jsonDocument } from '../core/words/json.ts';
import { judgeIncident } from '../core/death/judgeIncident.ts';
import { deathFrom, deathsWith, type Death } from '../core/death/simultaneousDeath.ts';
import { msFromIso } from '../core/words/time.ts';
import { openFile, readText } from './door.ts';
import { entriesOf, isOwnFile, statOf, withFolder, writeIn, type Folder } from './folders.ts';
import { DEATHS, INCIDENTS, type LogRoot } from './logRoot.ts';
import { readJsonFile } from './sessionIndex.ts';

/*
 * Recorders know nothing of each other; what they share is the folder `.deaths`. Each writes its death's note first and
 * looks for others' after that, so of any two at least one sees both. An incident's id is claimed for each of its notes
 * by link(2), which succeeds for one process only; its file is a function of the notes, written again by whoever sees
 * more of them. No lock: a recorder that is stopped or killed in the middle holds nobody up.
 */

/** A note's file name says all that is needed to find it: `<ms since the epoch>.<slack in ms>.<session's directory>`. */
interface Note {
  readonly name: string;
  readonly atMs: number;
  readonly slackMs: number;
  readonly dirName: string;
}

const NOTE_NAME = /^(\d{1,16})\.(\d{1,12})\.(.+)\.json$/;
const CLAIM = '.claim';
/** An incident of a thousand sessions has a tenth of this. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Whoever is recovered joins the deaths of its time: this long after it was written a note is of no use any more. */
const NOTE_KEPT_MS = 24 * 3600 * 1000;

/** Tells the others; throws as node:fs does. */
export function noteDeath(root: LogRoot, death: Death): void {
  withFolder(root.path, [DEATHS], 'make', (deaths) => {
    dropOldNotes(root);
    writeIn(deaths, noteNameOf(death), jsonDocument(death));
  });
}

/**
 * The incident that this noted death belongs to, written down as it is known now; `undefined` while it is the only one
 * of its time. Throws as node:fs does.
 */
export function incidentOf(root: LogRoot, death: Death): Incident | undefined {
  let written: string | undefined;
  // What came while we wrote is found by looking again; the last one to write has seen everything.
  for (let round = 0; round < 10; round += 1) {
    const notes = notesWith(root, death);
    const deaths = notes.flatMap(({ name }) => deathFrom(readJsonFile(join(root.deaths, name))) ?? []);
    if (deaths.length < 2) return undefined;
    const id = agreedId(root, notes, death);
    // Given up by another process before our file was there to remove: it is ours to remove.
    if (written !== undefined && written !== id) dropIncidents(root, [written]);
    const incident = judgeIncident(id, deaths);
    const text = jsonDocument(incident);
    if (textOf(join(root.incidents, `${id}.json`)) === text) return incident;
    withFolder(root.path, [INCIDENTS], 'make', (incidents) => writeIn(incidents, `${id}.json`, text));
    written = id;
  }
  return undefined;
}

/** Who of the root has told of a death. */
export function notedSessions(root: LogRoot): ReadonlySet<string> {
  return new Set(readNotes(root).map(({ dirName }) => dirName));
}

export function readIncident(root: LogRoot, id: string): Incident | undefined {
  const isFolder = statOf(root.incidents)?.isDirectory() === true; // a link there leads out of the root
  return isIncidentId(id) && isFolder ? incidentFrom(readJsonFile(join(root.incidents, `${id}.json`))) : undefined;
}

/** The newest first. */
export function listIncidents(root: LogRoot): readonly Incident[] {
  return namesIn(root.incidents)
    .flatMap((name) => (name.endsWith('.json') ? (readIncident(root, name.slice(0, -'.json'.length)) ?? []) : []))
    .sort((a, b) => (a.first_ts < b.first_ts ? 1 : a.first_ts > b.first_ts ? -1 : 0));
}

function noteNameOf({ ts, slack_seconds: slackSeconds, dir_name: dirName }: Death): string {
  return `${Math.round(msFromIso(ts) ?? 0)}.${Math.round(slackSeconds * 1000)}.${dirName}.json`;
}

function readNotes(root: LogRoot): readonly Note[] {
  return namesIn(root.deaths).flatMap((name) => {
    const [, at, slack, dirName] = NOTE_NAME.exec(name) ?? [];
    return dirName === undefined ? [] : [{ name, atMs: Number(at), slackMs: Number(slack), dirName }];
  });
}

/** A session that was noted twice, by a recorder that died of it and by the one that recovered it, died once. */
function notesWith(root: LogRoot, death: Death): readonly Note[] {
  const ownName = noteNameOf(death);
  const all = readNotes(root);
  const own = all.find(({ name }) => name === ownName);
  if (own === undefined) return []; // the root was emptied under us
  const seen = new Set<string>();
  return deathsWith(own, all).filter(({ dirName }) => !seen.has(dirName) && seen.add(dirName));
}

/**
 * One id for all the notes. The first to link it to the first note has named it; of two that were given before the notes
 * were seen together the smaller stays, and the other's file goes.
 */
function agreedId(root: LogRoot, notes: readonly Note[], death: Death): string {
  const claims = (): string[] => notes.flatMap(({ name }) => readClaim(root, name) ?? []).sort();
  const fresh = newIncidentId(death.ts, randomBytes(4).toString('hex'));
  if (claims().length === 0) claim(root, notes[0]?.name ?? '', fresh);
  const [id = fresh, ...others] = new Set(claims());
  withFolder(root.path, [DEATHS], 'write', (deaths) => {
    for (const { name } of notes) {
      if (readClaim(root, name) !== id) renameSync(writeAside(deaths, id), deaths.at(name + CLAIM));
    }
  });
  if (others.length > 0) dropIncidents(root, others);
  return id;
}

function dropIncidents(root: LogRoot, ids: readonly string[]): void {
  withFolder(root.path, [INCIDENTS], 'make', (incidents) => {
    for (const id of ids) rmSync(incidents.at(`${id}.json`), { force: true });
  });
}

/** For one process only; the others find its id there. */
function claim(root: LogRoot, noteName: string, id: string): void {
  withFolder(root.path, [DEATHS], 'write', (deaths) => {
    const aside = writeAside(deaths, id);
    try {
      linkSync(aside, deaths.at(noteName + CLAIM));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  });
}

function writeAside(deaths: Folder, id: string): string {
  const aside = deaths.at(`.${process.pid}${CLAIM}`);
  rmSync(aside, { force: true }); // of a process that had our number and died in the middle
  const fd = openFile(aside, 'create');
  try {
    writeFileSync(fd, id);
  } finally {
    closeSync(fd);
  }
  return aside;
}

function readClaim(root: LogRoot, noteName: string): string | undefined {
  const id = textOf(join(root.deaths, noteName + CLAIM)) ?? '';
  return isIncidentId(id) ? id : undefined;
}

function dropOldNotes(root: LogRoot): void {
  const before = Date.now() - NOTE_KEPT_MS;
  for (const { name, atMs } of readNotes(root)) {
    // A session that is recovered late has a death of long ago and a note of now.
    if (atMs >= before || (statOf(join(root.deaths, name))?.mtimeMs ?? 0) >= before) continue;
    dropOwn(root, [name, name + CLAIM]);
  }
}

function dropOwn(root: LogRoot, names: readonly string[]): void {
  withFolder(root.path, [DEATHS], 'write', (deaths) => {
    for (const name of names) if (isOwnFile(deaths.at(name))) rmSync(deaths.at(name), { force: true });
  });
}

function namesIn(folder: string): readonly string[] {
  return entriesOf(folder).map(({ name }) => name);
}

function textOf(path: string): string | undefined {
  try {
    return readText(path, MOST_BYTES);
  } catch {
    return undefined; // not there yet
  }
}
