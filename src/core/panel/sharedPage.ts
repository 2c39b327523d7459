import { isFound, searched, sessionQuery, type Searched } from '../find/sessionQuery.ts';
import type { AreaKind, AreasView } from './areasView.ts';
import type {
  AreasQuery,
  ListQuery,
  MomentQuery,
  Queries,
  QueryFailure,
  QueryName,
  QueryReply,
  RowsQuery,
  SampleRows,
  SeriesQuery,
  SeriesSlice,
  SessionPage,
} from './serverProtocol.ts';
import type { MomentView, Overview, SeriesPoints, SeriesSet, SessionRow } from './sessionView.ts';
import { BAD_OUTCOMES } from '../words/vocabulary.ts';

/** The panel as a file that is shared: what it will be asked has been answered beforehand, as far as there is room. */
export interface SharedPage {
  readonly list: SessionPage;
  /** In the order of the list. */
  readonly sessions: readonly SharedSession[];
}

export interface SharedSession {
  readonly overview: Overview;
  /** Whole, and packed. */
  readonly series: SeriesSlice;
  readonly areas: Readonly<Record<AreaKind, AreasView>>;
  /** Some of them, in order: anomalies, the end, and evenly between. */
  readonly moments: readonly MomentView[];
  readonly rows: SampleRows;
}

/** Where the page is found in the file, and by whom. */
export const SHARED_PAGE_ID = 'session-diagnostics';

/** Times as steps from one to the next: a third of the bytes. */
export function packedSeries(slice: SeriesSlice): SeriesSlice {
  return withSeries(slice, ({ t, v }) => {
    const times = t.map(Math.round);
    return { t: times.map((ms, at) => ms - (times[at - 1] ?? 0)), v };
  });
}

function unpackedSeries(slice: SeriesSlice): SeriesSlice {
  return withSeries(slice, ({ t, v }) => {
    let ms = 0;
    return { t: t.map((step) => (ms += step)), v };
  });
}

function withSeries(slice: SeriesSlice, change: (points: SeriesPoints) => SeriesPoints): SeriesSlice {
  const changed = Object.entries(slice.series).map(([name, points]) => [name, change(points)]);
  return { ...slice, series: Object.fromEntries(changed) as SeriesSet }; // the same names
}

type Failed = { readonly ok: false; readonly failure: QueryFailure };
type Answers = { readonly [N in QueryName]: (page: OpenPage, params: Queries[N]['params']) => QueryReply<N> };

interface OpenPage extends SharedPage {
  readonly nowMs: () => number;
  readonly byId: ReadonlyMap<string, SharedSession>;
}

/** Answers what the panel asks of a shared page; what is not in it is not there. */
export function sharedAnswers(
  page: SharedPage,
  nowMs: () => number,
): <N extends QueryName>(name: N, params: Queries[N]['params']) => QueryReply<N> {
  const sessions = page.sessions.map((session) => ({ ...session, series: unpackedSeries(session.series) }));
  const open = { ...page, nowMs, byId: new Map(sessions.map((session) => [session.overview.row.ref.id, session])) };
  return (name, params) => ANSWERS[name](open, params);
}

function failed(kind: QueryFailure['kind']): Failed {
  return { ok: false, failure: { kind, detail: undefined } };
}

const NOT_SHARED = failed('bad_request');

const ANSWERS: Answers = {
  listSessions: (page, query) => ({ ok: true, value: listed(page, query) }),
  overview: (page, { session }) => withSession(page, session.id, ({ overview }) => ({ ok: true, value: overview })),
  series: (page, query) =>
    withSession(page, query.session.id, ({ series }) => ({ ok: true, value: within(series, query) })),
  areas: (page, { session, kind }: AreasQuery) =>
    withSession(page, session.id, ({ areas }) => ({ ok: true, value: areas[kind] })),
  moment: (page, query) =>
    withSession(page, query.session.id, ({ moments }) => {
      const value = momentAt(moments, query);
      return value === undefined ? failed('no_such_moment') : { ok: true, value };
    }),
  rows: (page, query) => withSession(page, query.session.id, ({ rows }) => ({ ok: true, value: rowsIn(rows, query) })),
  place: () => ({ ok: true, value: { isRunning: false } }),
  story: (page, { session }) =>
    withSession(page, session.id, ({ overview }) => ({ ok: true, value: { story: overview.story } })),
  output: () => NOT_SHARED,
  findOutput: () => NOT_SHARED,
  incident: () => NOT_SHARED,
  compare: () => NOT_SHARED,
  actions: () => NOT_SHARED,
};

