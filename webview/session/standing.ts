import type { MomentPick, QueryFailure } from '../../src/core/panel/serverProtocol.ts';
import type { EpisodeView, ForecastView, MomentView, Overview, SessionRef } from '../../src/core/panel/sessionView.ts';
import { setShown } from '../parts/element.ts';
import { Drawer } from './drawer.ts';
import type { DrawerLayout } from '../timeline/drawerLayout.ts';
import type { EpisodeList } from './episodeList.ts';
import type { HostLink } from '../parts/hostLink.ts';
import type { OutputPanel } from './outputPanel.ts';
import type { ReplayPoint } from './replayPoint.ts';
import { MomentPanel } from './momentPanel.ts';
import { Replay } from '../timeline/replay.ts';
import { ReplayBar } from '../timeline/replayBar.ts';
import type { SessionHeader } from './sessionHeader.ts';
import type { SuspectCard } from './suspectCard.ts';
import type { Timelines } from '../timeline/timelines.ts';
import { Turns } from '../parts/turns.ts';
import type { Viewport } from '../timeline/viewport.ts';

/** Around an episode this much of its own length is shown, and never less than a minute: the way there is the story. */
const AROUND_EPISODE = 2;
const LEAST_AROUND_MS = 30_000;
/** While a replay plays, values and process tree follow it ten times a second: faster cannot be read. */
const MOMENT_EVERY_MS = 100;

export interface MomentWish {
  readonly seq?: number;
  readonly atMs?: number;
  readonly pick?: MomentPick;
}

export interface StandingParts {
  readonly link: HostLink;
  readonly session: SessionRef;
  readonly viewport: Viewport;
  readonly header: SessionHeader;
  readonly episodes: EpisodeList;
  readonly timelines: Timelines;
  readonly suspect: SuspectCard;
  readonly drawer: DrawerLayout;
  readonly output: OutputPanel;
  readonly onViewport: () => void;
  /** Other forecasts are to be drawn. */
  readonly onLines: () => void;
  readonly onRemember: () => void;
  readonly onFailure: (failure: QueryFailure) => void;
}

/** Where in time the user stands: nowhere, at a moment, or at the cursor of a replay, which is a moment that moves. */
export class Standing {
  readonly drawer: Drawer;
  readonly bar: ReplayBar;
  readonly #parts: StandingParts;
  readonly #moment = new MomentPanel();
  readonly #replay: Replay;
  readonly #turns = new Turns();
  #overview: Overview | undefined;
  #at: MomentView | undefined;
  #ahead: readonly ForecastView[] = [];
  #isDisposed = false;

  constructor(parts: StandingParts) {
    this.#parts = parts;
    const range = () => parts.viewport.whole;
    this.drawer = new Drawer({ moment: this.#moment.element, output: parts.output }, parts.drawer, {
      onClose: () => this.#leave(),
      onLayout: parts.onRemember,
    });
    this.#replay = new Replay({ range, onMove: (ms) => this.#moved(ms), onEnd: () => this.#ended() });
    this.bar = new ReplayBar(this.#replay, { range, onStep: (to) => void this.#step(to) });
  }

  get seq(): number | undefined {
    return this.#at?.seq;
  }

  get isReplay(): boolean {
    return this.#replay.atMs !== undefined;
  }

  /** Limits ahead: of the running session now or, in a replay, as they looked then beside what then came. */
  get forecasts(): readonly ForecastView[] {
    return this.isReplay ? (this.#at?.forecasts ?? []) : this.#ahead;
  }

  /** The session has grown or has other facts. */
  update(overview: Overview | undefined, ahead: readonly ForecastView[]): void {
    this.#overview = overview;
    this.#ahead = ahead;
    this.#makeRoom();
    // What was never sampled, such as a trace, has nothing to move through.
    setShown(this.bar.element, (overview?.snapshotCount ?? 0) > 0);
    this.bar.update();
    this.#showInstant();
  }

  /** Shows a sample's values; with an episode, or when it is one's, the stretch around it. */
  async show(
    wish: MomentWish,
    how: { readonly isFocused?: boolean; readonly isZoomed?: boolean; readonly episode?: EpisodeView | undefined } = {},
  ): Promise<void> {
    const moment = await this.#ask(wish);
    if (moment === undefined) return;
    const episode = this.#place(moment, how.episode);
    this.drawer.showMoment(how.isZoomed === true);
    if (how.isZoomed === true) this.#zoomTo(moment, episode);
    if (this.isReplay) this.#replay.moveTo(moment.ms);
    if (how.isFocused === true && !this.drawer.layout.isOutput) this.#moment.focus();
    this.#parts.onRemember();
  }

  /** Goes on with a replay where the page stood before it was discarded. */
  async resume(seq: number): Promise<void> {
    await this.show({ seq });
    if (this.#at !== undefined) this.#replay.moveTo(this.#at.ms);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#replay.dispose();
  }

  async #ask({ seq, atMs, pick = 'nearest' }: MomentWish): Promise<MomentView | undefined> {
    const { link, session, onFailure } = this.#parts;
    const reply = await link.query('moment', { session, seq, atMs, pick });
    if (this.#isDisposed) return undefined;
    if (reply.ok) return reply.value;
    onFailure(reply.failure);
    return undefined;
  }

  #place(moment: MomentView, chosen?: EpisodeView): EpisodeView | undefined {
    const { seq, ms } = moment;
    const episode =
      chosen ?? this.#overview?.episodes.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
    const hasForecasts = this.forecasts.length > 0;
    this.#at = moment;
    if (this.isReplay && (hasForecasts || this.forecasts.length > 0)) this.#parts.onLines();
    this.#parts.episodes.select(episode);
    this.#parts.output.standAt(ms);
    const around = { fromMs: Math.min(ms, episode?.firstMs ?? ms), toMs: Math.max(ms, episode?.lastMs ?? ms) };
    // A replay has its cursor: of a moment that is no episode's nothing else is to be shown.
    this.#parts.timelines.setHighlight(this.isReplay && episode === undefined ? undefined : around);
    const lifecycle = this.#overview?.lifecycle.filter((event) => event.ms <= ms) ?? [];
    this.#moment.show(moment, { episode, lifecycle });
    this.drawer.showMoment(false);
    return episode;
  }

  #zoomTo({ ms }: MomentView, episode: EpisodeView | undefined): void {
    const [fromMs, toMs] = [episode?.firstMs ?? ms, episode?.lastMs ?? ms];
    const margin = Math.max(LEAST_AROUND_MS, (toMs - fromMs) * AROUND_EPISODE);
    this.#parts.viewport.show({ fromMs: fromMs - margin, toMs: toMs + margin });
    this.#parts.viewport.pause();
    this.#parts.onViewport();
  }

  /** Behind the newest sample, for what is foretold. */
  #makeRoom(): void {
    const latestMs = this.#ahead.map((forecast) => forecast.latestMs - forecast.fromMs);
    this.#parts.viewport.aheadMs = this.isReplay ? 0 : Math.max(0, ...latestMs);
  }

