import type { Finding, Sighting } from './detector.ts';
import { Repetition } from './repetition.ts';
import { roundHalfEven } from '../words/roundHalfEven.ts';
import { waitingProcess } from './waitingProcess.ts';

/** A model may think, and a test suite wait, for minutes without a trace; ten minutes are worth a look. */
const STALLED_MS = 10 * 60_000;
/** Timers of an idle node process take 0.1 to 0.5 per cent of a core. */
const IDLE_CPU_PERCENT = 1;

/** Neither output nor CPU. From the process alone this is also what waiting for a person looks like: never a warning. */
export class StallWatch {
  #outputBytes: number | undefined;
  #activeMs: number | undefined;
  readonly #stalled = new Repetition();

  push(sighting: Sighting, isAfterGap: boolean): Finding | undefined {
    const { snapshot, tree, pid, nowMs } = sighting;
    const cpuPercent = snapshot.ours?.tree_cpu_percent;
    const isIdle = cpuPercent !== undefined && cpuPercent < IDLE_CPU_PERCENT;
    const hasWritten = tree?.output_bytes !== undefined && tree.output_bytes !== this.#outputBytes;
    this.#outputBytes = tree?.output_bytes ?? this.#outputBytes;
    if (!isIdle || hasWritten || isAfterGap) this.#activeMs = nowMs;
    this.#activeMs ??= nowMs;
    const quietMs = nowMs - this.#activeMs;
    const rank = quietMs < STALLED_MS ? 0 : 1 + Math.floor(Math.log2(quietMs / STALLED_MS));
    const sinceSeq = this.#stalled.news(rank, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const quietSeconds = Math.round(quietMs / 1000);
    const detail = { quiet_seconds: quietSeconds, ...waitingProcess(sighting), since_seq: sinceSeq };
    return { kind: 'stalled', severity: 'info', pid, detail };
  }
}

/** A late sample is common on a busy machine; four intervals and five seconds late is a recorder that did not run. */
const LATE_FACTOR = 4;
const LATE_SECONDS = 5;
/** Blind for this long, and what happened meanwhile is not known. */
const BLIND_FACTOR = 10;
const BLIND_SECONDS = 60;
/** Samples before a rhythm can be learnt where the interval was not recorded: the first come in quick succession. */
const LEARNING_SAMPLES = 8;

export class GapWatch {
  readonly #intervalSeconds: number | undefined;
  #lastMs: number | undefined;
  #longestSeconds = 0;
  #samples = 0;

  constructor(intervalSeconds: number | undefined) {
    this.#intervalSeconds = intervalSeconds;
  }

  push({ pid, nowMs }: Sighting): Finding | undefined {
    const gapSeconds = this.#lastMs === undefined ? 0 : (nowMs - this.#lastMs) / 1000;
    const interval = this.#intervalSeconds ?? (this.#samples >= LEARNING_SAMPLES ? this.#longestSeconds : undefined);
    this.#lastMs = nowMs;
    this.#longestSeconds = Math.max(this.#longestSeconds, gapSeconds);
    this.#samples++;
    if (interval === undefined) return undefined;
    if (gapSeconds <= Math.max(LATE_FACTOR * interval, interval + LATE_SECONDS)) return undefined;
    const isBlind = gapSeconds >= Math.max(BLIND_FACTOR * interval, BLIND_SECONDS);
    const detail = { gap_seconds: roundHalfEven(gapSeconds, 1), interval_seconds: interval };
    return { kind: 'heartbeat_gap', severity: isBlind ? 'warning' : 'info', pid, detail };
  }
}
