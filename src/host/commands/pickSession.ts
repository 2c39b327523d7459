import { displayText } from '../../core/words/displayText.ts';
import { arrayOf, isRecord } from '../../core/words/json.ts';
import { sessionRefFrom } from '../../core/panel/sessionRefs.ts';
import { rowFacts } from '../../core/find/shownWords.ts';
import { rootProblem } from '../../core/panel/rootWords.ts';
import type { SessionFilter } from '../../core/panel/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { queryFailed, showProblem } from '../messages.ts';
import { pick, pickSeveral, tell, type Choice } from '../surfaces.ts';

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
  /** What is said where there is none. */
  readonly nothing?: string;
}

/** Asks for a session; the only one there is needs no question. */
export async function pickSession(
  backend: Backend,
  title: string,
  options: PickOptions = {},
): Promise<SessionRef | undefined> {
  const choices = await sessionChoices(backend, options);
  const [only, ...others] = choices;
  return only === undefined || others.length === 0 ? only?.value : await pick(choices, { title });
}

/** Asks for a session as `pickSession` does, and on request for several of them. */
export async function pickSessions(
  backend: Backend,
  title: string,
  options: PickOptions = {},
): Promise<readonly SessionRef[]> {
  const choices = await sessionChoices(backend, options);
  const [only, ...others] = choices;
  if (only === undefined || others.length === 0) return only === undefined ? [] : [only.value];
  const several = { label: 'Several sessions…', icon: 'checklist', value: 'several' } as const;
  const chosen = await pick<SessionRef | 'several'>([...choices, several], { title });
  if (chosen === 'several') return await pickSeveral(choices, { title });
  return chosen === undefined ? [] : [chosen];
}

/** None when there is none to choose; then the person has been told. */
async function sessionChoices(
  backend: Backend,
  { filter = 'all', isFirst = () => false, isWanted = () => true, nothing }: PickOptions,
): Promise<readonly Choice<SessionRef>[]> {
  const reply = await backend.query('listSessions', { filter, text: '', offset: 0, limit: SHOWN });
  if (!reply.ok) {
    showProblem(queryFailed('There is no session to choose.', reply.failure));
    return [];
  }
  const rows = reply.value.rows.filter(isWanted).toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
  if (rows.length === 0) {
    // What cannot be read may well hold sessions.
    const [unread] = reply.value.roots.flatMap((root) => rootProblem(root) ?? []);
    tell(unread ?? nothing ?? (filter === 'running' ? 'No session is running.' : 'No session has been recorded yet.'));
  }
  return rows.map((row) => ({
    label: displayText(row.title, 120),
    description: rowFacts(row, Date.now(), false).join(' · '),
    detail: row.ref.id,
    value: row.ref,
  }));
}
