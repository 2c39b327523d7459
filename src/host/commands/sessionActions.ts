import { env, Uri, window, workspace } from 'vscode';
import { existsSync } from 'node:fs';
import type { ActionFacts } from '../../core/panel/actionFacts.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { commandText } from '../../core/words/commandText.ts';
import { displayText } from '../../core/words/displayText.ts';
import { humanSeconds } from '../../core/words/humanUnits.ts';
import { sessionLink } from '../../core/words/sessionLink.ts';
import type { Backend } from '../backend.ts';
import { cliFailed, notTrusted, queryFailed, revealFolder, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { confirm, pick, tell } from '../surfaces.ts';
import type { SessionPanel } from '../views/panelTab.ts';
import { sessionsToCompare } from './compareSessions.ts';
import { runFlags, startedSession } from './runSession.ts';
import { openLogFolder } from './sessionCommands.ts';

export interface ActionParts {
  readonly backend: Backend;
  readonly cli: RecorderCli;
  readonly panel: Pick<SessionPanel, 'showOutput' | 'showPage'>;
}

/** One session, what it has, and the moment that is looked at. */
interface Acted extends ActionParts {
  readonly session: SessionRef;
  readonly facts: ActionFacts;
  readonly atMs: number | undefined;
}

interface Action {
  readonly label: string;
  readonly icon: string;
  /** Why it cannot be done with this session; `undefined` where it can. */
  readonly lacks: (acted: Acted) => string | undefined;
  readonly act: (acted: Acted) => Promise<void>;
}

const ACTIONS = {
  compare: {
    label: 'Compare With…',
    icon: 'compare-changes',
    lacks: () => undefined,
    act: async ({ backend, panel, session }) => {
      const two = await sessionsToCompare(backend, [session], undefined);
      if (two !== undefined) panel.showPage({ kind: 'compare', a: two[0], b: two[1] });
    },
  },
  runAgain: {
    label: 'Run Again',
    icon: 'debug-rerun',
    lacks: ({ facts }) =>
      facts.command === undefined
        ? 'Its command line is not known as a whole: a secret in it was not kept, or it is too long.'
        : undefined,
    act: runAgain,
  },
  openTranscript: {
    label: 'Open Transcript',
    icon: 'comment-discussion',
    lacks: ({ facts }) => (facts.transcript === undefined ? "No log of its agent's own is known." : undefined),
    act: async ({ facts }) => {
      const document = await workspace.openTextDocument(Uri.file(facts.transcript ?? ''));
      await window.showTextDocument(document, { preview: true });
    },
  },
  copyVerdict: {
    label: 'Copy Verdict',
    icon: 'copy',
    lacks: ({ facts }) => (facts.verdict === '' ? 'Nothing is known of its end.' : undefined),
    act: ({ facts, session }) => copied(`${facts.verdict}\n(${session.id})`, 'The verdict'),
  },
  copyResume: {
    label: 'Copy Resume Command',
    icon: 'debug-continue',
    lacks: ({ facts }) =>
      facts.resume === undefined ? 'Its agent has no command for that, or no id of it is known.' : undefined,
    act: ({ facts }) => copied(facts.resume ?? '', 'The command that goes on with it'),
  },
  copyLink: {
    label: 'Copy Link to This Moment',
    icon: 'link',
    lacks: (acted) => (linkOf(acted) === undefined ? 'Its name cannot be written in a link.' : undefined),
    act: (acted) => copied(linkOf(acted) ?? '', 'The link'),
  },
  reveal: {
    label: 'Reveal Log Folder',
    icon: 'folder-opened',
    lacks: () => undefined,
    act: ({ backend, session }) => openLogFolder(backend, session),
  },
  revealFolder: {
    label: 'Reveal Working Folder',
    icon: 'root-folder',
    lacks: ({ facts }) => (isThere(facts.folder) ? undefined : 'The folder that it worked in is not here.'),
    act: ({ facts }) => revealFolder(facts.folder ?? ''),
  },
  deleteSession: {
    label: 'Delete Session…',
    icon: 'trash',
    lacks: ({ facts }) => (facts.isRunning ? 'It still runs.' : undefined),
    act: deleteSession,
  },
} as const satisfies Readonly<Record<string, Action>>;
type ActionName = keyof typeof ACTIONS;

export interface SessionActions {
  /** Offers what this session has. */
  readonly choose: (session: SessionRef, atMs: unknown) => Promise<void>;
  readonly act: (name: ActionName, session: SessionRef, atMs?: unknown) => Promise<void>;
}

export function sessionActions(parts: ActionParts): SessionActions {
  const actedOn = async (session: SessionRef, atMs: unknown): Promise<Acted | undefined> => {
    const reply = await parts.backend.query('actions', { session });
    if (reply.ok) return { ...parts, session, facts: reply.value, atMs: typeof atMs === 'number' ? atMs : undefined };
    showProblem(queryFailed('Nothing was done.', reply.failure));
    return undefined;
  };
  const names = Object.keys(ACTIONS) as ActionName[]; // the table's own keys
  return {
    choose: async (session, atMs) => {
      const acted = await actedOn(session, atMs);
      if (acted === undefined) return;
      const there = names.filter((name) => ACTIONS[name].lacks(acted) === undefined);
      const choices = there.map((name) => ({ label: ACTIONS[name].label, icon: ACTIONS[name].icon, value: name }));
      const chosen = await pick(choices, { title: 'Actions', placeHolder: displayText(session.id, 100) });
      if (chosen !== undefined) await ACTIONS[chosen].act(acted);
    },
    act: async (name, session, atMs) => {
      const acted = await actedOn(session, atMs);
      if (acted === undefined) return;
      const why = ACTIONS[name].lacks(acted);
      if (why === undefined) return await ACTIONS[name].act(acted);
      tell(`${ACTIONS[name].label.replace('…', '')}: not with this session. ${why}`);
    },
  };
}

async function copied(text: string, what: string): Promise<void> {
  await env.clipboard.writeText(text);
  tell(`${what} is on the clipboard.`);
}

/** Without a moment that is looked at: the end of it. */
function linkOf({ session, facts, atMs }: Acted): string | undefined {
  return sessionLink(env.uriScheme, { id: session.id, atMs: atMs ?? facts.endMs });
}

function isThere(folder: string | undefined): boolean {
  return folder !== undefined && folder !== '' && existsSync(folder);
}

/** The file that names it may be anybody's: what is started is shown first, and agreed to. */
async function runAgain({ cli, backend, panel, facts }: Acted): Promise<void> {
  const { command, folder, label } = facts;
  if (!workspace.isTrusted) return showProblem(notTrusted('The session was not started.'));
  if (command === undefined || folder === undefined || !isThere(folder)) {
    return tell(`Run Again: the folder that it worked in is not here (${displayText(folder ?? 'not known', 200)}).`);
  }
  const isMeant = await confirm({
    question: 'Run this again?',
    lines: [displayText(commandText(command), 1000), `In ${displayText(folder, 300)}`],
    answer: 'Run Again',
  });
  const [root] = await backend.roots();
  if (!isMeant || root === undefined) return;
  const flags = { 'log-dir': root, ...runFlags(), label, detach: true, json: true };
  const started = startedSession(root, await cli.run({ command: 'run', flags, program: command }, { cwd: folder }));
  if (started !== undefined) panel.showOutput(started);
}

async function deleteSession({ cli, session }: Acted): Promise<void> {
  const isMeant = await confirm({
    question: 'Delete this session?',
    lines: [displayText(session.id, 200), 'Its log is removed for good. The agent’s own log stays.'],
    answer: 'Delete',
  });
  if (!isMeant) return;
  const result = await cli.run({ command: 'prune', flags: { 'log-dir': session.root, only: session.id } });
  if (!result.ok) showProblem(cliFailed(`Session ${displayText(session.id, 60)} was not deleted.`, result.why));
}

/** So long a session is not ended by a click that may have been meant for something else. */
const ASKED_AFTER_SECONDS = 300;

/** The command line never asks; here one that has run for long is not ended without a question. */
export async function isStopMeant(backend: Backend, session: SessionRef): Promise<boolean> {
  const reply = await backend.query('place', { session });
  const startMs = reply.ok ? reply.value.startMs : undefined;
  const seconds = startMs === undefined ? 0 : (Date.now() - startMs) / 1000;
  if (seconds < ASKED_AFTER_SECONDS) return true;
  return await confirm({
    question: 'Stop this session?',
    lines: [displayText(session.id, 200), `It has been running for ${humanSeconds(seconds)}.`],
    answer: 'Stop',
  });
}
