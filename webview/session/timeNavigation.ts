import type { MomentPick, QueryFailure } from '../../src/core/panel/serverProtocol.ts';
import type { EpisodeView, MomentView, SessionRef } from '../../src/core/panel/sessionView.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { Replay } from '../timeline/replay.ts';
import { ReplayBar } from '../timeline/replayBar.ts';
import type { SessionStateOwner } from './sessionState.ts';
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

export interface TimeNavigationParts {
  readonly link: HostLink;
  readonly session: SessionRef;
  readonly viewport: Viewport;
  readonly owner: SessionStateOwner;
  readonly onViewport: () => void;
  readonly onRemember: () => void;
  readonly onFailure: (failure: QueryFailure) => void;
}

/** Takes the user through time: nowhere, to a moment, or along with the cursor of a replay, which is a moment that moves. */
export class TimeNavigation {
  readonly bar: ReplayBar;
  readonly #parts: TimeNavigationParts;
  readonly #replay: Replay;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(parts: TimeNavigationParts) {
    this.#parts = parts;
    const range = () => parts.viewport.whole;
    this.#replay = new Replay({ range, onMove: (ms) => this.#moved(ms), onEnd: () => this.#ended() });
    this.bar = new ReplayBar(this.#replay, { range, onStep: (to) => void this.#step(to) });
  }

  get isReplay(): boolean {
    return this.#replay.atMs !== undefined;
  }

  /** The session has grown or has other facts. */
  update(): void {
    this.#makeRoom();
    this.bar.update();
    this.#tellPoint();
  }

  /** Goes to a sample; with an episode, or when it is one's, to the stretch around it. False when it is not there. */
  async show(
    wish: MomentWish,
    how: { readonly isZoomed?: boolean; readonly episode?: EpisodeView | undefined } = {},
  ): Promise<boolean> {
    const moment = await this.#ask(wish);
    if (moment === undefined) return false;
    const episode = this.#place(moment, how.episode);
    if (how.isZoomed === true) this.#zoomTo(moment, episode);
    if (this.isReplay) this.#replay.moveTo(moment.ms);
    this.#parts.onRemember();
    return true;
  }

  /** Leaves the replay or, without one, the moment. */
  leave(): void {
    if (this.isReplay) {
      this.#replay.leave(); // and comes back here
      return;
    }
    this.#parts.owner.change({ moment: undefined, episode: undefined, point: undefined });
    this.#makeRoom();
    this.bar.update();
    this.#parts.onRemember();
  }

  /** Goes on with a replay where the page stood before it was discarded. */
  async resume(seq: number): Promise<void> {
    await this.show({ seq });
    const { moment } = this.#parts.owner.state;
    if (moment !== undefined) this.#replay.moveTo(moment.ms);
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
    const { seq } = moment;
    const { owner } = this.#parts;
    const isOf = ({ firstSeq, lastSeq }: EpisodeView): boolean => firstSeq <= seq && seq <= lastSeq;
    const episode = chosen ?? owner.state.overview?.episodes.find(isOf);
    owner.change({ moment, episode });
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
    const latestMs = this.#parts.owner.state.ahead.map((forecast) => forecast.latestMs - forecast.fromMs);
    this.#parts.viewport.aheadMs = this.isReplay ? 0 : Math.max(0, ...latestMs);
  }

  /** From where the user stands or, when that is nowhere, back from the newest sample or to the first one. */
  async #step(to: 'previous' | 'next'): Promise<void> {
    const { fromMs, toMs } = this.#parts.viewport.whole;
    const start: MomentWish = to === 'next' ? { atMs: fromMs } : { atMs: toMs, pick: to };
    const at = this.#parts.owner.state.moment;
    const moment = await this.#ask(at === undefined ? start : { seq: at.seq, pick: to });
    if (moment === undefined) return;
    this.#place(moment);
    this.#replay.moveTo(moment.ms);
  }

  /** The cursor is drawn at once; the values and the tree of its instant follow as they come. */
  #moved(ms: number | undefined): void {
    if (ms === undefined) {
      this.leave();
      return;
    }
    const { viewport, onViewport } = this.#parts;
    if (this.#isRunning) viewport.pause();
    const { fromMs, toMs } = viewport.span;
    if (ms < fromMs || ms > toMs) {
      const length = toMs - fromMs;
      viewport.show({ fromMs: ms - length / 4, toMs: ms + (length * 3) / 4 });
      onViewport();
    }
    this.bar.update();
    this.#tellPoint();
    void this.#turns.take('moment', () => this.#showMoment());
  }

  async #showMoment(): Promise<void> {
    const atMs = this.#replay.atMs;
    if (atMs === undefined) return;
    const moment = await this.#ask({ atMs, pick: 'latest' });
    if (moment === undefined || !this.isReplay) return;
    if (moment.seq !== this.#parts.owner.state.moment?.seq || !this.#replay.isPlaying) this.#place(moment);
    if (this.#replay.isPlaying) await new Promise((resolve) => setTimeout(resolve, MOMENT_EVERY_MS));
    else this.#parts.onRemember();
  }

  get #isRunning(): boolean {
    return this.#parts.owner.state.overview?.row.isRunning === true;
  }

  /** What the page knows without asking: badges so far, values under the cursor, how long it has run. */
  #tellPoint(): void {
    const { owner, viewport } = this.#parts;
    const { atMs: ms, isPlaying } = this.#replay;
    const isEnd = owner.state.overview?.row.isRunning === false && ms === viewport.whole.toMs;
    const { point } = owner.state;
    if (ms === point?.ms && isEnd === (point?.isEnd ?? false) && isPlaying === (point?.isPlaying ?? false)) return;
    owner.change({ point: ms === undefined ? undefined : { ms, isEnd, isPlaying } });
  }

  /** A running session has been caught up with: it goes on live. */
  #ended(): void {
    if (!this.#isRunning) return;
    this.#replay.leave();
    this.#parts.viewport.follow();
    this.#parts.onViewport();
  }
}
