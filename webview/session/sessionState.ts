import type { EpisodeView, ForecastView, MomentView, Overview } from '../../src/core/panel/sessionView.ts';
import type { ReplayPoint } from './replayPoint.ts';

/** Everything that a session's page shows follows from this. */
export interface SessionState {
  /** `undefined` until it has been read. */
  readonly overview: Overview | undefined;
  /** Nothing is heard of it any more: what is shown is what was known last. */
  readonly isStale: boolean;
  /** It grows between two overviews. */
  readonly snapshotCount: number;
  /** Limits ahead of a session that runs. */
  readonly ahead: readonly ForecastView[];
  /** The sample that the user looks at, and the anomaly that it belongs to. */
  readonly moment: MomentView | undefined;
  readonly episode: EpisodeView | undefined;
  /** In a replay, where its cursor stands. */
  readonly point: ReplayPoint | undefined;
}

const NOTHING_KNOWN: SessionState = {
  overview: undefined,
  isStale: false,
  snapshotCount: 0,
  ahead: [],
  moment: undefined,
  episode: undefined,
  point: undefined,
};

/** The one owner of the page's state: whoever learns something changes it, and one place shows what has changed. */
export class SessionStateOwner {
  #state = NOTHING_KNOWN;
  readonly #onChange: (now: SessionState, before: SessionState) => void;

  constructor(onChange: (now: SessionState, before: SessionState) => void) {
    this.#onChange = onChange;
  }

  get state(): SessionState {
    return this.#state;
  }

  change(part: Partial<SessionState>): void {
    const before = this.#state;
    this.#state = { ...before, ...part };
    this.#onChange(this.#state, before);
  }
}

/** Limits ahead: of the running session now or, in a replay, as they looked then beside what then came. */
export function forecastsOf({ point, moment, ahead }: SessionState): readonly ForecastView[] {
  return point === undefined ? ahead : (moment?.forecasts ?? []);
}

export function isLive({ isStale, overview }: SessionState): boolean {
  return !isStale && overview?.row.isRunning === true;
}

/** What a person knows only at the end is not told at a point before it. */
export function pointBeforeEnd({ point }: Pick<SessionState, 'point'>): ReplayPoint | undefined {
  return point?.isEnd === true ? undefined : point;
}

/** The stretch around what the user looks at; of a replay's moment that is no episode's, its cursor says it all. */
export function highlightOf({
  moment,
  episode,
  point,
}: SessionState): { readonly fromMs: number; readonly toMs: number } | undefined {
  if (moment === undefined || (point !== undefined && episode === undefined)) return undefined;
  const { ms } = moment;
  return { fromMs: Math.min(ms, episode?.firstMs ?? ms), toMs: Math.max(ms, episode?.lastMs ?? ms) };
}
