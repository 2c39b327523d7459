import type { PanelAction } from '../src/core/panelProtocol.ts';
import type { QueryFailure, SeriesQuery } from '../src/core/serverProtocol.ts';
import { isSameSession, type EpisodeView, type Overview, type SessionRef } from '../src/core/sessionView.ts';
import type { SessionChanged } from '../src/core/serverProtocol.ts';
import { element, setShown, setText } from './element.ts';
import { EpisodeList } from './episodeList.ts';
import type { HostLink } from './hostLink.ts';
import { MomentPanel } from './momentPanel.ts';
import type { PanelMemory } from './panelMemory.ts';
import { SampleTable } from './sampleTable.ts';
import { SeriesBuffer } from './seriesBuffer.ts';
import { SessionHeader } from './sessionHeader.ts';
import { SuspectCard } from './suspectCard.ts';
import type { Theme } from './theme.ts';
import { TimelineTools } from './timelineTools.ts';
import { Timelines } from './timelines.ts';
import { Turns } from './turns.ts';
import { Viewport, type TimeSpan } from './viewport.ts';

const TABLE_ROWS = 60;
/** Around an episode this much of its own length is shown, and never less than a minute: the way there is the story. */
const AROUND_EPISODE = 2;
const LEAST_AROUND_MS = 30_000;

/** One session: asks for what it shows and keeps it while the session grows. */
export class SessionView {
  readonly element: HTMLElement;
  readonly #link: HostLink;
  readonly #session: SessionRef;
  readonly #viewport = new Viewport();
  readonly #buffer = new SeriesBuffer();
  readonly #header: SessionHeader;
  readonly #suspect: SuspectCard;
  readonly #episodes: EpisodeList;
  readonly #tools: TimelineTools;
  readonly #timelines: Timelines;
  readonly #table: SampleTable;
  readonly #moment: MomentPanel;
  readonly #failure = element('p', { class: 'notice notice-error', attributes: { role: 'alert' } });
  readonly #body = element('div', { class: 'session-body' });
  readonly #onRemember: () => void;
  /** Each kind of question is asked once at a time; what is asked meanwhile is asked once more afterwards. */
  readonly #turns = new Turns();
  #overview: Overview | undefined;
  #standing: { readonly seq: number; readonly episode: EpisodeView | undefined } | undefined;
  #restore: Pick<PanelMemory, 'span' | 'seq'> | undefined;
  #isTable = false;
  #isDisposed = false;

