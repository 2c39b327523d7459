import type { IncidentRef, IncidentRow } from '../../src/core/panel/incidentView.ts';
import type { PanelAction } from '../../src/core/panel/panelProtocol.ts';
import type { QueryFailure, SessionChanged } from '../../src/core/panel/serverProtocol.ts';
import type { EpisodeView, SessionRef } from '../../src/core/panel/sessionView.ts';
import { element, setShown } from '../parts/element.ts';
import { EpisodeList } from './episodeList.ts';
import { MomentPanel } from './momentPanel.ts';
import { FailureNotice } from '../parts/failureNotice.ts';
import type { HostLink } from '../parts/hostLink.ts';
import type { PanelMemory } from '../timeline/panelMemory.ts';
import { SampleTable } from './sampleTable.ts';
import { SessionHeader } from './sessionHeader.ts';
import { SessionSeries } from '../timeline/sessionSeries.ts';
import {
  forecastsOf,
  highlightOf,
  isLive,
  pointBeforeEnd,
  SessionStateOwner,
  type SessionState,
} from './sessionState.ts';
import { TimeNavigation, type MomentWish } from './timeNavigation.ts';
import { SuspectCard } from './suspectCard.ts';
import type { Theme } from '../parts/theme.ts';
import { TimelineTools } from '../timeline/timelineTools.ts';
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
  readonly #header: SessionHeader;
  readonly #suspect: SuspectCard;
  readonly #episodes: EpisodeList;
  readonly #tools: TimelineTools;
  readonly #timelines: Timelines;
  readonly #table: SampleTable;
  readonly #navigation: TimeNavigation;
  readonly #moment: MomentPanel;
  readonly #owner = new SessionStateOwner((now, before) => this.#show(now, before));
  readonly #failure = new FailureNotice();
  readonly #body = element('div', { class: 'session-body' });
  readonly #onRemember: () => void;
  /** Each kind of question is asked once at a time; what is asked meanwhile is asked once more afterwards. */
  readonly #turns = new Turns();
  /** It grows between two overviews. */
  #snapshotCount = 0;
  #restore: Pick<PanelMemory, 'span' | 'seq' | 'isReplay'> | undefined;
  #isDisposed = false;

  constructor(link: HostLink, session: SessionRef, options: SessionViewOptions) {
    this.#link = link;
    this.#session = session;
    this.#onRemember = options.onRemember;
    this.#restore = options.memory;
    this.#header = new SessionHeader((action) => this.#act(action), options.onIncident);
    this.#suspect = new SuspectCard(
      (handle) => link.post({ type: 'openHandle', session, handle }),
      () => this.#act('linkTranscript'),
    );
    this.#episodes = new EpisodeList((episode) => this.standAt(episode.firstSeq, episode));
    this.#timelines = new Timelines(this.#viewport, options.theme, {
      onViewport: () => this.#viewportChanged(),
      onInspect: (ms) => void this.#look({ atMs: ms }),
      onEpisode: (episode) => this.standAt(episode.firstSeq, episode),
      onMark: (ms) => void this.#look({ atMs: ms }, { isFocused: true }),
    });
    this.#table = new SampleTable({
      isShown: options.memory.isTable,
      load: (limit) => link.query('rows', { session, ...this.#viewport.span, limit }),
      onInspect: (ms) => void this.#look({ atMs: ms }, { isFocused: true }),
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
    this.#moment = new MomentPanel(() => this.#navigation.leave());
    this.#tools = new TimelineTools(this.#viewport, {
      onViewport: () => this.#viewportChanged(),
      onLane: (id, isShown) => {
        this.#timelines.showLane(id, isShown);
        this.#onRemember();
      },
      onTable: (isTable) => {
        this.#table.show(isTable);
        this.#onRemember();
      },
      memory: options.memory,
    });
    for (const lane of options.memory.lanes) this.#timelines.showLane(lane, true);
    this.#series = new SessionSeries(
      link,
      { session, viewport: this.#viewport },
      {
        pixels: () => this.#timelines.element.clientWidth || window.innerWidth,
        onLines: () => this.#draw(),
        onFailure: (failure) => this.#fail(failure),
      },
    );
    setShown(this.#body, false);
    const timelineSection = element(
      'section',
      { class: 'timeline-section', attributes: { 'aria-label': 'Timelines' } },
      [this.#tools.element, this.#navigation.bar.element, this.#timelines.element, this.#table.element],
    );
    timelineSection.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      if (!ctrlKey && !metaKey && !altKey && this.#hasSamples) this.#navigation.bar.key(key);
    });
    this.#body.append(
      this.#header.element,
      element('div', { class: 'findings' }, [this.#episodes.element, this.#suspect.element]),
      timelineSection,
      this.#moment.element,
    );
    this.element = element('article', { class: 'session' }, [this.#failure.element, this.#body]);
  }

  get memory(): PanelMemory {
    return {
      session: this.#session,
      incident: undefined,
      span: this.#viewport.isZoomed ? this.#viewport.span : undefined,
      seq: this.#owner.state.moment?.seq,
      isReplay: this.#navigation.isReplay,
      lanes: this.#tools.lanes,
      isTable: this.#table.isShown,
    };
  }

  /** Everything anew: at first, and when the page has become visible again. */
  async load(seq?: number): Promise<void> {
    await Promise.all([this.#loadOverview(), this.#series.loadWhole()]);
    void this.#table.load();
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
    if (change.isOverviewChanged) void this.#loadOverview();
    if (change.lastMs !== undefined) this.#header.grow(change.snapshotCount, change.lastMs);
    if (!this.#series.append(change)) return;
    this.#snapshotCount = change.snapshotCount;
    this.#owner.change({ ahead: change.forecasts });
    this.#navigation.update();
    // Somebody who looks at the past sees nothing of what is appended.
    if (this.#viewport.isFollowing) this.#draw();
  }

  /** Zooms to a sample, highlights it and shows its values. */
  standAt(seq: number, episode?: EpisodeView): void {
    void this.#look({ seq }, { episode, isFocused: true, isZoomed: true });
  }

  setIncident(incident: IncidentRow | undefined): void {
    this.#header.setIncident(incident);
  }

  setStale(isStale: boolean): void {
    this.#owner.change({ isStale });
  }

  setTheme(theme: Theme): void {
    this.#timelines.setTheme(theme);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#navigation.dispose();
    this.#timelines.dispose();
    this.element.remove();
  }

  get #hasSamples(): boolean {
    return this.#snapshotCount > 0;
  }

  async #look(
    wish: MomentWish,
    how: { readonly episode?: EpisodeView | undefined; readonly isFocused?: boolean; readonly isZoomed?: boolean } = {},
  ): Promise<void> {
    if ((await this.#navigation.show(wish, how)) && how.isFocused === true) this.#moment.focus();
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
      this.#snapshotCount = overview.snapshotCount;
      this.#owner.change({ overview, ahead: overview.forecasts, isStale: false });
      this.#navigation.update();
      this.#draw();
    });
  }

  /** The one place where state becomes what is seen. */
  #show(now: SessionState, before: SessionState): void {
    const { overview, moment, episode, point, isStale } = now;
    const isNewOverview = overview !== before.overview;
    if (overview !== undefined && isNewOverview) {
      setShown(this.#body, true);
      this.#suspect.update(overview);
      this.#episodes.update(overview.episodes);
      this.#table.setEpisodes(overview.episodes);
      this.#timelines.setEvents(overview);
    }
    this.#body.classList.toggle('is-unsampled', !this.#hasSamples);
    // What was never sampled, such as a trace, has nothing to move through.
    setShown(this.#navigation.bar.element, this.#hasSamples);
    if (isNewOverview || isStale !== before.isStale || point !== before.point) {
      this.#header.show(now);
      const early = pointBeforeEnd(now)?.ms;
      this.#episodes.setReplayPoint(early);
      this.#suspect.setReplayPoint(early);
      this.#timelines.setCursor(point?.ms);
    }
    this.#tools.update(isLive(now));
    const hasLeft = point === undefined && before.point !== undefined;
    if (moment !== before.moment || episode !== before.episode || hasLeft) this.#showMoment(now);
    if (forecastsOf(now).length > 0 || forecastsOf(before).length > 0) {
      if (forecastsOf(now) !== forecastsOf(before)) this.#draw();
    }
    if (moment === undefined && before.moment !== undefined) this.#timelines.focus();
  }

  #showMoment(state: SessionState): void {
    const { moment, episode, overview } = state;
    this.#episodes.select(episode);
    this.#timelines.setHighlight(highlightOf(state));
    if (moment === undefined) {
      this.#moment.hide();
      return;
    }
    const lifecycle = overview?.lifecycle.filter((event) => event.ms <= moment.ms) ?? [];
    this.#moment.show(moment, { episode, lifecycle });
  }

  #draw(): void {
    if (!this.#isDisposed) this.#timelines.setSeries(this.#series.lines, forecastsOf(this.#owner.state));
  }

  #viewportChanged(): void {
    this.#draw();
    this.#tools.update(isLive(this.#owner.state));
    this.#onRemember();
    void this.#table.load();
    this.#series.refine();
  }

  #act(action: PanelAction): void {
    this.#link.post({ type: 'action', action, session: this.#session });
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
