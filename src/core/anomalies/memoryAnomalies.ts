import type { Finding, Sighting } from './detector.ts';
import { usedRatio, type Budget } from './forecast.ts';
import { MemoryBudgets } from './memoryBudgets.ts';
import { rankedForecast } from './rankedForecast.ts';
import { rankOf, Repetition, severityOfRank } from './repetition.ts';
import { roundHalfEven } from '../words/roundHalfEven.ts';

/** Info, warning, critical. A group can be used up to 85 per cent for hours; at 98 the next allocation may kill. */
const USED_RATIO = [0.85, 0.92, 0.98] as const;
/** A machine with less than this can no longer start a compiler; with half of it, hardly a shell. */
const SCARCE_KB = [256 * 1024, 128 * 1024, 64 * 1024] as const;
/** Per cent of the last 10 s in which something waited for memory. systemd-oomd kills at 60 (its default). */
const PRESSURE_PERCENT = [15, 30, 60] as const;

/** Memory around the session: its group's limit, the machine's rest, stalls, and the time that is left. */
export class MemoryWatch {
  readonly #limit = new Repetition();
  readonly #pressure = new Repetition();
  readonly #forecast = new Repetition();
  readonly #budgets = new MemoryBudgets();

  push(sighting: Sighting): readonly (Finding | undefined)[] {
    const budgets = this.#budgets.push(sighting);
    return [
      this.#limitNear(sighting, budgets),
      this.#pressureFinding(sighting),
      this.#forecastFinding(sighting, budgets),
    ];
  }

  #limitNear({ snapshot, pid }: Sighting, budgets: readonly Budget[]): Finding | undefined {
    const availableKb = snapshot.ours?.mem_available_kb;
    const scarcity = availableKb === undefined ? 0 : SCARCE_KB.filter((kb) => availableKb < kb).length;
    const fullest = budgets.toSorted((a, b) => usedRatio(b) - usedRatio(a))[0];
    const rank = Math.max(scarcity, fullest === undefined ? 0 : rankOf(usedRatio(fullest), USED_RATIO));
    const sinceSeq = this.#limit.news(rank, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const use = fullest && {
      used_kb: fullest.used,
      limit_kb: fullest.used + fullest.left,
      used_ratio: roundHalfEven(usedRatio(fullest), 3),
    };
    const detail = { ...use, ...(availableKb !== undefined && { mem_available_kb: availableKb }), since_seq: sinceSeq };
    return { kind: 'memory_limit_near', severity: severityOfRank(rank), pid, detail };
  }

  #pressureFinding({ snapshot, pid }: Sighting): Finding | undefined {
    const percent = snapshot.ours?.psi_memory_some_avg10;
    if (percent === undefined) return undefined;
    const rank = rankOf(percent, PRESSURE_PERCENT);
    const sinceSeq = this.#pressure.news(rank, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const detail = { psi_memory_some_avg10: percent, since_seq: sinceSeq };
    return { kind: 'memory_pressure', severity: severityOfRank(rank), pid, detail };
  }

  #forecastFinding({ snapshot, pid }: Sighting, budgets: readonly Budget[]): Finding | undefined {
    const forecasts = budgets.flatMap((budget) => rankedForecast(budget) ?? []);
    const worst = forecasts.toSorted((a, b) => b.rank - a.rank)[0];
    const sinceSeq = this.#forecast.news(worst?.rank ?? 0, snapshot.seq);
    if (worst === undefined || sinceSeq === undefined) return undefined;
    const { rank, ...numbers } = worst;
    const detail = { resource: 'memory', ...numbers, since_seq: sinceSeq };
    return { kind: 'oom_forecast', severity: severityOfRank(rank), pid, detail };
  }
}
