import { TabInputText, window, type Disposable, type Uri } from 'vscode';
import { stat } from 'node:fs/promises';
import { MOST_SENT_BYTES } from '../core/panel/largestFile.ts';

/** What of LOG_FILES may grow this large; the server looks into the file before it says anything. */
const LARGE_LOG = /\.jsonl$|[/\\]session_lifecycle\.log(?:\.\d+)?$|\.json$/;

export interface LargeFiles extends Disposable {
  /** Again, to a server that was started anew. */
  readonly tell: () => void;
}

/** Tells, now and whenever it changes, which log files are shown that VS Code keeps from extensions for their size. */
export function watchLargeFiles(told: (uris: readonly string[]) => void): LargeFiles {
  let shown: readonly string[] = [];
  const tell = (): void => told(shown);
  const look = async (): Promise<void> => {
    const uris = await largeTabs();
    if (uris.join('\n') === shown.join('\n')) return;
    shown = uris;
    tell();
  };
  const tabs = window.tabGroups.onDidChangeTabs(() => void look());
  void look();
  return { tell, dispose: () => tabs.dispose() };
}

/** There is no event of their opening but the tab's; those of the last window are open already. */
export function startOnLargeFile(start: () => void): Disposable {
  const look = async (): Promise<void> => {
    if ((await largeTabs()).length > 0) start();
  };
  void look();
  return window.tabGroups.onDidChangeTabs(({ opened }) => {
    if (opened.length > 0) void look();
  });
}

async function largeTabs(): Promise<readonly string[]> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const uris = tabs.flatMap(({ input }) => (input instanceof TabInputText && mayBeLog(input.uri) ? input.uri : []));
  const sizes = await Promise.all(uris.map(({ fsPath }) => sizeOf(fsPath)));
  return uris.flatMap((uri, i) => ((sizes[i] ?? 0) > MOST_SENT_BYTES ? uri.toString() : []));
}

function mayBeLog({ scheme, fsPath }: Uri): boolean {
  return scheme === 'file' && LARGE_LOG.test(fsPath);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0; // a tab of a file that is gone
  }
}
