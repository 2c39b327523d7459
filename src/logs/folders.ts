import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type BigIntStats,
  type Dirent,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { openFile } from './door.ts';
import { foreignError, isOurs, isTrusted } from './owners.ts';

/*
 * Folders of a log root. The way to the root may hold links, as ~/.claude or a linked home does; below it a link is
 * nobody's folder. What is written or removed goes through a folder that is held open: whoever swaps the name for a
 * link meanwhile moves nothing, because the path goes by the descriptor (/proc/self/fd, Linux' openat for node).
 */

export interface Folder {
  /** As a person knows it. */
  readonly path: string;
  readonly stat: BigIntStats;
  /** The path of an entry of this very folder, whatever has the folder's name by now. */
  at(name: string): string;
  /** After a rename into or out of it: a power cut does not undo it then. */
  sync(): void;
  /** A folder in it that is no link. Throws as node:fs does. */
  enter<T>(name: string, need: Need, use: (folder: Folder) => T): T;
}

/**
 * `read`: whoever owns it. `write`: ours or root's. `own`: the way there ours or root's, the folder itself ours.
 * `make`: as `write`, and made where it is missing.
 */
export type Need = 'read' | 'write' | 'own' | 'make';

const DIRECTORY = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NONBLOCK ?? 0);
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** Goes from a root down folders that are no links, and lends the last of them. Throws as node:fs does. */
export function withFolder<T>(base: string, names: readonly string[], need: Need, use: (folder: Folder) => T): T {
  if (need === 'make') makePrivateFolder(base);
  return lend({ path: base, at: base, isBase: true, need: names.length === 0 ? need : onTheWay(need) }, (folder) =>
    down(folder, names, need, use),
  );
}

/** `<root>/<running or sessions>/<id>`. */
export function withSessionFolder<T>(dir: string, need: Need, use: (folder: Folder) => T): T {
  return withFolder(dirname(dirname(dir)), [basename(dirname(dir)), basename(dir)], need, use);
}

function down<T>(folder: Folder, [name, ...more]: readonly string[], need: Need, use: (folder: Folder) => T): T {
  if (name === undefined) return use(folder);
  return folder.enter(name, more.length === 0 ? need : onTheWay(need), (next) => down(next, more, need, use));
}

function onTheWay(need: Need): Need {
  return need === 'own' ? 'write' : need;
}

interface Entrance {
  readonly path: string;
  readonly at: string;
  readonly isBase: boolean;
  readonly need: Need;
}

function lend<T>({ path, at, isBase, need }: Entrance, use: (folder: Folder) => T): T {
  if (!isBase && need === 'make') makeOne(at);
  const fd = openDirectory(path, at, isBase);
  try {
    const stat = fd === undefined ? lstatSync(at, { bigint: true }) : fstatSync(fd, { bigint: true });
    if (need !== 'read' && !(need === 'own' ? isOurs(stat) : isTrusted(stat))) throw foreignError(path, stat);
    const held = fd === undefined ? undefined : `/proc/self/fd/${fd}`;
    const own = held !== undefined && process.platform === 'linux' && existsSync(held) ? held : at;
    return use({
      path,
      stat,
      at: (name) => `${own}${sep}${name}`, // not join, which makes the link itself of "."
      sync: () => {
        if (fd !== undefined) syncDirectory(fd);
      },
      enter: (name, next, useNext) =>
        lend({ path: join(path, name), at: join(own, name), isBase: false, need: next }, useNext),
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** `undefined` on Windows, where a directory cannot be opened. */
function openDirectory(path: string, at: string, isBase: boolean): number | undefined {
  if (process.platform !== 'win32') {
    try {
      return openSync(at, DIRECTORY | (isBase ? 0 : NO_FOLLOW));
    } catch (error) {
      throw explained(error, path, isBase ? undefined : statOf(at));
    }
  }
  const stat = isBase ? statSync(at) : lstatSync(at);
  if (!stat.isDirectory()) throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
  return undefined;
}

/** ENOTDIR of a link, and EACCES of another user's folder, say what they are of. */
function explained(error: unknown, path: string, stat: Stats | undefined): unknown {
  if (stat?.isSymbolicLink() === true) return Object.assign(new Error(`${path} is a link`), { code: 'ELOOP' });
  if (stat !== undefined && (error as NodeJS.ErrnoException).code === 'EACCES' && !isTrusted(stat)) {
    return foreignError(path, stat);
  }
  return error;
}

function syncDirectory(fd: number): void {
  try {
    fsyncSync(fd);
  } catch {
    // some network and user-space file systems cannot: the rename is then as durable as they make it
  }
}

/** With the folders above it that are missing, links on the way followed. Throws as node:fs does. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // One that is there keeps the mode its owner gave it.
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const parent = dirname(path);
    // Not node's `recursive`: where a folder that is there says ENOENT, as /proc does, it tries for ever.
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    makePrivateFolder(parent);
    return makePrivateFolder(path); // another process may have been as quick
  }
  chmodSync(path, 0o700); // a umask may have taken the owner's own rights
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return; // what it is, opening it tells
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return; // on a read-only disk: EROFS
    throw error;
  }
  chmodSync(path, 0o700); // a umask may have taken the owner's own rights
}

/** What is in a folder of a log root; nothing in one that is a link, is missing, or may not be read. */
export function entriesOf(path: string): Dirent[] {
  try {
    return lstatSync(path).isDirectory() ? readdirSync(path, { withFileTypes: true }) : [];
  } catch {
    return []; // the usual case: nobody has written there yet
  }
}

/** Whether something is a file, and ours: what others put there asks for nothing. */
export function isOwnFile(path: string): boolean {
  const stat = statOf(path);
  return stat?.isFile() === true && isOurs(stat);
}

/** `undefined` where there is nothing, or nothing that may be looked at. Links are not followed. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // no folder on the way, or one that is not ours to enter
  }
}

/** A whole new file or none, there after a power cut too. Throws as node:fs does. */
export function writeIn(folder: Folder, name: string, text: string): void {
  const temporary = folder.at(`.${name}.${process.pid}`);
  rmSync(temporary, { force: true }); // of a process that had our number and died in the middle
  try {
    const fd = openFile(temporary, 'create');
    try {
      writeFileSync(fd, text); // loops over short writes, and throws on a full disk
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, folder.at(name));
    folder.sync();
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Removes a folder of ours with all that is in it. Links go themselves; a folder that is not ours stays, and what it is in. */
export function removeTree(parent: Folder, name: string): void {
  parent.enter(name, 'own', (folder) => {
    for (const entry of readdirSync(folder.at('.'), { withFileTypes: true })) {
      try {
        if (entry.isDirectory()) removeTree(folder, entry.name);
        else unlinkSync(folder.at(entry.name));
      } catch {
        // not ours, or another process was first: rmdir tells whether anything is left
      }
    }
  });
  rmdirSync(parent.at(name));
}
