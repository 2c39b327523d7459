import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildReport } from '../core/report/reportBuild.ts';
import { privateAnomaly, privateLifecycle, privateSnapshot, treeTeller } from '../core/report/privateSeries.ts';
import { privateName, privateSummary } from '../core/report/privateSession.ts';
import { arrayOf, integerOf, jsonDocument, jsonLine, parseJson, recordOf, stringOf } from '../core/words/json.ts';
import { isSessionId } from '../core/words/sessionId.ts';
import { openFile, readText } from '../logs/door.ts';
import { entriesOf, withFolder } from '../logs/folders.ts';
import { logRootAt } from '../logs/logRoot.ts';
import { writeAtomically } from '../logs/runningSession.ts';
import { findSession, eachAnomaly } from '../logs/sessionFiles.ts';
import { SUMMARY_FILE } from '../logs/sessionIndex.ts';
import { TRACE_FILE, TREE_FILE } from '../logs/series.ts';
import { bytesOf, sizeOfFile, tarOf, unpackTar, type TarEntry } from '../logs/tarFile.ts';
import { readFound, type FoundSession } from './readFound.ts';
import { environmentFacts, reportedSession } from './reportedSession.ts';

/** One session as one file: a tar.gz of `manifest.json` and the session's files, private or as they are. */

export type BundleForm = 'private' | 'full';

const MANIFEST = 'manifest.json';
const OPENED = 'opened';
const MOST_SUMMARY_BYTES = 10_000_000;
const MOST_MANIFEST_BYTES = 1_000_000;
/** Of an archive from anywhere. */
const LIMITS = { files: 5000, bytes: 1_000_000_000 };

interface BundledFile extends TarEntry {
  readonly path: string;
  readonly sha256: string;
}

export type Prepared =
  | { readonly ok: true; readonly name: string; readonly folder: string }
  | { readonly ok: false; readonly message: string };

/** Writes the private form of a session's files into a folder of our own. */
export function preparePrivate(found: FoundSession, folder: string): Prepared {
  const session = reportedSession(found);
  const built = buildReport({ createdMs: Date.now(), environment: environmentFacts(undefined), sessions: [session] });
  if (!built.ok) return built;
  const [report] = built.report.sessions;
  if (report === undefined) return { ok: false, message: 'Nothing is known of this session.' };
  const name = privateName(report.handle);
  const put = (file: string, write: (add: (line: unknown) => void) => void): void => {
    const fd = openFile(join(folder, file), 'create');
    try {
      write((line) => line !== undefined && writeSync(fd, `${jsonLine(line)}\n`));
    } finally {
      closeSync(fd);
    }
  };
  put(TRACE_FILE, (add) =>
    put(TREE_FILE, (addTree) => {
      const tree = treeTeller();
      const { lifecycle } = readFound(found, {
        moment: ({ snapshot }) => add(privateSnapshot(snapshot)),
        tree: (sample) => addTree(tree(sample)),
      });
      put('lifecycle.jsonl', (addEvent) => lifecycle.forEach((event) => addEvent(privateLifecycle(event, name))));
    }),
  );
  put('anomalies.jsonl', (add) => eachAnomaly(found.place.dir, (anomaly) => add(privateAnomaly(anomaly))));
  const fd = openFile(join(folder, SUMMARY_FILE), 'create');
  writeSync(fd, jsonDocument(privateSummary(session.summary ?? {}, report)));
  closeSync(fd);
  return { ok: true, name, folder };
}

/** The bytes of the bundle of a folder, `manifest.json` first. */
export function bundleOf(
  folder: string,
  form: BundleForm,
  { scratch, version }: { readonly scratch: string; readonly version: string },
): Generator<Buffer> {
  const entries = entriesOf(folder).filter((entry) => entry.isFile() && entry.name !== MANIFEST);
  const files = entries.map(({ name }) => listed(name, join(folder, name)));
  const manifest = {
    schema_version: 1,
    product: 'session-diagnostics',
    product_version: version,
    form,
    files: files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  };
  const path = join(scratch, MANIFEST);
  const fd = openFile(path, 'create');
  writeSync(fd, jsonDocument(manifest));
  closeSync(fd);
  return tarOf([listed(MANIFEST, path), ...files]);
}

function listed(name: string, path: string): BundledFile {
  const size = sizeOfFile(path);
  return { name, path, size, sha256: sha256Of(path, size) };
}

function sha256Of(path: string, size: number): string {
  const hash = createHash('sha256');
  for (const piece of bytesOf(path, size)) hash.update(piece);
  return hash.digest('hex');
}

export type Opened = { readonly ok: true; readonly found: FoundSession } | { readonly ok: false; readonly why: string };

/** Unpacks a bundle, or a .tar.gz of a session's folder, into a log root of its own in an empty folder. */
export async function openBundle(path: string, rootFolder: string): Promise<Opened> {
  const root = logRootAt(rootFolder);
  const unpacking = join(root.sessions, OPENED);
  withFolder(rootFolder, [basename(root.sessions), OPENED], 'make', () => undefined);
  const create = (name: string): number => openFile(join(unpacking, name), 'create');
  const unpacked = await unpackTar(path, { limits: LIMITS, create });
  if (!unpacked.ok) return unpacked;
  const wrong = againstManifest(unpacking, unpacked.files);
  if (wrong !== undefined) return { ok: false, why: wrong };
  if (!unpacked.files.some(({ name }) => name === SUMMARY_FILE || name === TRACE_FILE)) {
    return { ok: false, why: 'there is no session in it' };
  }
  const name = ownNamesAlone(unpacking, new Set(unpacked.files.map((file) => file.name)));
  const place = findSession(root, OPENED);
  return place === undefined
    ? { ok: false, why: 'there is no session in it' }
    : { ok: true, found: { root, place: { ...place, name } } };
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

/**
 * The session's own name. Whoever packed it may have named any file of this machine as the agent's log: only one that came
 * along is looked at.
 */
function ownNamesAlone(folder: string, files: ReadonlySet<string>): string {
  const path = join(folder, SUMMARY_FILE);
  const parsed = files.has(SUMMARY_FILE) ? parseJson(readText(path, MOST_SUMMARY_BYTES)) : { ok: false as const };
  const summary = parsed.ok ? recordOf(parsed.value) : undefined;
  if (summary === undefined) return OPENED;
  const log = basename(stringOf(summary['transcript']) ?? stringOf(summary['claude_code_log']) ?? '');
  const transcript = files.has(log) ? join(folder, log) : null;
  const own = { ...summary, transcript, claude_code_log: transcript };
  writeAtomically(folder, SUMMARY_FILE, jsonDocument(own));
  const id = stringOf(summary['session_id']) ?? '';
  return isSessionId(id) ? id : OPENED;
}