  constructor(link: HostLink, session: SessionRef, options: SessionViewOptions) {
    this.#link = link;
    this.#session = session;
    this.#onRemember = options.onRemember;
    this.#restore = options.memory;
    this.#header = new SessionHeader((action) => this.#act(action));
    this.#suspect = new SuspectCard(
      (handle) => link.post({ type: 'openHandle', session, handle }),
      () => this.#act('linkTranscript'),
    );
    this.#episodes = new EpisodeList((episode) => this.standAt(episode.firstSeq, episode));
    this.#timelines = new Timelines(this.#viewport, options.theme, {
      onViewport: () => this.#viewportChanged(),
      onInspect: (ms) => void this.#inspect({ seq: undefined, atMs: ms }, undefined, false),
      onEpisode: (episode) => this.standAt(episode.firstSeq, episode),
    });
    this.#table = new SampleTable((ms) => void this.#inspect({ seq: undefined, atMs: ms }, undefined, true));
    this.#moment = new MomentPanel(() => this.#leaveMoment());
    this.#tools = new TimelineTools(this.#viewport, {
      onViewport: () => this.#viewportChanged(),
      onLane: (id, isShown) => {
        this.#timelines.showLane(id, isShown);
        this.#onRemember();
      },
      onTable: (isTable) => this.#showTable(isTable),
      memory: options.memory,
    });
    for (const lane of options.memory.lanes) this.#timelines.showLane(lane, true);
    this.#isTable = options.memory.isTable;
    setShown(this.#failure, false);
    setShown(this.#body, false);
    this.#body.append(
      this.#header.element,
      element('div', { class: 'findings' }, [this.#episodes.element, this.#suspect.element]),
      element('section', { class: 'timeline-section', attributes: { 'aria-label': 'Timelines' } }, [
        this.#tools.element,
        this.#timelines.element,
        this.#table.element,
      ]),
      this.#moment.element,
    );
    this.element = element('article', { class: 'session' }, [this.#failure, this.#body]);
  }

  get memory(): PanelMemory {
    return {
      session: this.#session,
      span: this.#viewport.isZoomed ? this.#viewport.span : undefined,
      seq: this.#standing?.seq,
      lanes: this.#tools.lanes,
      isTable: this.#isTable,
    };
  }

  /** Everything anew: at first, and when the page has become visible again. */
  async load(seq?: number): Promise<void> {
    await Promise.all([this.#loadOverview(), this.#loadWhole()]);
    const restore = this.#restore;
    this.#restore = undefined;
    if (restore?.span !== undefined) {
      this.#viewport.show(restore.span);
      this.#viewportChanged();
    }
    if (this.#isDisposed) return;
    if (seq !== undefined) this.standAt(seq);
    else if (restore?.seq !== undefined) await this.#inspect({ seq: restore.seq, atMs: undefined }, undefined, false);
  }

  changed(change: SessionChanged): void {
    if (change.isOverviewChanged) void this.#loadOverview();
    const { appended, lastMs, snapshotCount } = change;
    if (lastMs !== undefined) this.#header.grow(snapshotCount, lastMs);
    // An answer that is on its way may have been drawn up before this change: it is asked for once more.
    const isContinued =
      appended !== undefined && lastMs !== undefined && this.#buffer.append(appended, lastMs, snapshotCount);
    if (!isContinued || this.#turns.isTaken('whole')) void this.#loadWhole();
    if (!isContinued) return;
    this.#viewport.setWhole({ fromMs: this.#viewport.whole.fromMs, toMs: lastMs });
    // Somebody who looks at the past sees nothing of what is appended.
    if (this.#viewport.isFollowing) this.#draw();
    this.#tools.update(this.#isRunning);
  }

  /** Zooms to a sample, highlights it and shows its values. */
  standAt(seq: number, episode?: EpisodeView): void {
    void this.#inspect({ seq, atMs: undefined }, episode ?? this.#episodeAt(seq), true, true);
  }

  setTheme(theme: Theme): void {
    this.#timelines.setTheme(theme);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timelines.dispose();
    this.element.remove();
  }

  get #isRunning(): boolean {
    return this.#overview?.row.isRunning === true;
  }

  async #loadOverview(): Promise<void> {
    await this.#turns.take('overview', async () => {
      const reply = await this.#link.query('overview', { session: this.#session });
      if (this.#isDisposed) return;
      if (!reply.ok) {
        this.#fail(reply.failure);
        return;
      }
      const overview = reply.value;
      this.#overview = overview;
      setShown(this.#failure, false);
      setShown(this.#body, true);
      this.#header.update(overview);
      this.#suspect.update(overview);
      this.#episodes.update(overview.episodes);
      this.#tools.update(overview.row.isRunning);
      this.#timelines.setEvents(overview);
    });
  }

  async #loadWhole(): Promise<void> {
    await this.#turns.take('whole', async () => {
      const slice = await this.#ask(undefined);
      if (slice === undefined) return;
      this.#buffer.setWhole(slice);
      this.#viewport.setWhole(slice);
      this.#draw();
      if (this.#viewport.isZoomed) void this.#loadNear();
    });
  }

  /** The finer points of what is visible, with a margin for the next pan. */
  async #loadNear(): Promise<void> {
    await this.#turns.take('near', async () => {
      const { span, isZoomed } = this.#viewport;
      if (!isZoomed || this.#buffer.covers(span)) return;
      const margin = (span.toMs - span.fromMs) / 2;
      const slice = await this.#ask({ fromMs: span.fromMs - margin, toMs: span.toMs + margin });
      if (slice === undefined) return;
      this.#buffer.setNear(slice);
      this.#draw();
    });
  }

  async #ask(span: TimeSpan | undefined) {
    const pixels = Math.max(200, Math.round(this.#timelines.element.clientWidth || window.innerWidth));
    const query: SeriesQuery = { session: this.#session, fromMs: span?.fromMs, toMs: span?.toMs, pixels };
    const reply = await this.#link.query('series', query);
    if (this.#isDisposed) return undefined;
    if (reply.ok) return reply.value;
    this.#fail(reply.failure);
    return undefined;
  }

  #draw(): void {
    this.#timelines.setSeries(this.#buffer.lines(this.#viewport.span));
  }

  #viewportChanged(): void {
    this.#draw();
    this.#tools.update(this.#isRunning);
    this.#onRemember();
    if (this.#isTable) void this.#loadTable();
    if (this.#viewport.isZoomed && !this.#buffer.covers(this.#viewport.span)) {
      this.#buffer.setNear(undefined);
      void this.#loadNear();
    }
  }

  async #inspect(
    at: { readonly seq: number | undefined; readonly atMs: number | undefined },
    episode: EpisodeView | undefined,
    isFocused: boolean,
    isZoomed = false,
  ): Promise<void> {
    const reply = await this.#link.query('moment', { session: this.#session, ...at });
    if (this.#isDisposed) return;
    if (!reply.ok) {
      this.#fail(reply.failure);
      return;
    }
    const { seq, ms } = reply.value;
    const around = episode ?? this.#episodeAt(seq);
    this.#standing = { seq, episode: around };
    this.#episodes.select(around);
    this.#timelines.setHighlight({
      fromMs: Math.min(ms, around?.firstMs ?? ms),
      toMs: Math.max(ms, around?.lastMs ?? ms),
    });
    if (isZoomed) {
      const [fromMs, toMs] = [around?.firstMs ?? ms, around?.lastMs ?? ms];
      const margin = Math.max(LEAST_AROUND_MS, (toMs - fromMs) * AROUND_EPISODE);
      this.#viewport.show({ fromMs: fromMs - margin, toMs: toMs + margin });
      this.#viewport.pause();
      this.#viewportChanged();
    }
    this.#moment.show(reply.value, around);
    if (isFocused) this.#moment.focus();
    this.#onRemember();
  }

  #leaveMoment(): void {
    this.#standing = undefined;
    this.#episodes.select(undefined);
    this.#timelines.setHighlight(undefined);
    this.#moment.hide();
    this.#timelines.focus();
    this.#onRemember();
  }

  #episodeAt(seq: number): EpisodeView | undefined {
    return this.#overview?.episodes.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
  }

  #showTable(isTable: boolean): void {
    this.#isTable = isTable;
    setShown(this.#table.element, isTable);
    if (isTable) void this.#loadTable();
    this.#onRemember();
  }

  async #loadTable(): Promise<void> {
    await this.#turns.take('table', async () => {
      const { fromMs, toMs } = this.#viewport.span;
      const reply = await this.#link.query('rows', { session: this.#session, fromMs, toMs, limit: TABLE_ROWS });
      if (this.#isDisposed) return;
      if (reply.ok) this.#table.update(reply.value, this.#overview?.episodes ?? []);
      else this.#fail(reply.failure);
    });
  }

  #act(action: PanelAction): void {
    this.#link.post({ type: 'action', action, session: this.#session });
  }

  #fail(failure: QueryFailure): void {
    setText(this.#failure, failureSentence(failure));
    setShown(this.#failure, true);
  }
}

export interface SessionViewOptions {
  readonly theme: Theme;
  readonly memory: PanelMemory;
  readonly onRemember: () => void;
}

export function isViewOf(view: SessionView | undefined, session: SessionRef): boolean {
  return isSameSession(view?.memory.session, session);
}

const FAILURES: { readonly [kind in QueryFailure['kind']]: string } = {
  no_such_session: 'This session’s folder is no longer there.',
  no_such_moment: 'This session has no samples to show.',
  unreadable: 'This session’s files cannot be read.',
  bad_request: 'The panel asked for something that does not exist. Reload the window.',
  server_unavailable: 'The part that reads the logs does not answer. Reload the window.',
};

function failureSentence({ kind, detail }: QueryFailure): string {
  return detail === undefined ? FAILURES[kind] : `${FAILURES[kind]} ${detail}`;
}
