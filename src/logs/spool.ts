import { createHash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { arrayOf, parseJson, recordOf, stringOf } from '../core/words/json.ts';
import { readText } from './door.ts';
import { entriesOf, isOwnFile, statOf, withFolder, writeIn, type Folder } from './folders.ts';
import { SPOOL, type LogRoot } from './logRoot.ts';

/*
 * What could not be sent waits in `<root>/spool`, a file for each session, private and whole or not there. Who sends one
 * renames it first, so that two do not; what a killed sender has left renamed is free again after a while. It may then
 * arrive twice, with the same ids.
 */

export interface SpoolRequest {
  readonly signal: string;
  readonly body: string;
}

/** `<ms since the epoch>-<hex>.json`, and while somebody sends it `.<ms>` behind that. */
const NAME = /^(\d{13})-[0-9a-f]{16}\.json(?:\.(\d{13}))?$/;
/** Longer than any attempt lasts. */
const CLAIM_MS = 60_000;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 2000;
const LONGEST_MS = 14 * 24 * 3600 * 1000;

export interface Spooled {
  /** What others call it, and we while we send it. */
  readonly name: string;
  readonly claimed: string;
}

/** Kept, and ours to send first. `dropped`: how many of the oldest had to go for it. Throws as node:fs does. */
export function spool(
  root: LogRoot,
  { id, requests, nowMs }: { readonly id: string; readonly requests: readonly SpoolRequest[]; readonly nowMs: number },
  most: { readonly bytes: number; readonly files: number } = { bytes: MOST_BYTES, files: MOST_FILES },
): Spooled & { readonly dropped: number } {
  const text = JSON.stringify({ id, requests });
  const name = `${nowMs}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}.json`;
  const claimed = `${name}.${nowMs}`;
  return withFolder(root.path, [SPOOL], 'make', (folder) => {
    writeIn(folder, claimed, `${digestOf(text)}\n${text}`);
    return { name, claimed, dropped: dropOldest(folder, root, most, nowMs) };
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface SpoolFile {
  readonly file: string;
  readonly atMs: number;
  readonly claimedMs: number | undefined;
}

/** The oldest first. */
function filesIn(root: LogRoot): readonly SpoolFile[] {
  return entriesOf(root.spool)
    .flatMap(({ name: file }) => {
      const [, at, claimed] = NAME.exec(file) ?? [];
      return at === undefined
        ? []
        : [{ file, atMs: Number(at), claimedMs: claimed === undefined ? undefined : Number(claimed) }];
    })
    .sort((a, b) => a.atMs - b.atMs);
}

function isFree({ claimedMs }: SpoolFile, nowMs: number): boolean {
  return claimedMs === undefined || Math.abs(nowMs - claimedMs) > CLAIM_MS;
}

function dropOldest(
  folder: Folder,
  root: LogRoot,
  most: { readonly bytes: number; readonly files: number },
  nowMs: number,
): number {
  let bytes = 0;
  let files = 0;
  let dropped = 0;
  for (const { file, atMs } of filesIn(root).toReversed()) {
    bytes += statOf(join(root.spool, file))?.size ?? 0;
    files += 1;
    const isKept = files === 1 || (bytes <= most.bytes && files <= most.files && nowMs - atMs <= LONGEST_MS);
    if (isKept) continue;
    rmSync(folder.at(file), { force: true });
    dropped += 1;
  }
  return dropped;
}

/** How many wait, those that somebody sends just now included. */
export function spoolSize(root: LogRoot): number {
  return filesIn(root).length;
}

export type Claimed =
  | { readonly kind: 'read'; readonly spooled: Spooled; readonly requests: readonly SpoolRequest[] }
  | { readonly kind: 'damaged'; readonly name: string };

/** The oldest that nobody sends, taken for us; `undefined` when there is none. One that is damaged is removed. */
export function claimSpooled(root: LogRoot, nowMs: number, except: ReadonlySet<string>): Claimed | undefined {
  for (const found of filesIn(root)) {
    const name = found.file.replace(/\.\d{13}$/, '');
    if (except.has(name) || !isFree(found, nowMs)) continue;
    if (!isOwnFile(join(root.spool, found.file))) continue; // what others put there is not sent in our name
    const claimed = `${name}.${nowMs}`;
    if (!renamed(root, found.file, claimed)) continue; // another was first
    const requests = requestsIn(join(root.spool, claimed));
    if (requests !== undefined) return { kind: 'read', spooled: { name, claimed }, requests };
    removeSpooled(root, { name, claimed });
    return { kind: 'damaged', name };
  }
  return undefined;
}

/** Not sent: whoever comes next may try. */
export function releaseSpooled(root: LogRoot, { name, claimed }: Spooled): void {
  renamed(root, claimed, name);
}

/** Sent, or refused for good. */
export function removeSpooled(root: LogRoot, { claimed }: Spooled): void {
  try {
    withFolder(root.path, [SPOOL], 'write', (folder) => rmSync(folder.at(claimed), { force: true }));
  } catch {
    // it will arrive twice, and be known for it by its ids
  }
}

function renamed(root: LogRoot, from: string, to: string): boolean {
  try {
    withFolder(root.path, [SPOOL], 'write', (folder) => renameSync(folder.at(from), folder.at(to)));
    return true;
  } catch {
    return false; // gone: another has sent it
  }
}

/** `undefined` of a file that a power cut, or anybody, has cut or changed. */
function requestsIn(path: string): readonly SpoolRequest[] | undefined {
  let file: string;
  try {
    file = readText(path, MOST_BYTES);
  } catch {
    return undefined;
  }
  const end = file.indexOf('\n');
  const text = file.slice(end + 1);
  if (end < 0 || digestOf(text) !== file.slice(0, end)) return undefined;
  const parsed = parseJson(text);
  const requests = arrayOf(recordOf(parsed.ok ? parsed.value : undefined)?.['requests']).flatMap((value) => {
    const [signal, body] = [stringOf(recordOf(value)?.['signal']), stringOf(recordOf(value)?.['body'])];
    return signal === undefined || body === undefined ? [] : [{ signal, body }];
  });
  return requests.length === 0 ? undefined : requests;
}
