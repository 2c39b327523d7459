import { sampledMs } from '../../core/session/snapshot.ts';
import { dirname, join } from 'node:path';
import { areasOf, type AreasView } from '../../core/panel/areasView.ts';
import { forecastsAt } from '../../core/panel/forecastsAt.ts';
import { integerOf, recordOf, type JsonRecord } from '../../core/words/json.ts';
import { queryParamsFrom } from '../../core/panel/panelProtocol.ts';
import type {
  AreasQuery,
  MomentQuery,
  Queries,
  QueryFailure,
  QueryName,
  QueryReply,
} from '../../core/panel/serverProtocol.ts';
import type { MomentView, SessionRef } from '../../core/panel/sessionView.ts';
import { treeSampleFrom } from '../../core/session/tree.ts';
import { msFromIso } from '../../core/words/time.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import { readEnrollment } from '../../logs/sessionIndex.ts';
import { readStory } from '../../sessions/readStory.ts';
import { actionFactsOf } from './actionFactsOf.ts';
import { clippedRecord } from './clippedRecord.ts';
import { compareViewOf, type ComparedReading } from './compareViewOf.ts';
import { findLine } from './findLine.ts';
import { isSameIncident } from './incidentBook.ts';
import { incidentViewOf } from './incidentViewOf.ts';
import { codeOf } from './jsonlTail.ts';
import { overviewOf } from './overviewOf.ts';
import type { SessionCatalog } from './sessionCatalog.ts';
import type { SessionReader } from './sessionReader.ts';
import type { SessionReaders } from './sessionReaders.ts';

/** A tree with more processes than this is read in its file. */
const MOST_PROCESSES = 400;

export interface Sources {
  readonly catalog: SessionCatalog;
  readonly readers: SessionReaders;
}

type Answers = { readonly [N in QueryName]: (sources: Sources, params: Queries[N]['params']) => QueryReply<N> };

const ANSWERS: Answers = {
  listSessions: ({ catalog }, query) => ({ ok: true, value: catalog.page(query) }),
  place: ({ catalog }, { session }) => {
    const root = catalog.rootAt(session.root);
    const place = root === undefined ? undefined : findSession(root, session.id);
    const log = place === undefined ? catalog.unrecorded(session) : undefined;
    if (place === undefined && log === undefined) return failed('no_such_session');
    const folder = log === undefined ? {} : { folder: dirname(log.file.path) };
    const isRunning = place?.state === 'running';
    const startMs = isRunning ? msFromIso(readEnrollment(place.dir)?.enrolled_at) : undefined;
    const since = startMs === undefined ? {} : { startMs };
    return { ok: true, value: { isRunning: isRunning || log?.writer !== undefined, ...since, ...folder } };
  },
  overview: (sources, { session }) =>
    withReader(sources, session, (reader) => ({ ok: true, value: overviewOf(reader) })),
  story: ({ catalog }, { session }) => {
    const root = catalog.rootAt(session.root);
    const place = root === undefined ? undefined : findSession(root, session.id);
    if (root === undefined || place === undefined) return failed('no_such_session');
    return { ok: true, value: { story: readStory({ root, place }, Date.now()) } };
  },
  series: (sources, { session, fromMs, toMs, pixels }) =>
    withReader(sources, session, (reader) => {
      const { samples, revision, extent } = reader;
      const range = { fromMs: fromMs ?? extent.firstMs ?? 0, toMs: toMs ?? extent.lastMs ?? 0 };
      const series = reader.samplesIn(range).slice({ ...range, pixels });
      return { ok: true, value: { revision, snapshotCount: samples.count, ...range, series } };
    }),
  areas: (sources, query) =>
    withReader(sources, query.session, (reader) => ({ ok: true, value: areasIn(reader, query) })),
  output: (sources, { session, ...place }) =>
    withReader(sources, session, (reader) => ({ ok: true, value: reader.output().view(place) })),
  findOutput: (sources, { session, text, from, isBackward }) =>
    withReader(sources, session, (reader) => ({ ok: true, value: reader.output().find(text, from, isBackward) })),
  moment: (sources, query) => withReader(sources, query.session, (reader) => momentOf(reader, query)),
  rows: (sources, { session, fromMs, toMs, limit }) =>
    withReader(sources, session, (reader) => {
      const { samples } = reader;
      const range = { fromMs: fromMs ?? samples.firstMs ?? 0, toMs: toMs ?? samples.lastMs ?? 0 };
      return { ok: true, value: reader.rowsIn({ ...range, limit }) };
    }),
  actions: ({ catalog }, { session }) => {
    const root = catalog.rootAt(session.root);
    const place = root === undefined ? undefined : findSession(root, session.id);
    if (root === undefined || place === undefined) return failed('no_such_session');
    return { ok: true, value: actionFactsOf({ root, place }) };
  },
  compare: (sources, { a, b, pixels }) => {
    const [one, other] = [comparedReading(sources, a), comparedReading(sources, b)];
    return one === undefined || other === undefined
      ? failed('no_such_session')
      : { ok: true, value: compareViewOf(one, other, pixels) };
  },
  incident: ({ catalog, readers }, { incident, pixels }) => {
    const booked = catalog.incidents().find(({ row }) => isSameIncident(row.ref, incident));
    return booked === undefined
      ? failed('no_such_incident')
      : { ok: true, value: incidentViewOf(booked, readers, pixels) };
  },
};

