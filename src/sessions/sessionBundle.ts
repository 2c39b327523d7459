import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildReport } from '../core/report/reportBuild.ts';
import { privateAnomaly, privateLifecycle, privateSnapshot, treeTeller } from '../core/report/privateSeries.ts';
import { privateName, privateSummary } from '../core/report/privateSession.ts';
import { jsonDocument, jsonLine } from '../core/words/json.ts';
import { openFile } from '../logs/door.ts';
import { entriesOf } from '../logs/folders.ts';
import { eachAnomaly } from '../logs/sessionFiles.ts';
import { SUMMARY_FILE } from '../logs/sessionIndex.ts';
import { TRACE_FILE, TREE_FILE } from '../logs/series.ts';
import { bytesOf, sizeOfFile, tarOf, type TarEntry } from '../logs/tarFile.ts';
import { readFound, type FoundSession } from './readFound.ts';
import { environmentFacts, reportedSession } from './reportedSession.ts';

/** One session as one file: a tar.gz of `manifest.json` and the session's files, private or as they are. */

export type BundleForm = 'private' | 'full';

export const MANIFEST = 'manifest.json';

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

export function sha256Of(path: string, size: number): string {
  const hash = createHash('sha256');
  for (const piece of bytesOf(path, size)) hash.update(piece);
  return hash.digest('hex');
}