function withSession<R>(page: OpenPage, id: string, answer: (session: SharedSession) => R): R | Failed {
  const session = page.byId.get(id);
  return session === undefined ? failed('no_such_session') : answer(session);
}

function listed({ list, nowMs }: OpenPage, { filter, text, limit }: ListQuery): SessionPage {
  const query = sessionQuery(text, nowMs());
  const rows = list.rows.filter(
    (row) =>
      (filter === 'all' ||
        (filter === 'failed' && BAD_OUTCOMES.has(row.outcome)) ||
        (filter === 'anomalous' && row.anomalyCount > 0)) &&
      isFound(query, searchedRow(row), nowMs()),
  );
  const problem = query.problems.length > 0 && { problem: query.problems.join(' ') };
  return { ...list, rows: rows.slice(0, limit), matching: rows.length, ...problem };
}

/** A file that is shared knows of a session what its row shows. */
function searchedRow(row: SessionRow): Searched {
  const { ref, startMs, durationSeconds, isRunning } = row;
  const endMs = isRunning || startMs === undefined ? undefined : startMs + (durationSeconds ?? 0) * 1000;
  const unknown = {
    command: '',
    folder: '',
    host: undefined,
    laterCause: undefined,
    isLogOnly: row.logOnly !== undefined,
  };
  return searched(() => ({ ...row, ...unknown, id: ref.id, endMs, suspect: row.suspect ?? null }));
}

/** With one point beyond each edge, so that lines run on to it. */
function within(slice: SeriesSlice, { fromMs, toMs }: SeriesQuery): SeriesSlice {
  if (fromMs === undefined && toMs === undefined) return slice;
  const range = { fromMs: fromMs ?? slice.fromMs, toMs: toMs ?? slice.toMs };
  const cut = withSeries(slice, ({ t, v }) => {
    const first = t.findIndex((ms) => ms >= range.fromMs);
    const beyond = t.findIndex((ms) => ms > range.toMs);
    const from = Math.max(0, first < 0 ? t.length - 1 : first - 1);
    const to = beyond < 0 ? t.length : beyond + 1;
    return { t: t.slice(from, to), v: v.slice(from, to) };
  });
  return { ...cut, ...range };
}

/** Of those that there are, the one that is meant or, where it is not there, its nearest. */
function momentAt(
  moments: readonly MomentView[],
  { seq, atMs, pick = 'nearest' }: MomentQuery,
): MomentView | undefined {
  const placeOf = (moment: MomentView): number => (seq === undefined ? moment.ms - (atMs ?? 0) : moment.seq - seq);
  if (seq === undefined && atMs === undefined) return moments.at(-1);
  switch (pick) {
    case 'previous':
      return moments.findLast((moment) => placeOf(moment) < 0);
    case 'next':
      return moments.find((moment) => placeOf(moment) > 0);
    case 'latest':
      return moments.findLast((moment) => placeOf(moment) <= 0) ?? moments[0];
    case 'nearest':
      return moments.toSorted((a, b) => Math.abs(placeOf(a)) - Math.abs(placeOf(b)))[0];
  }
}

function rowsIn({ rows, inRange }: SampleRows, { fromMs, toMs, limit }: RowsQuery): SampleRows {
  if (fromMs === undefined && toMs === undefined) return { rows: rows.slice(0, limit), inRange };
  const within = rows.filter(({ ms }) => ms >= (fromMs ?? ms) && ms <= (toMs ?? ms));
  return { rows: within.slice(0, limit), inRange: within.length === rows.length ? inRange : within.length };
}
