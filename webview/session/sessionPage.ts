import type { IncidentRef, IncidentRow } from '../../src/core/panel/incidentView.ts';
import type { PanelAction } from '../../src/core/panel/panelProtocol.ts';
import type { QueryFailure, SessionChanged } from '../../src/core/panel/serverProtocol.ts';
import type { EpisodeView, Overview, SessionRef } from '../../src/core/panel/sessionView.ts';
import { element, setShown } from '../parts/element.ts';
import { EpisodeList } from './episodeList.ts';
import { FailureNotice } from '../parts/failureNotice.ts';
import type { HostLink } from '../parts/hostLink.ts';
import type { PanelMemory } from '../timeline/panelMemory.ts';
import { OutputPanel } from './outputPanel.ts';
import { SampleTable } from './sampleTable.ts';
import { SessionHeader } from './sessionHeader.ts';
import { SessionSeries } from '../timeline/sessionSeries.ts';
import { Standing } from './standing.ts';
import { SuspectCard } from './suspectCard.ts';
import type { Theme } from '../parts/theme.ts';
import { CPU_AREAS, TimelineTools } from '../timeline/timelineTools.ts';
import { Timelines } from '../timeline/timelines.ts';
import { button } from '../parts/toolkit.ts';
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
  readonly #output: OutputPanel;
  readonly #standing: Standing;
  readonly #failure = new FailureNotice();
  readonly #body = element('div', { class: 'session-body' });
  readonly #onRemember: () => void;
  /** Each kind of question is asked once at a time; what is asked meanwhile is asked once more afterwards. */
  readonly #turns = new Turns();
  #overview: Overview | undefined;
  #restore: Pick<PanelMemory, 'span' | 'seq' | 'isReplay'> | undefined;
  #isDisposed = false;
  /** Nothing is heard of it any more: what is shown is what was known last. */
  #isStale = false;

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
      onInspect: (ms) => void this.#standing.show({ atMs: ms }),
      onEpisode: (episode) => this.standAt(episode.firstSeq, episode),
      onMark: (ms) => void this.#standing.show({ atMs: ms }, { isFocused: true }),
    });
    this.#table = new SampleTable({
      isShown: options.memory.isTable,
      load: (limit) => link.query('rows', { session, ...this.#viewport.span, limit }),
      onInspect: (ms) => void this.#standing.show({ atMs: ms }, { isFocused: true }),
      onFailure: (failure) => this.#fail(failure),
    });
    this.#output = new OutputPanel({
      link,
      session,
      onInspect: (ms) => void this.#standing.show({ atMs: ms }),
      onFailure: (failure) => this.#fail(failure),
    });
    this.#standing = new Standing({
      link,
      session,
      viewport: this.#viewport,
      header: this.#header,
      episodes: this.#episodes,
      timelines: this.#timelines,
      suspect: this.#suspect,
      drawer: options.memory.drawer,
      output: this.#output,
      onViewport: () => this.#viewportChanged(),
      onLines: () => this.#draw(),
      onRemember: options.onRemember,
      onFailure: (failure) => this.#fail(failure),
    });
    this.#tools = new TimelineTools(this.#viewport, {
      onViewport: () => this.#viewportChanged(),
      onLane: (id, isShown) => {
        if (id === CPU_AREAS) this.#series.areas.want('cpu', isShown);
        else this.#timelines.showLane(id, isShown);
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
    if (options.memory.lanes.includes(CPU_AREAS)) this.#series.areas.want('cpu', true);
    setShown(this.#body, false);
    this.element = element('article', { class: 'session' }, [this.#failure.element, this.#body]);
    this.#layOut();
  }

  get memory(): PanelMemory {
    return {
      session: this.#session,
      incident: undefined,
      span: this.#viewport.isZoomed ? this.#viewport.span : undefined,
      seq: this.#standing.seq,
      isReplay: this.#standing.isReplay,
      lanes: this.#tools.lanes,
      isTable: this.#table.isShown,
      drawer: this.#standing.drawer.layout,
    };
  }

  /** Everything anew: at first, and when the page has become visible again. */
  async load(seq?: number): Promise<void> {
    await Promise.all([this.#loadOverview(), this.#series.loadWhole()]);
    // The lines come first.
    void this.#series.areas.load();
    void this.#table.load();
    const restore = this.#restore;
    this.#restore = undefined;
    if (restore?.span !== undefined) {
      this.#viewport.show(restore.span);
      this.#viewportChanged();
    }
    if (this.#isDisposed) return;
    if (seq !== undefined) this.standAt(seq);
    else if (restore?.seq !== undefined && restore.isReplay) await this.#standing.resume(restore.seq);
    else if (restore?.seq !== undefined) await this.#standing.show({ seq: restore.seq });
  }

  changed(change: SessionChanged): void {
    this.#output.grown();
    // Of something that prints much, most news are of that alone.
    if (!change.isOverviewChanged && change.appended?.after === change.snapshotCount) return;
    if (change.isOverviewChanged) void this.#loadOverview();
    if (change.lastMs !== undefined) this.#header.grow(change.snapshotCount, change.lastMs);
    if (!this.#series.append(change)) return;
    if (this.#overview !== undefined) this.#overview = { ...this.#overview, snapshotCount: change.snapshotCount };
    this.#body.classList.toggle('is-unsampled', !this.#hasSamples);
    this.#standing.update(this.#overview, change.forecasts);
    // Somebody who looks at the past sees nothing of what is appended.
    if (this.#viewport.isFollowing) this.#draw();
    this.#tools.update(this.#isRunning);
  }

  /** Zooms to a sample, highlights it and shows its values. */
  standAt(seq: number, episode?: EpisodeView): void {
    void this.#standing.show({ seq }, { episode, isFocused: true, isZoomed: true });
  }

  showOutput(): void {
    this.#standing.drawer.showOutput();
    this.#onRemember();
  }

  setIncident(incident: IncidentRow | undefined): void {
    this.#header.setIncident(incident);
  }

  setStale(isStale: boolean): void {
    this.#isStale = isStale;
    this.#header.setStale(isStale);
    this.#tools.update(this.#isRunning);
  }

  setTheme(theme: Theme): void {
    this.#timelines.setTheme(theme);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#standing.dispose();
    this.#series.areas.dispose();
    this.#timelines.dispose();
    this.element.remove();
  }

  get #isRunning(): boolean {
    return !this.#isStale && this.#overview?.row.isRunning === true;
  }

  get #hasSamples(): boolean {
    return (this.#overview?.snapshotCount ?? 0) > 0;
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
      this.#failure.hide();
      this.setStale(false);
      this.#body.classList.toggle('is-unsampled', !this.#hasSamples);
      setShown(this.#body, true);
      this.#header.update(overview);
      this.#output.startMs = overview.startMs;
      this.#suspect.update(overview);
      this.#episodes.update(overview.episodes);
      this.#table.setEpisodes(overview.episodes);
      this.#tools.update(this.#isRunning);
      this.#timelines.setEvents(overview);
      this.#standing.update(overview, overview.forecasts);
      this.#draw();
    });
  }

  #layOut(): void {
    const description = 'Open Output: what the agent printed';
    const output = button({ label: 'Output', description, onClick: () => this.showOutput() });
    const { bar, drawer } = this.#standing;
    const timelineSection = element(
      'section',
      { class: 'timeline-section', attributes: { 'aria-label': 'Timelines' } },
      [
        element('div', { class: 'timeline-head' }, [this.#tools.element, bar.element, output]),
        this.#timelines.element,
        this.#tools.more,
        this.#table.element,
      ],
    );
    timelineSection.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      if (!ctrlKey && !metaKey && !altKey && this.#hasSamples) bar.key(key);
    });
    this.#body.append(
      this.#header.element,
      this.#episodes.element,
      element('div', { class: 'work' }, [
        element('div', { class: 'work-main' }, [timelineSection, this.#suspect.element]),
        drawer.element,
      ]),
    );
  }

  #draw(): void {
    if (this.#isDisposed) return;
    this.#timelines.setAreas(this.#series.areas.shown);
    this.#timelines.setSeries(this.#series.lines, this.#standing.forecasts);
  }

  #viewportChanged(): void {
    this.#draw();
    this.#tools.update(this.#isRunning);
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