/** The reply to a query as it came over the wire. */
export function answerQuery(sources: Sources, name: QueryName, params: unknown): QueryReply {
  const answer: (sources: Sources, params: never) => QueryReply = ANSWERS[name];
  const checked = queryParamsFrom(name, params);
  if (checked === undefined) return failed('bad_request');
  try {
    return answer(sources, checked as never); // checked for this very name, whose answer this is
  } catch (error) {
    return failed('unreadable', codeOf(error)); // node:fs is all that throws below
  }
}

function failed(kind: QueryFailure['kind'], detail?: string): { readonly ok: false; readonly failure: QueryFailure } {
  return { ok: false, failure: { kind, detail } };
}

function comparedReading({ catalog, readers }: Sources, ref: SessionRef): ComparedReading | undefined {
  const root = catalog.rootAt(ref.root);
  const place = root === undefined ? undefined : findSession(root, ref.id);
  const reader = place === undefined ? undefined : readers.read(ref);
  return root === undefined || place === undefined || reader === undefined
    ? undefined
    : { ref, found: { root, place }, reader };
}

function withReader<R>(
  { readers }: Sources,
  session: SessionRef,
  answer: (reader: SessionReader) => R,
): R | { readonly ok: false; readonly failure: QueryFailure } {
  const reader = readers.read(session);
  return reader === undefined ? failed('no_such_session') : answer(reader);
}

function areasIn(reader: SessionReader, { fromMs, toMs, pixels, kind }: AreasQuery): AreasView {
  const { dir, memory, samples, extent } = reader;
  if (dir === undefined) return { t: [], breaks: [], bands: [], isBehind: false };
  const range = { fromMs: fromMs ?? extent.firstMs ?? 0, toMs: toMs ?? extent.lastMs ?? 0 };
  const whole = memory.read(dir);
  const closely =
    fromMs === undefined ? undefined : memory.closely(dir, range, samples.rows(range.fromMs, range.toMs, 0).inRange);
  const gapMs = samples.gapMs * (closely === undefined ? memory.samplesEach : 1);
  return { ...areasOf(closely ?? whole, { ...range, pixels, gapMs, kind }), isBehind: memory.isBehind };
}

function momentOf(reader: SessionReader, { seq, atMs, pick = 'nearest' }: MomentQuery): QueryReply<'moment'> {
  const { dir } = reader;
  const wanted = seq === undefined ? { ms: atMs ?? reader.samples.lastMs ?? 0 } : { seq };
  const samples = reader.samplesAround(wanted, pick);
  const sample = samples.find(wanted, pick);
  if (sample === undefined || dir === undefined) return failed('no_such_moment');
  const trace = findLine(join(dir, 'proc_trace.jsonl'), sample.ms, (record) => {
    const number = integerOf(record['seq']);
    // A trace without numbers is found by its time.
    return number === undefined ? sampledMs(record) === sample.ms : number === sample.seq;
  });
  if (trace === undefined) return failed('no_such_moment');
  return {
    ok: true,
    value: {
      seq: sample.seq,
      ms: sample.ms,
      snapshot: clippedRecord(trace),
      ...treeAt(dir, sample, reader),
      openCalls: reader.transcript.callsOpenAt(sample.ms),
      forecasts: forecastsAt(samples, sample.ms),
    },
  };
}

function treeAt(
  dir: string,
  { seq, ms }: { readonly seq: number; readonly ms: number },
  { commands }: SessionReader,
): Pick<MomentView, 'processes' | 'hiddenProcesses'> {
  let line: unknown;
  try {
    const isBehind = (record: JsonRecord): boolean => (integerOf(record['seq']) ?? -1) > seq;
    line = findLine(join(dir, 'tree.jsonl'), ms, (record) => integerOf(record['seq']) === seq, isBehind);
  } catch {
    line = undefined; // other writers record no trees
  }
  const processes = treeSampleFrom(recordOf(line))?.processes;
  return {
    processes: processes?.slice(0, MOST_PROCESSES).map((member) => ({
      ...member,
      comm: member.comm?.slice(0, 100),
      command: commands.of(member.pid, member.start_ticks),
      state: member.state?.slice(0, 100),
      wchan: member.wchan?.slice(0, 100),
    })),
    hiddenProcesses: Math.max(0, (processes?.length ?? 0) - MOST_PROCESSES),
  };
}
