import { workspace } from 'vscode';
import type { CliFlags } from '../../core/words/cliCall.ts';
import { displayText } from '../../core/words/displayText.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { notTrusted, showProblem } from '../messages.ts';
import { listProcesses, tmuxSessionsFrom, type ListedProcess } from './processList.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { recordingFlags, startedSession } from './runSession.ts';
import { pick, type Choice } from '../surfaces.ts';

/** Picks a running process, agents on top, and starts a recorder for it. */
export async function attachSession(cli: RecorderCli, backend: Backend): Promise<SessionRef | undefined> {
  if (!workspace.isTrusted) {
    showProblem(notTrusted('Nothing was attached to.'));
    return undefined;
  }
  const listing = Promise.all([tmuxItems(cli), listProcesses(process.platform, process.pid)]);
  const chosen = await pick(
    listing
      .then(([sessions, found]) => [...sessions, ...found.map(choiceOf)])
      .catch((error: unknown) => {
        showProblem({ what: 'The running processes cannot be listed.', why: String(error), next: '', action: 'log' });
        return [];
      }),
    { title: 'Attach to Running Process', placeHolder: 'Select a process to record' },
  );
  if (chosen === undefined) return undefined;
  const [root] = await backend.roots();
  if (root === undefined) return undefined; // why there is none has been shown
  const { pid, flags } = chosen;
  const result = await cli.launch({
    command: 'attach',
    flags: { ...flags, 'log-dir': root, ...recordingFlags(), json: true },
    names: pid === undefined ? [] : [String(pid)],
  });
  return startedSession(root, result);
}

/** What `attach` is told to record: a process, or what the flags say. */
interface Target {
  readonly pid?: number;
  readonly flags?: CliFlags;
}

function choiceOf({ pid, command, agent }: ListedProcess): Choice<Target> {
  const isAgent = agent !== 'other';
  return {
    label: displayText(command, 120),
    ...(isAgent && { icon: 'hubot' }),
    description: isAgent ? `${pid} · ${agent}` : String(pid),
    value: { pid },
  };
}

/** First, because they are few; where there is no tmux there are none. */
async function tmuxItems(cli: RecorderCli): Promise<readonly Choice<Target>[]> {
  if (process.platform === 'win32') return [];
  const listed = await cli.run({ command: 'attach', flags: { 'list-tmux': true, json: true } });
  if (!listed.ok) return [];
  return tmuxSessionsFrom(listed.json).map(({ name, socket, command, panes }) => ({
    label: displayText(name, 60),
    icon: 'terminal-tmux',
    description: `tmux · ${panes === 1 ? '1 pane' : `${panes} panes`} · ${displayText(command, 80)}`,
    value: { flags: { tmux: name, 'tmux-socket': socket } },
  }));
}
