import { window, workspace, type QuickPickItem } from 'vscode';
import { displayText } from '../core/displayText.ts';
import type { SessionRef } from '../core/sessionView.ts';
import type { Backend } from './backend.ts';
import { notTrusted, showProblem } from './messages.ts';
import { listProcesses, tmuxSessionsFrom, type ListedProcess } from './processList.ts';
import type { RecorderCli } from './recorderCli.ts';
import { recordingFlags, startedSession } from './runSession.ts';

/** Picks a running process, agents on top, and starts a recorder for it. */
export async function attachSession(cli: RecorderCli, backend: Backend): Promise<SessionRef | undefined> {
  if (!workspace.isTrusted) {
    showProblem(notTrusted('Nothing was attached to.'));
    return undefined;
  }
  const listing = Promise.all([tmuxItems(cli), listProcesses(process.platform, process.pid)]);
  const chosen = await window.showQuickPick(
    listing
      .then(([sessions, found]) => [...sessions, ...found.map(item)])
      .catch((error: unknown) => {
        showProblem({ what: 'The running processes cannot be listed.', why: String(error), next: '', action: 'log' });
        return [];
      }),
    { title: 'Attach to Running Process', placeHolder: 'Which process shall be recorded?', matchOnDescription: true },
  );
  if (chosen === undefined) return undefined;
  const [root] = await backend.roots();
  if (root === undefined) return undefined; // why there is none has been shown
  return startedSession(
    root,
    await cli.launch(['attach', ...chosen.target, '--log-dir', root, ...recordingFlags(), '--json']),
  );
}

/** What `attach` is told to record. */
type Choice = QuickPickItem & { readonly target: readonly string[] };

function item({ pid, command, agent }: ListedProcess): Choice {
  const icon = agent === 'other' ? '' : '$(hubot) ';
  return {
    label: `${icon}${displayText(command, 120)}`,
    description: `${pid}${agent === 'other' ? '' : ` · ${agent}`}`,
    target: [String(pid)],
  };
}

/** First, because they are few; where there is no tmux there are none. */
async function tmuxItems(cli: RecorderCli): Promise<readonly Choice[]> {
  if (process.platform === 'win32') return [];
  const listed = await cli.run(['attach', '--list-tmux', '--json']);
  if (!listed.ok) return [];
  return tmuxSessionsFrom(listed.json).map(({ name, socket, command, panes }) => ({
    label: `$(terminal-tmux) ${displayText(name, 60)}`,
    description: `tmux · ${panes === 1 ? '1 pane' : `${panes} panes`} · ${displayText(command, 80)}`,
    target: [`--tmux=${name}`, `--tmux-socket=${socket}`],
  }));
}
