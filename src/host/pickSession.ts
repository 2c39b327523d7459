import { window, type QuickPickItem } from 'vscode';
import { displayText } from '../core/displayText.ts';
import { arrayOf, isRecord } from '../core/json.ts';
import { sessionRefFrom } from '../core/panelProtocol.ts';
import type { SessionFilter } from '../core/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../core/sessionView.ts';
import { causeWords, wordsOf } from '../core/vocabularyWords.ts';
import type { Backend } from './backend.ts';
import { serverFailed, showProblem } from './messages.ts';

/** A session from a command's argument: a reference, or the row of the Sessions view whose menu it was. */
export function sessionArgument(value: unknown): SessionRef | undefined {
  const row = isRecord(value) ? value['row'] : undefined;
  return sessionRefFrom(value) ?? sessionRefFrom(isRecord(row) ? row['ref'] : undefined);
}

/** Of a menu's two arguments: the row it was opened on and, when several are selected, all of them. */
export function sessionArguments(value: unknown, all: unknown): readonly SessionRef[] {
  const several = arrayOf(all).flatMap((one) => sessionArgument(one) ?? []);
  if (several.length > 0) return several;
  const one = sessionArgument(value);
  return one === undefined ? [] : [one];
}

const SHOWN = 500;

export interface PickOptions {
  readonly filter?: SessionFilter | undefined;
  /** What stands on top. */
  readonly isFirst?: (row: SessionRow) => boolean;
  /** Of whatever the filter lets through; all of it when left out. */
  readonly isWanted?: (row: SessionRow) => boolean;
}

/** Asks for a session; the only one there is needs no question. */
export async function pickSession(
  backend: Backend,
  title: string,
  options: PickOptions = {},
): Promise<SessionRef | undefined> {
  const items = await sessionItems(backend, options);
  const [only, ...others] = items;
  if (only === undefined || others.length === 0) return only?.ref;
  const chosen = await window.showQuickPick(items, { title, ...MATCH });
  return chosen?.ref;
}

/** Asks for a session as `pickSession` does, and on request for several of them. */
export async function pickSessions(
  backend: Backend,
  title: string,
  options: PickOptions = {},
): Promise<readonly SessionRef[]> {
  const items = await sessionItems(backend, options);
  const [only, ...others] = items;
  if (only === undefined || others.length === 0) return only === undefined ? [] : [only.ref];
  const several = { label: '$(checklist) Several sessions…' };
  const chosen = await window.showQuickPick<Partial<SessionItem> & QuickPickItem>([...items, several], {
    title,
    ...MATCH,
  });
  if (chosen === undefined || chosen.ref !== undefined) return chosen?.ref === undefined ? [] : [chosen.ref];
  const checked = await window.showQuickPick(items, { title, canPickMany: true, ...MATCH });
  return (checked ?? []).map(({ ref }) => ref);
}

interface SessionItem extends QuickPickItem {
  readonly ref: SessionRef;
}

const MATCH = { matchOnDescription: true, matchOnDetail: true } as const;

/** None when there is none to choose; then the person has been told. */
async function sessionItems(
  backend: Backend,
  { filter = 'all', isFirst = () => false, isWanted = () => true }: PickOptions,
): Promise<SessionItem[]> {
  const reply = await backend.query('listSessions', { filter, text: '', offset: 0, limit: SHOWN });
  if (!reply.ok) {
    showProblem(serverFailed('The language server does not answer.'));
    return [];
  }
  const rows = reply.value.rows.filter(isWanted).toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
  if (rows.length === 0) {
    const what = filter === 'running' ? 'No session is running.' : 'No session has been recorded yet.';
    void window.showInformationMessage(what);
  }
  return rows.map((row) => ({
    label: displayText(row.title, 120),
    description: row.isRunning ? 'Running' : row.cause === undefined ? wordsOf(row.outcome) : causeWords(row.cause),
    detail: row.ref.id,
    ref: row.ref,
  }));
}
