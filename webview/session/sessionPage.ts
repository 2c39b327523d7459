import type { IncidentRef, IncidentRow } from '../../src/core/panel/incidentView.ts';
import type { PanelAction } from '../../src/core/panel/panelProtocol.ts';
import type { QueryFailure, SessionChanged } from '../../src/core/panel/serverProtocol.ts';
import type { EpisodeView, SessionRef } from '../../src/core/panel/sessionView.ts';
import { element, setShown } from '../parts/element.ts';
import { Drawer } from './drawer.ts';
import { EpisodeList } from './episodeList.ts';
import { MomentPanel } from './momentPanel.ts';
import { FailureNotice } from '../parts/failureNotice.ts';
import type { HostLink } from '../parts/hostLink.ts';
import type { PanelMemory } from '../timeline/panelMemory.ts';
import { OutputPanel } from './outputPanel.ts';
import { SampleTable } from './sampleTable.ts';
import { SessionHeader } from './sessionHeader.ts';
import { SessionSeries } from '../timeline/sessionSeries.ts';
import { forecastsOf, isLive, SessionStateOwner, type SessionState } from './sessionState.ts';
import { layOut, show, type SessionParts } from './sessionParts.ts';
import { TimeNavigation, type MomentWish } from './timeNavigation.ts';
import { Story } from './story.ts';
import { SuspectCard } from './suspectCard.ts';
import type { Theme } from '../parts/theme.ts';
import { CPU_AREAS, RELATIVE_TIME, TimelineTools } from '../timeline/timelineTools.ts';
import { Timelines } from '../timeline/timelines.ts';
import { Turns } from '../parts/turns.ts';
import { Viewport } from '../timeline/viewport.ts';

/** One session: asks for what it shows and keeps it while the session grows. */
export class SessionView {
  readonly element: HTMLElement;
  readonly #link: HostLink;
  readonly #session: SessionRef;
  readonly #viewport = new Viewport();
  readonly #series: SessionSeries;
  readonly #parts: SessionParts;
  readonly #navigation: TimeNavigation;
  readonly #owner = new SessionStateOwner((now, before) => this.#changed(now, before));
  readonly #failure = new FailureNotice();
  readonly #onRemember: () => void;
  /** Each kind of question is asked once at a time; what is asked meanwhile is asked once more afterwards. */
  readonly #turns = new Turns();
  #restore: Pick<PanelMemory, 'span' | 'seq' | 'isReplay'> | undefined;
  #isDisposed = false;

