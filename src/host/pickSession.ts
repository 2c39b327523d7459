import { window } from 'vscode';
import { displayText } from '../core/displayText.ts';
import { isRecord } from '../core/json.ts';
import { sessionRefFrom } from '../core/panelProtocol.ts';
import type { SessionFilter } from '../core/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../core/sessionView.ts';
import type { Backend } from './backend.ts';
import { serverFailed, showProblem } from './messages.ts';

/** A session from a command's argument: a reference, or the row of the Sessions view whose menu it was. */
export function sessionArgument(value: unknown): SessionRef | undefined {
  const row = isRecord(value) ? value['row'] : undefined;
  return sessionRefFrom(value) ?? sessionRefFrom(isRecord(row) ? row['ref'] : undefined);
}

const SHOWN = 500;

export interface PickOptions {
  readonly filter?: SessionFilter | undefined;
  /** What stands on top. */
  readonly isFirst?: (row: SessionRow) => boolean;
}

/** Asks for a session; the only one there is needs no question. */
export async function pickSession(
  backend: Backend,
  title: string,
  { filter = 'all', isFirst = () => false }: PickOptions = {},
): Promise<SessionRef | undefined> {
  const reply = await backend.query('listSessions', { filter, text: '', offset: 0, limit: SHOWN });
  if (!reply.ok) {
    showProblem(serverFailed('The language server does not answer.'));
    return undefined;
  }
  const rows = reply.value.rows.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
  const [only, ...others] = rows;
  if (only === undefined) {
    const what = filter === 'running' ? 'No session is running.' : 'No session has been recorded yet.';
    void window.showInformationMessage(what);
    return undefined;
  }
  if (others.length === 0) return only.ref;
  const items = rows.map((row) => ({
    label: displayText(row.title, 120),
    description: row.isRunning ? 'running' : (row.cause ?? row.outcome).replaceAll('_', ' '),
    detail: row.ref.id,
    ref: row.ref,
  }));
  const chosen = await window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true });
  return chosen?.ref;
}
