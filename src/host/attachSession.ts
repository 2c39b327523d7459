import { window, workspace, type QuickPickItem } from 'vscode';
import { displayText } from '../core/displayText.ts';
import type { SessionRef } from '../core/sessionView.ts';
import type { Backend } from './backend.ts';
import { notTrusted, showProblem } from './messages.ts';
import { listProcesses, type ListedProcess } from './processList.ts';
import type { RecorderCli } from './recorderCli.ts';
import { recordingFlags, startedSession } from './runSession.ts';

/** Picks a running process, agents on top, and starts a recorder for it. */
export async function attachSession(cli: RecorderCli, backend: Backend): Promise<SessionRef | undefined> {
  if (!workspace.isTrusted) {
    showProblem(notTrusted('Nothing was attached to.'));
    return undefined;
  }
  const listing = listProcesses(process.platform, process.pid).then((found) => found.map(item));
  const chosen = await window.showQuickPick(
    listing.catch((error: unknown) => {
      showProblem({ what: 'The running processes cannot be listed.', why: String(error), next: '', action: 'log' });
      return [];
    }),
    { title: 'Attach to Running Process', placeHolder: 'Which process shall be recorded?', matchOnDescription: true },
  );
  if (chosen === undefined) return undefined;
  const [root] = await backend.roots();
  if (root === undefined) return undefined; // why there is none has been shown
  const pid = String(chosen.pid);
  return startedSession(root, await cli.launch(['attach', pid, '--log-dir', root, ...recordingFlags(), '--json']));
}

function item({ pid, command, agent }: ListedProcess): QuickPickItem & { readonly pid: number } {
  const icon = agent === 'other' ? '' : '$(hubot) ';
  return {
    label: `${icon}${displayText(command, 120)}`,
    description: `${pid}${agent === 'other' ? '' : ` · ${agent}`}`,
    pid,
  };
}