  constructor(link: HostLink, session: SessionRef, options: SessionViewOptions) {
    this.#link = link;
    this.#session = session;
    this.#onRemember = options.onRemember;
    this.#restore = options.memory;
    const header = new SessionHeader((action) => this.#act(action), options.onIncident);
    const openHandle = (handle: string): void => link.post({ type: 'openHandle', session, handle });
    const story = new Story(openHandle);
    const suspect = new SuspectCard(openHandle, () => this.#act('linkTranscript'));
    const episodes = new EpisodeList((episode) => this.standAt(episode.firstSeq, episode));
    const timelines = new Timelines(this.#viewport, options.theme, {
      onViewport: () => this.#viewportChanged(),
      onInspect: (ms) => void this.#look({ atMs: ms }),
      onEpisode: (episode) => this.standAt(episode.firstSeq, episode),
      onMark: (ms) => void this.#look({ atMs: ms }, { isFocused: true }),
      layout: options.memory.layout,
      onLayout: options.onRemember,
    });
    const table = new SampleTable({
      isShown: options.memory.isTable,
      load: (limit) => link.query('rows', { session, ...this.#viewport.span, limit }),
      onInspect: (ms) => void this.#look({ atMs: ms }, { isFocused: true }),
      onFailure: (failure) => this.#fail(failure),
    });
    const output = new OutputPanel({
      link,
      session,
      onInspect: (ms) => void this.#look({ atMs: ms }),
      onFailure: (failure) => this.#fail(failure),
    });
    this.#navigation = new TimeNavigation({
      link,
      session,
      viewport: this.#viewport,
      owner: this.#owner,
      onViewport: () => this.#viewportChanged(),
      onRemember: options.onRemember,
      onFailure: (failure) => this.#fail(failure),
    });
    const moment = new MomentPanel();
    const drawer = new Drawer({ moment: moment.element, output }, options.memory.drawer, {
      onClose: () => this.#navigation.leave(),
      onLayout: options.onRemember,
    });
    const tools = new TimelineTools(this.#viewport, {
      onViewport: () => this.#viewportChanged(),
      onLane: (id, isShown) => {
        this.#showLane(id, isShown);
        this.#onRemember();
      },
      onTable: (isTable) => {
        table.show(isTable);
        this.#onRemember();
      },
      memory: options.memory,
    });
    this.#series = new SessionSeries(
      link,
      { session, viewport: this.#viewport },
      {
        pixels: () => timelines.element.clientWidth || window.innerWidth,
        onLines: () => this.#draw(),
        onFailure: (failure) => this.#fail(failure),
      },
    );
    const body = element('div', { class: 'session-body' });
    setShown(body, false);
    const { bar } = this.#navigation;
    this.#parts = { body, header, story, episodes, suspect, tools, bar, timelines, table, moment, output, drawer };
    this.element = element('article', { class: 'session' }, [this.#failure.element, body]);
    for (const lane of options.memory.lanes) this.#showLane(lane, true);
    layOut(this.#parts, {
      output: () => this.showOutput(),
      key: (key) => {
        if (this.#owner.state.snapshotCount > 0) bar.key(key);
      },
    });
  }

  get memory(): PanelMemory {
    return {
      session: this.#session,
      incident: undefined,
      page: undefined,
      history: undefined,
      span: this.#viewport.isZoomed ? this.#viewport.span : undefined,
      seq: this.#owner.state.moment?.seq,
      isReplay: this.#navigation.isReplay,
      lanes: this.#parts.tools.lanes,
      isTable: this.#parts.table.isShown,
      drawer: this.#parts.drawer.layout,
      layout: this.#parts.timelines.layout,
    };
  }

  /** Everything anew: at first, and when the page has become visible again. */
  async load(seq?: number): Promise<void> {
    await Promise.all([this.#loadOverview(), this.#series.loadWhole()]);
    // The lines come first.
    void this.#series.areas.load();
    void this.#parts.table.load();
    const restore = this.#restore;
    this.#restore = undefined;
    if (restore?.span !== undefined) {
      this.#viewport.show(restore.span);
      this.#viewportChanged();
    }
    if (this.#isDisposed) return;
    if (seq !== undefined) this.standAt(seq);
    else if (restore?.seq !== undefined && restore.isReplay) await this.#navigation.resume(restore.seq);
    else if (restore?.seq !== undefined) await this.#navigation.show({ seq: restore.seq });
  }

  changed(change: SessionChanged): void {
    this.#parts.output.grown();
    // Of something that prints much, most news are of that alone.
    if (!change.isOverviewChanged && change.appended?.after === change.snapshotCount) return;
    if (change.isOverviewChanged) void this.#loadOverview();
    if (change.lastMs !== undefined) this.#parts.header.grow(change.snapshotCount, change.lastMs);
    if (!this.#series.append(change)) return;
    this.#owner.change({ ahead: change.forecasts, snapshotCount: change.snapshotCount });
    this.#navigation.update();
    // Somebody who looks at the past sees nothing of what is appended.
    if (this.#viewport.isFollowing) this.#draw();
  }

  /** Zooms to a sample, highlights it and shows its values. */
  standAt(seq: number, episode?: EpisodeView): void {
    void this.#look({ seq }, { episode, isFocused: true, isZoomed: true });
  }

  showOutput(): void {
    this.#parts.drawer.showOutput();
    this.#onRemember();
  }

  setIncident(incident: IncidentRow | undefined): void {
    this.#parts.header.setIncident(incident);
  }

  setStale(isStale: boolean): void {
    this.#owner.change({ isStale });
  }

  setTheme(theme: Theme): void {
    this.#parts.timelines.setTheme(theme);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#navigation.dispose();
    this.#series.areas.dispose();
    this.#parts.timelines.dispose();
    this.element.remove();
  }

  async #look(
    wish: MomentWish,
    how: { readonly episode?: EpisodeView | undefined; readonly isFocused?: boolean; readonly isZoomed?: boolean } = {},
  ): Promise<void> {
    if (!(await this.#navigation.show(wish, how))) return;
    this.#parts.drawer.showMoment(how.isZoomed === true);
    if (how.isFocused === true && !this.#parts.drawer.layout.isOutput) this.#parts.moment.focus();
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
      this.#failure.hide();
      const { snapshotCount, forecasts: ahead } = overview;
      this.#owner.change({ overview, ahead, snapshotCount, isStale: false });
      this.#navigation.update();
      this.#draw();
    });
  }

  #changed(now: SessionState, before: SessionState): void {
    show(this.#parts, now, before);
    const forecasts = forecastsOf(now);
    const known = forecastsOf(before);
    if (forecasts !== known && (forecasts.length > 0 || known.length > 0)) this.#draw();
  }

  #showLane(id: string, isShown: boolean): void {
    if (id === CPU_AREAS) this.#series.areas.want('cpu', isShown);
    else if (id === RELATIVE_TIME) this.#parts.timelines.setRelative(isShown);
    else this.#parts.timelines.showLane(id, isShown);
  }

  #draw(): void {
    if (this.#isDisposed) return;
    this.#parts.timelines.setAreas(this.#series.areas.shown);
    const { lines, wholeLines } = this.#series;
    this.#parts.timelines.setSeries(lines, wholeLines, forecastsOf(this.#owner.state));
  }

  #viewportChanged(): void {
    this.#draw();
    this.#parts.tools.update(isLive(this.#owner.state));
    this.#onRemember();
    void this.#parts.table.load();
    this.#series.refine();
  }

  #act(action: PanelAction): void {
    const atMs = this.#owner.state.moment?.ms;
    this.#link.post({ type: 'action', action, session: this.#session, ...(atMs !== undefined && { atMs }) });
  }

  #fail(failure: QueryFailure): void {
    if (this.#isDisposed) return;
    this.#failure.show(failure);
    if (UNHEARD.has(failure.kind)) this.setStale(true);
  }
}

/** Failures after which nobody knows how the session is. */
const UNHEARD: ReadonlySet<QueryFailure['kind']> = new Set(['no_such_session', 'unreadable', 'server_unavailable']);

export interface SessionViewOptions {
  readonly theme: Theme;
  readonly memory: PanelMemory;
  readonly onRemember: () => void;
  readonly onIncident: (incident: IncidentRef) => void;
}
