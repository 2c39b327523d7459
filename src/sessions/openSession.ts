import { closeSync, existsSync, renameSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  arrayOf,
  integerOf,
  jsonDocument,
  parseJson,
  recordOf,
  stringOf,
  type JsonRecord,
} from '../core/words/json.ts';
import { isSessionId } from '../core/words/sessionId.ts';
import { openFile, readText } from '../logs/door.ts';
import { entriesOf, withFolder } from '../logs/folders.ts';
import { logRootAt } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import { writeAtomically } from '../logs/runningSession.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { ENROLLMENT_FILE, SUMMARY_FILE } from '../logs/sessionIndex.ts';
import { TRACE_FILE } from '../logs/series.ts';
import { bytesOf, sizeOfFile, unpackTar, type TarEntry, type Unpacked } from '../logs/tarFile.ts';
import { unpackZip } from '../logs/zipFile.ts';
import type { FoundSession } from './readFound.ts';
import { MANIFEST, sha256Of } from './sessionBundle.ts';

/** A session that somebody was given: its folder, or an archive of it. It is looked at in a private copy. */

const OPENED = 'opened';
const MOST_SUMMARY_BYTES = 10_000_000;
const MOST_MANIFEST_BYTES = 1_000_000;
/** Of what comes from anywhere. */
const LIMITS = { files: 5000, bytes: 1_000_000_000 };

export type Opened = { readonly ok: true; readonly found: FoundSession } | { readonly ok: false; readonly why: string };

/** Whether a folder has a session's files in it; one that is missing has none. */
export function isSessionFolder(path: string): boolean {
  return [SUMMARY_FILE, TRACE_FILE, ENROLLMENT_FILE].some((name) => existsSync(join(path, name)));
}

/** Copies or unpacks it into a log root of its own in an empty folder. Nothing in it runs any more, whatever it says. */
export async function openSession(path: string, rootFolder: string): Promise<Opened> {
  const root = logRootAt(rootFolder);
  const unpacking = join(root.sessions, OPENED);
  withFolder(rootFolder, [basename(root.sessions), OPENED], 'make', () => undefined);
  const create = (name: string): number => openFile(join(unpacking, name), 'create');
  const unpacked = await unpack(path, create);
  if (!unpacked.ok) return unpacked;
  const wrong = againstManifest(unpacking, unpacked.files);
  if (wrong !== undefined) return { ok: false, why: wrong };
  const files = new Set(unpacked.files.map((file) => file.name));
  if (![SUMMARY_FILE, TRACE_FILE, ENROLLMENT_FILE].some((name) => files.has(name)))
    return { ok: false, why: 'there is no session in it' };
  // What cannot be looked at here may be read elsewhere, and may name any file of this machine.
  const isHuge = [SUMMARY_FILE, ENROLLMENT_FILE].some(
    (account) => sizeIn(unpacked.files, account) > MOST_SUMMARY_BYTES,
  );
  if (isHuge) return { ok: false, why: 'its account of itself is larger than one is' };
  const name = nameOf(unpacking, files);
  const dir = join(root.sessions, name);
  if (name !== OPENED) renameSync(unpacking, dir);
  ownLogAlone(dir, files);
  const place = findSession(root, name);
  return place === undefined ? { ok: false, why: 'there is no session in it' } : { ok: true, found: { root, place } };
}

async function unpack(path: string, create: (name: string) => number): Promise<Unpacked> {
  if (statSync(path).isDirectory()) return copied(path, create);
  const isZip = readHead(path, 1, 'named')[0]?.startsWith('PK') === true;
  return await (isZip ? unpackZip : unpackTar)(path, { limits: LIMITS, create });
}

/** The files of a folder; what is no file of its own, be it a link, stays where it is. */
function copied(folder: string, create: (name: string) => number): Unpacked {
  const files: TarEntry[] = [];
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const size = sizeOfFile(path);
    bytes += size;
    if (files.length >= LIMITS.files) return { ok: false, why: `it holds more than ${LIMITS.files} files` };
    if (bytes > LIMITS.bytes) return { ok: false, why: `it holds more than ${LIMITS.bytes} bytes` };
    const fd = create(entry.name);
    for (const piece of bytesOf(path, size)) writeSync(fd, piece);
    closeSync(fd);
    files.push({ name: entry.name, size });
  }
  return { ok: true, files };
}

/** What is wrong by the manifest, where there is one: each file is as it was packed, and none is missing or more. */
function againstManifest(folder: string, files: readonly TarEntry[]): string | undefined {
  if (!files.some(({ name }) => name === MANIFEST)) return undefined;
  const parsed = parseJson(readText(join(folder, MANIFEST), MOST_MANIFEST_BYTES));
  const manifest = parsed.ok ? recordOf(parsed.value) : undefined;
  const told = arrayOf(manifest?.['files']).map(recordOf);
  if (integerOf(manifest?.['schema_version']) !== 1) return 'its manifest is of a version that is not known here';
  if (told.length !== files.length - 1) return 'its files are not those of its manifest';
  for (const file of told) {
    const name = stringOf(file?.['name']) ?? '';
    const there = files.find((one) => one.name === name);
    if (there === undefined || there.size !== integerOf(file?.['size']))
      return 'its files are not those of its manifest';
    if (sha256Of(join(folder, name), there.size) !== stringOf(file?.['sha256'])) return 'a file in it has been changed';
  }
  return undefined;
}

function sizeIn(files: readonly TarEntry[], name: string): number {
  return files.find((file) => file.name === name)?.size ?? 0;
}

/** The session's own name, where it says one that can be one. */
function nameOf(folder: string, files: ReadonlySet<string>): string {
  const account = files.has(SUMMARY_FILE) ? SUMMARY_FILE : ENROLLMENT_FILE;
  const id = stringOf((files.has(account) ? recordIn(folder, account) : undefined)?.['session_id']) ?? '';
  return isSessionId(id) ? id : OPENED;
}

function recordIn(folder: string, file: string): JsonRecord | undefined {
  const parsed = parseJson(readText(join(folder, file), MOST_SUMMARY_BYTES));
  return parsed.ok ? recordOf(parsed.value) : undefined;
}

/** Whoever packed it may have named any file of this machine as the agent's log: only one that came along is looked at. */
function ownLogAlone(folder: string, files: ReadonlySet<string>): void {
  const summary = files.has(SUMMARY_FILE) ? recordIn(folder, SUMMARY_FILE) : undefined;
  if (summary === undefined) return;
  const log = basename(stringOf(summary['transcript']) ?? stringOf(summary['claude_code_log']) ?? '');
  const transcript = files.has(log) ? join(folder, log) : null;
  writeAtomically(folder, SUMMARY_FILE, jsonDocument({ ...summary, transcript, claude_code_log: transcript }));
}
