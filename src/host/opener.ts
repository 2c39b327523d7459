import { Uri, window, type Disposable } from 'vscode';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { displayText } from '../core/words/displayText.ts';
import { isRecord, stringOf } from '../core/words/json.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import type { Backend } from './backend.ts';
import { cliFailed, showProblem } from './messages.ts';
import type { RecorderCli } from './recorderCli.ts';
import { tell } from './surfaces.ts';
import type { SessionPanel } from './views/panelTab.ts';

/** A session's folder, an archive of one or an agent's log, from anywhere: shown as what this window has. */
export interface Opener extends Disposable {
  /** Of the file that is named, else of one that the person chooses. */
  readonly choose: (file: Uri | undefined) => Promise<void>;
  readonly openDropped: (uris: readonly string[]) => Promise<void>;
  /** What the browser alone can read. */
  readonly openBytes: (name: string, bytes: Uint8Array) => Promise<void>;
}

export interface OpenerParts {
  readonly cli: RecorderCli;
  readonly backend: Backend;
  readonly panel: Pick<SessionPanel, 'show' | 'showLog'>;
  /** The extension's own folder on this machine. */
  readonly storage: string;
}

export function createOpener({ cli, backend, panel, storage }: OpenerParts): Opener {
  // Unpacked for as long as this window lives; what one that was killed has left goes with the next.
  const folder = join(storage, 'opened');
  const own = `${process.pid}-`;
  let isTidied = false;
  const placeFor = (): string => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isTidied) tidyUp(folder);
    isTidied = true;
    return mkdtempSync(join(folder, own));
  };
  const open = async (path: string): Promise<void> => {
    const into = placeFor();
    const result = await cli.run({ command: 'open', flags: { into }, names: [path] });
    if (!result.ok) return showProblem(cliFailed(`${displayText(path, 200)} was not opened.`, result.why));
    const id = isRecord(result.json) ? stringOf(result.json['id']) : undefined;
    if (id === undefined) return panel.showLog(path);
    const known = await knownSession(backend, id);
    if (known !== undefined) {
      rmSync(into, { recursive: true, force: true });
      tell('This session is here already.');
      return panel.show(known);
    }
    await backend.addRoot(into);
    panel.show({ root: into, id });
  };
  return {
    choose: async (file) => {
      const chosen = file ?? (await askForAny());
      if (chosen !== undefined) await open(chosen.fsPath);
    },
    openDropped: async (uris) => {
      const [first] = uris.map((uri) => Uri.parse(uri)).filter(({ scheme }) => scheme === 'file');
      if (first !== undefined) return await open(first.fsPath);
      tell('What was dropped lies on no disk of this machine: save it, then use Session Diagnostics: Open….');
    },
    openBytes: async (name, bytes) => {
      const path = join(placeFor(), fileName(name));
      writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
      await open(path);
    },
    dispose: () => {
      for (const name of namesIn(folder)) {
        if (name.startsWith(own)) rmSync(join(folder, name), { recursive: true, force: true });
      }
    },
  };
}

/** A name that leads nowhere else, and keeps its ending, by which an archive is known. */
function fileName(name: string): string {
  return `dropped-${basename(name)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(-80)}`;
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Folders of windows that are gone. */
function tidyUp(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = Number(name.split('-')[0]);
    if (!Number.isSafeInteger(pid) || isAlive(pid)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's, and so alive
  }
}

async function knownSession(backend: Backend, id: string): Promise<SessionRef | undefined> {
  for (const root of await backend.roots()) {
    if ((await backend.query('place', { session: { root, id } })).ok) return { root, id };
  }
  return undefined;
}

async function askForAny(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({
    title: "Open a Session's Folder, an Archive of It, or an Agent's Log",
    openLabel: 'Open',
    canSelectFiles: true,
    canSelectFolders: true,
  });
  return chosen?.[0];
}
