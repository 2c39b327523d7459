import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packedSeries, SHARED_PAGE_ID, type SharedPage, type SharedSession } from '../core/panel/sharedPage.ts';
import type { Queries, QueryName } from '../core/panel/serverProtocol.ts';
import type { MomentView, SessionRef } from '../core/panel/sessionView.ts';
import type { AddedTexts } from '../core/report/reportMarkdown.ts';
import { reportPage } from '../core/report/reportPage.ts';
import { isTraceName } from '../core/session/devboyTrace.ts';
import { logRootAt } from '../logs/logRoot.ts';
import { answerQuery, type Sources } from '../server/panel/answerQuery.ts';
import { SessionCatalog } from '../server/panel/sessionCatalog.ts';
import { SessionReaders } from '../server/panel/sessionReaders.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { preparePrivate } from '../sessions/sessionBundle.ts';
import { CommandError } from './failure.ts';

/** Of the data, beside a page of about 400 KB: a mail or an issue takes both. */
const MOST_BYTES = 500_000;
const MOST_SESSIONS = 20;
/** Of the width that series are drawn for, the first at which they fit. */
const WIDTHS = [660, 400, 200, 100, 50, 16];
/** What the lines may have of a session's share; the rest is for what one sees at a moment. */
const SERIES_SHARE = 0.6;
const MOST_MOMENTS = 200;
const MOST_ROWS = 200;

/**
 * The panel as one file. It is asked of the private form of each session, the same that a bundle has: what cannot leave the
 * machine is not there to be drawn.
 */
export function htmlReport(
  sessions: readonly FoundSession[],
  { programPath, added }: { readonly programPath: string; readonly added: AddedTexts },
): string {
  if (sessions.length > MOST_SESSIONS) throw new CommandError(`A page has room for ${MOST_SESSIONS} sessions.`);
  const scratch = mkdtempSync(join(tmpdir(), 'session-diagnostics-page-'));
  try {
    for (const found of sessions) preparedIn(scratch, found);
    const data = JSON.stringify(sharedPage(scratch, MOST_BYTES));
    const built = (name: string): string => readBuilt(join(dirname(programPath), name));
    return reportPage({
      script: built('webview.js').trim(),
      styles: [built('shared.css').trim(), built('webview.css').trim()],
      data,
      dataId: SHARED_PAGE_ID,
      added,
      createdAt: new Date().toISOString(),
      hashOf: (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readBuilt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${path}, which a page is made of, cannot be read. Is the installation complete?`, {
      cause: error,
    });
  }
}

function preparedIn(scratch: string, found: FoundSession): void {
  const { name, dir, state } = found.place;
  if (state === 'running') throw new CommandError(`${name} still runs. Its page can be made when it has ended.`);
  if (isTraceName(name)) throw new CommandError(`${name} is a trace: its two files are in ${dir}.`);
  const folder = mkdtempSync(join(scratch, 'files-'));
  const prepared = preparePrivate(found, folder);
  if (!prepared.ok) throw new CommandError(prepared.message);
  const { sessions } = logRootAt(scratch);
  mkdirSync(sessions, { recursive: true });
  const place = join(sessions, prepared.name);
  rmSync(place, { recursive: true, force: true }); // named twice
  renameSync(folder, place);
}

function sharedPage(root: string, mostBytes: number): SharedPage {
  const catalog = new SessionCatalog();
  catalog.setRoots([root]);
  const sources = { catalog, readers: new SessionReaders(catalog) };
  const list = asked(sources, 'listSessions', { filter: 'all', text: '', offset: 0, limit: MOST_SESSIONS });
  const share = mostBytes / Math.max(1, list.rows.length);
  // Neither the root nor what is wrong with it is anybody's who reads the page.
  return {
    list: { ...list, roots: [], incidents: [], rows: list.rows.map((row) => ({ ...row, ref: sharedRef(row.ref) })) },
    sessions: list.rows.map(({ ref }) => sharedSession(sources, ref, share - ROOM_FOR_LIST)),
  };
}

/** Of one session's row in the list. */
const ROOM_FOR_LIST = 1000;

function sharedRef({ id }: SessionRef): SessionRef {
  return { root: 'shared', id };
}

function asked<N extends QueryName>(sources: Sources, name: N, params: Queries[N]['params']): Queries[N]['result'] {
  const reply = answerQuery(sources, name, params);
  if (!reply.ok) throw new CommandError(`The page could not be made (${name}: ${reply.failure.kind}).`);
  return reply.value;
}

function sharedSession(sources: Sources, session: SessionRef, mostBytes: number): SharedSession {
  const whole = { session, fromMs: undefined, toMs: undefined };
  const overview = asked(sources, 'overview', { session });
  const drawn = WIDTHS.map((pixels) => () => ({
    series: packedSeries(asked(sources, 'series', { ...whole, pixels })),
    areas: {
      memory: asked(sources, 'areas', { ...whole, pixels, kind: 'memory' }),
      cpu: asked(sources, 'areas', { ...whole, pixels, kind: 'cpu' }),
    },
    rows: asked(sources, 'rows', { ...whole, limit: Math.min(MOST_ROWS, pixels) }),
  }));
  const base = { overview: { ...overview, row: { ...overview.row, ref: sharedRef(overview.row.ref) } } };
  for (const [at, draw] of drawn.entries()) {
    const lines = { ...base, ...draw() };
    const bytes = sizeOf(lines);
    if (bytes > mostBytes * SERIES_SHARE && at < drawn.length - 1) continue;
    return { ...lines, moments: momentsOf(sources, { session, lines, room: mostBytes - bytes }) };
  }
  throw new CommandError('The page could not be made.');
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

interface MomentWish {
  readonly session: SessionRef;
  readonly lines: Omit<SharedSession, 'moments'>;
  readonly room: number;
}

/** Anomalies and the end first, then evenly between, as long as there is room. */
function momentsOf(sources: Sources, { session, lines, room }: MomentWish): readonly MomentView[] {
  const { overview, rows } = lines;
  const between = rows.rows.map(({ seq }) => seq);
  const wanted = [
    ...overview.episodes.flatMap(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]),
    ...[between.at(-1), between[0]].filter((seq) => seq !== undefined),
    ...spread(between),
  ];
  const moments = new Map<number, MomentView>();
  let left = room;
  for (const seq of new Set(wanted)) {
    const reply = answerQuery(sources, 'moment', { session, seq, pick: 'nearest' });
    if (!reply.ok) continue;
    const moment = reply.value as MomentView; // the answer to this name
    const bytes = sizeOf(moment) + 1;
    if (bytes > left || moments.size >= MOST_MOMENTS) break;
    left -= bytes;
    moments.set(moment.seq, moment);
  }
  return [...moments.values()].sort((a, b) => a.seq - b.seq);
}

/** Halves, quarters, eighths ...: wherever it ends, they lie evenly. */
function spread<T>(items: readonly T[]): T[] {
  const order: T[] = [];
  for (let step = items.length; step >= 1; step /= 2)
    for (let at = step / 2; at < items.length; at += step) {
      const item = items[Math.floor(at)];
      if (item !== undefined) order.push(item);
    }
  return order;
}