  /** From where the user stands or, when that is nowhere, back from the newest sample or to the first one. */
  async #step(to: 'previous' | 'next'): Promise<void> {
    const { fromMs, toMs } = this.#parts.viewport.whole;
    const start: MomentWish = to === 'next' ? { atMs: fromMs } : { atMs: toMs, pick: to };
    const moment = await this.#ask(this.#at === undefined ? start : { seq: this.#at.seq, pick: to });
    if (moment === undefined) return;
    this.#place(moment);
    this.#replay.moveTo(moment.ms);
  }

  /** The cursor is drawn at once; the values and the tree of its instant follow as they come. */
  #moved(ms: number | undefined): void {
    if (ms === undefined) {
      this.#leave();
      return;
    }
    const { viewport, onViewport } = this.#parts;
    if (this.#overview?.row.isRunning === true) viewport.pause();
    const { fromMs, toMs } = viewport.span;
    if (ms < fromMs || ms > toMs) {
      const length = toMs - fromMs;
      viewport.show({ fromMs: ms - length / 4, toMs: ms + (length * 3) / 4 });
      onViewport();
    }
    this.bar.update();
    this.#showInstant();
    void this.#turns.take('moment', () => this.#showMoment());
  }

  async #showMoment(): Promise<void> {
    const atMs = this.#replay.atMs;
    if (atMs === undefined) return;
    const moment = await this.#ask({ atMs, pick: 'latest' });
    if (moment === undefined || !this.isReplay) return;
    if (moment.seq !== this.#at?.seq || !this.#replay.isPlaying) this.#place(moment);
    if (this.#replay.isPlaying) await new Promise((resolve) => setTimeout(resolve, MOMENT_EVERY_MS));
    else this.#parts.onRemember();
  }

  /** What the page knows without asking: badges so far, values under the cursor, how long it has run. */
  #showInstant(): void {
    const { header, episodes, timelines, viewport, suspect } = this.#parts;
    const { atMs: ms, isPlaying } = this.#replay;
    const isEnd = this.#overview?.row.isRunning === false && ms === viewport.whole.toMs;
    const point: ReplayPoint | undefined = ms === undefined ? undefined : { ms, isEnd, isPlaying };
    timelines.setCursor(ms);
    episodes.setReplayPoint(isEnd ? undefined : ms);
    suspect.setReplayPoint(isEnd ? undefined : ms);
    header.setReplayPoint(point);
  }

  /** A running session has been caught up with: it goes on live. */
  #ended(): void {
    if (this.#overview?.row.isRunning !== true) return;
    this.#replay.leave();
    this.#parts.viewport.follow();
    this.#parts.onViewport();
  }

  #leave(): void {
    if (this.isReplay) {
      this.#replay.leave(); // and comes back here
      return;
    }
    this.#at = undefined;
    this.#parts.episodes.select(undefined);
    this.#parts.timelines.setHighlight(undefined);
    this.drawer.hideMoment();
    this.#parts.output.standAt(undefined);
    this.#makeRoom();
    this.#parts.onLines();
    this.bar.update();
    this.#showInstant();
    this.#parts.timelines.focus();
    this.#parts.onRemember();
  }
}
