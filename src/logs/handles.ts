import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, linkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { jsonLine, parseJson, recordOf, stringOf } from '../core/words/json.ts';
import { openFile, readText } from './door.ts';
import { withFolder } from './folders.ts';
import { readLines } from './jsonLines.ts';
import { appendShared } from './lineWriter.ts';
import type { LogRoot } from './logRoot.ts';

/**
 * Handles name a line of a private log without telling anything about it: an HMAC of the log's path with a random key
 * that never leaves the log root. A list beside the key says which file each stands for, for `locate` on this machine.
 */
export interface Handles {
  /** The function that names the lines of one file. Remembers the file, so that `locate` finds it again. */
  handleOf(file: string): (line: number) => string;
}

const KEY_BYTES = 32;
const MOST_KEY_BYTES = 4096;
const HANDLE = /^src:([0-9a-f]{12}):L(\d{1,15})$/;

export function openHandles(root: LogRoot): Handles {
  const key = readOrCreateKey(root);
  const known = new Set<string>();
  takeList(root, ({ hex }) => void known.add(hex));
  return {
    handleOf: (file) => {
      const path = realPathOf(file);
      const hex = createHmac('sha256', key).update(path).digest('hex').slice(0, 12);
      if (!known.has(hex)) {
        known.add(hex);
        remember(root, { hex, path });
      }
      return (line) => `src:${hex}:L${line}`;
    },
  };
}

/** One file, one name, whichever link it was reached by; a file that is about to be moved into place has its own path. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Where a handle leads on this machine; `undefined` when it was never made here, or is no handle. */
export function locateHandle(
  root: LogRoot,
  handle: string,
): { readonly path: string; readonly line: number } | undefined {
  const [, hex, line] = HANDLE.exec(handle) ?? [];
  let path: string | undefined;
  takeList(root, (entry) => {
    if (entry.hex === hex) path = entry.path;
  });
  return path === undefined || line === undefined ? undefined : { path, line: Number(line) };
}

/** From now on the same files get other handles; those already given out can still be located. False where none can be kept. */
export function rotateHandleKey(root: LogRoot): boolean {
  try {
    withFolder(root.handles, [], 'write', (folder) => rmSync(folder.at(basename(root.handleKey)), { force: true }));
  } catch {
    return false; // no such root, or not ours to write
  }
  readOrCreateKey(root);
  return readKey(root) !== undefined;
}

/** Two processes that make the key at once must agree: link(2) gives the name to one of them. */
function readOrCreateKey(root: LogRoot): Buffer {
  const existing = readKey(root);
  if (existing !== undefined) return existing;
  const fresh = randomBytes(KEY_BYTES);
  try {
    withFolder(root.handles, [], 'make', (folder) => {
      const key = folder.at(basename(root.handleKey));
      const temporary = `${key}.${process.pid}.${fresh.toString('hex', 0, 4)}`;
      const fd = openFile(temporary, 'create');
      try {
        writeFileSync(fd, `${fresh.toString('hex')}\n`, { flush: true });
        linkSync(temporary, key);
      } catch {
        // the other one was first: its key is read below
      } finally {
        closeSync(fd);
        rmSync(temporary, { force: true });
      }
    });
  } catch {
    // A root that cannot be written: handles are then good for this run only, and tell as little.
  }
  return readKey(root) ?? fresh;
}

function readKey(root: LogRoot): Buffer | undefined {
  try {
    const text = readText(root.handleKey, MOST_KEY_BYTES).trim();
    return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
  } catch {
    return undefined; // none yet
  }
}

interface Entry {
  readonly hex: string;
  readonly path: string;
}

const LIST_FILE = '.handle-files.jsonl';
/** A path has at most 4096 bytes, each six characters of JSON at worst. A line of a million lists would take 100 MB. */
const MOST_ENTRY_BYTES = 32 * 1024;

function remember(root: LogRoot, entry: Entry): void {
  try {
    withFolder(root.handles, [], 'write', (folder) => appendShared(folder.at(LIST_FILE), jsonLine(entry)));
  } catch {
    // not writable: the handle is still a name, only `locate` will not know it
  }
}

function takeList(root: LogRoot, take: (entry: Entry) => void): void {
  try {
    const takeLine = (line: string): void => {
      const parsed = parseJson(line);
      const record = parsed.ok ? recordOf(parsed.value) : undefined;
      const hex = stringOf(record?.['hex']);
      const path = stringOf(record?.['path']);
      if (hex !== undefined && path !== undefined) take({ hex, path });
    };
    readLines(join(root.handles, LIST_FILE), 0, takeLine, MOST_ENTRY_BYTES);
  } catch {
    // nothing was handled yet
  }
}
