import { window, workspace } from 'vscode';
import { displayText } from '../../core/words/displayText.ts';
import type { SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';
import type { Backend } from '../backend.ts';
import { cliFailed, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { setting } from '../settings.ts';
import { pickSession } from './pickSession.ts';

/** Asks for one that ended badly; those that nobody recorded come first, because nobody has told of them yet. */
export async function pickDead(backend: Backend): Promise<SessionRef | undefined> {
  return await pickSession(backend, 'Find Out Why an Agent Died', {
    isFirst: ({ logOnly }) => logOnly !== undefined,
    isWanted: isBad,
    nothing: 'No agent session of the last days is known to have ended badly.',
  });
}

function isBad({ isRunning, outcome }: SessionRow): boolean {
  return !isRunning && BAD_OUTCOMES.has(outcome);
}

/** Its own log, and what this machine still remembers around its last sign of life, asked now. */
export async function findOutWhy(cli: RecorderCli, session: SessionRef): Promise<void> {
  const flags = { 'log-dir': session.root, 'logs-in': setting('agentLogs').places };
  const result = await cli.run({ command: 'why', flags, names: [session.id] });
  if (!result.ok) return showProblem(cliFailed(`${displayText(session.id, 60)} was not looked into.`, result.why));
  const document = await workspace.openTextDocument({ content: result.stdout, language: 'plaintext' });
  await window.showTextDocument(document, { preview: true });
}
