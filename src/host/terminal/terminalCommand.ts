import { env, Uri, workspace, type Disposable, type ExtensionContext } from 'vscode';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { LINK_SCHEME_VARIABLE } from '../../core/words/sessionLink.ts';
import { setting } from '../settings.ts';
import { labelVariables } from '../surfaces.ts';
import { SECTION } from '../settingsTable.ts';
import { commandBatch, commandScript, type CommandParts } from './commandScript.ts';

export interface TerminalCommand extends Disposable {
  /** The script's path once it is there; it stays the same over updates. */
  readonly script: () => Promise<string>;
}

const WINDOWS = process.platform === 'win32';

/** `session-diagnostics` in every terminal of this editor, unless the setting says otherwise. */
export function provideTerminalCommand(context: ExtensionContext, log: (line: string) => void): TerminalCommand {
  const folder = Uri.joinPath(context.globalStorageUri, 'bin').fsPath;
  const path = join(folder, WINDOWS ? 'session-diagnostics.cmd' : 'session-diagnostics');
  const parts = partsOf(context);
  let written: Promise<void> | undefined;
  const script = async (): Promise<string> => {
    written ??= writeIfNew(path, (WINDOWS ? commandBatch : commandScript)(parts));
    await written;
    return path;
  };
  const terminals = context.environmentVariableCollection;
  labelVariables(terminals, 'The command session-diagnostics');
  const refresh = (): void => {
    if (!setting('enabled') || !setting('terminalCommand')) {
      for (const name of ['PATH', LINK_SCHEME_VARIABLE]) terminals.delete(name);
      return;
    }
    // Behind what is there: an installation of one's own comes first. Login shells set a PATH anew: said to them again.
    const when = { applyAtProcessCreation: true, applyAtShellIntegration: true };
    terminals.append('PATH', delimiter + folder, when);
    // With it the command names a session by a link that leads back into this editor.
    terminals.replace(LINK_SCHEME_VARIABLE, env.uriScheme, when);
    void script().catch((error: unknown) => log(`The command could not be put into terminals: ${String(error)}`));
  };
  // Nothing touches the disk while the extension is activated.
  const timer = setTimeout(refresh, 0);
  const listener = workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(SECTION)) refresh();
  });
  return {
    script,
    dispose: () => {
      clearTimeout(timer);
      listener.dispose();
    },
  };
}

function partsOf({ extensionUri, extension }: ExtensionContext): CommandParts {
  return {
    runtime: process.execPath,
    isElectron: process.versions['electron'] !== undefined,
    dist: join(extensionUri.fsPath, 'dist'),
    versions: join(dirname(extensionUri.fsPath), `${extension.id.toLowerCase()}-`),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Several windows may do it at once: each writes the same, whole. */
async function writeIfNew(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, text, { mode: 0o755 });
  await rename(fresh, path);
}
