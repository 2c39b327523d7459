import { Uri, window, workspace } from 'vscode';
import { existsSync } from 'node:fs';
import { displayText } from '../../core/words/displayText.ts';
import { isRecord, stringOf } from '../../core/words/json.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { isUnrecordedId } from '../../core/words/sessionId.ts';
import type { Backend } from '../backend.ts';
import { cliFailed, revealFolder, serverFailed, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { tell } from '../surfaces.ts';
import type { SessionPanel } from '../views/panelTab.ts';

/** Asks the recorder to end the session: TERM first, KILL after a grace time. */
export async function stopSession(cli: RecorderCli, session: SessionRef): Promise<void> {
  const result = await cli.run({ command: 'stop', flags: { 'log-dir': session.root }, names: [session.id] });
  if (!result.ok) showProblem(cliFailed(`Session ${displayText(session.id, 60)} was not stopped.`, result.why));
}

/** What an agent's transcript or a trace tells, on a page of the panel. */
export async function analyzeLog(panel: Pick<SessionPanel, 'showLog'>, target: Uri | undefined): Promise<void> {
  const file = target ?? (await chooseLog());
  if (file !== undefined) panel.showLog(file.fsPath);
}

async function chooseLog(): Promise<Uri | undefined> {
  const active = window.activeTextEditor?.document;
  if (active?.uri.scheme === 'file' && /\.(jsonl|ndjson|json|log)$/.test(active.fileName)) return active.uri;
  return await askForLog('Analyze Agent Log', 'Analyze');
}

async function askForLog(title: string, openLabel: string): Promise<Uri | undefined> {
  const filters = { 'Agent logs': ['jsonl', 'ndjson', 'json', 'log'], 'All files': ['*'] };
  const chosen = await window.showOpenDialog({ title, openLabel, filters });
  return chosen?.[0];
}

/** For a session whose agent wrote its own log somewhere that is not looked at. */
export async function linkTranscript(cli: RecorderCli, session: SessionRef): Promise<void> {
  const file = await askForLog('Link Agent Log', 'Link');
  if (file === undefined) return;
  const names = [session.id, file.fsPath];
  const result = await cli.run({ command: 'link', flags: { 'log-dir': session.root }, names });
  if (!result.ok) return showProblem(cliFailed(`${displayText(file.fsPath, 200)} was not linked.`, result.why));
  tell(result.stdout.trim());
}

/** The session's own folder, else the log root's. */
export async function openLogFolder(backend: Backend, session: SessionRef | undefined): Promise<void> {
  const root = session?.root ?? (await backend.roots())[0];
  if (root === undefined) return showProblem(serverFailed('The log folder is not known.'));
  const places = session === undefined ? [] : ['running', 'sessions'].map((part) => `${root}/${part}/${session.id}`);
  const place = session && isUnrecordedId(session.id) ? await backend.query('place', { session }) : undefined;
  // Of a session that nobody recorded its agent's own log is all there is.
  if (place?.ok === true && place.value.folder !== undefined) places.push(place.value.folder);
  const path = [...places, root].find((place) => existsSync(place));
  if (path !== undefined) return await revealFolder(path);
  tell(`There is no folder ${root}. The next session makes it.`);
}

/** The transcript line behind a failure's handle; only this machine can tell which one it is. */
export async function openHandle(cli: RecorderCli, session: SessionRef, handle: string): Promise<void> {
  const flags = { json: true, 'log-dir': session.root };
  const result = await cli.run({ command: 'locate', flags, names: [handle] });
  if (!result.ok) return showProblem(cliFailed('The line behind this handle was not found.', result.why));
  const file = isRecord(result.json) ? stringOf(result.json['file']) : undefined;
  const line = isRecord(result.json) ? Number(result.json['line']) : Number.NaN;
  if (file === undefined || !Number.isSafeInteger(line)) return showProblem(cliFailed('The line was not found.', ''));
  const document = await workspace.openTextDocument(Uri.file(file));
  const { range } = document.lineAt(Math.min(Math.max(0, line - 1), document.lineCount - 1));
  // Selected, so that the line is marked also in a file that is too short to be scrolled.
  await window.showTextDocument(document, { preview: true, selection: range });
}
