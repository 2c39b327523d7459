import { commands, env, UIKind, Uri } from 'vscode';
import { commandId } from '../core/words/commandNames.ts';
import type { QueryFailure } from '../core/panel/serverProtocol.ts';
import { notify } from './surfaces.ts';

/** What a person is told when something cannot be done: what failed, why, and what to do next. */
export interface Problem {
  readonly what: string;
  readonly why: string;
  readonly next: string;
  readonly action?: ProblemAction;
}

export type ProblemAction = 'trust' | 'settings' | 'log' | 'restart';

const ACTIONS: { readonly [A in ProblemAction]: { readonly title: string; readonly command: string } } = {
  trust: { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
  settings: { title: 'Open Settings', command: commandId('openSettings') },
  log: { title: 'Show Log', command: commandId('showLog') },
  restart: { title: 'Restart', command: commandId('restartServer') },
};

function problemText({ what, why, next }: Problem): string {
  return [what, why, next].filter((sentence) => sentence !== '').join(' ');
}

/** Shows it and goes on: the answer of the person, if any, comes later. */
export function showProblem(problem: Problem): void {
  const action = problem.action === undefined ? undefined : ACTIONS[problem.action];
  const shown = notify('error', problemText(problem), ...(action === undefined ? [] : [action.title]));
  void shown.then((chosen) =>
    chosen === undefined || action === undefined ? undefined : commands.executeCommand(action.command),
  );
}

export const notTrusted = (what: string): Problem => ({
  what,
  why: 'This workspace is not trusted, and starting programs for it could run what it brings along.',
  next: 'Trust the workspace, or open a folder that you trust.',
  action: 'trust',
});

export const disabled: Problem = {
  what: 'Session Diagnostics is switched off.',
  why: 'The setting sessionDiagnostics.enabled is false.',
  next: 'Switch it on to run or look at sessions.',
  action: 'settings',
};

export const noFolder: Problem = {
  what: 'The session was not started.',
  why: 'No folder is open for it to work in.',
  next: 'Open a folder and run the command again.',
};

export const cliFailed = (what: string, why: string): Problem => ({
  what,
  why: why === '' ? 'The recorder gave no reason.' : why,
  next: 'Its output is in the log.',
  action: 'log',
});

export const serverFailed = (why: string): Problem => ({
  what: 'Sessions cannot be read at the moment.',
  why,
  next: 'They go on being recorded. Restart what reads them; why it stopped is in the log (Session Diagnostics: Show Log).',
  action: 'restart',
});

/** The session may have been pruned meanwhile, or was never one of this window. */
export function queryFailed(what: string, { kind, detail }: QueryFailure): Problem {
  if (kind === 'no_such_session') {
    return { what, why: 'This window has no such session.', next: 'Choose one in the Sessions view.' };
  }
  if (kind === 'unreadable') {
    return {
      what,
      why: `Its files cannot be read (${detail ?? 'unknown error'}).`,
      next: 'Check their owner and permissions.',
    };
  }
  return { ...serverFailed('The language server does not answer.'), what };
}

/** A path in the system's own file manager: in a browser or on a remote machine there is none, so it is copied. */
export async function revealFolder(path: string): Promise<void> {
  if (env.remoteName === undefined && env.uiKind === UIKind.Desktop) {
    await commands.executeCommand('revealFileInOS', Uri.file(path));
    return;
  }
  await env.clipboard.writeText(path);
  const open = 'Open in New Window';
  const chosen = await notify('info', `The log folder's path is on the clipboard: ${path}`, open);
  if (chosen === open) await commands.executeCommand('vscode.openFolder', Uri.file(path), { forceNewWindow: true });
}
