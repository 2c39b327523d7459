import { LIMITED } from './budgets.ts';
import { BudgetWatch } from './budgetWatch.ts';
import type { Finding, Sighting } from './detector.ts';
import { rankedForecast } from './rankedForecast.ts';
import { Repetition, severityOfRank } from './repetition.ts';

/** The disk that the session works on: the time that is left. */
export class DiskWatch {
  readonly #disk = new BudgetWatch(LIMITED.disk);
  readonly #forecast = new Repetition();

  push({ snapshot, nowMs, pid }: Sighting): Finding | undefined {
    const budget = this.#disk.push(snapshot, nowMs);
    if (budget === undefined) return undefined;
    const forecast = rankedForecast(budget);
    const sinceSeq = this.#forecast.news(forecast?.rank ?? 0, snapshot.seq);
    if (forecast === undefined || sinceSeq === undefined) return undefined;
    const { rank, ...numbers } = forecast;
    const detail = { resource: 'disk', ...numbers, since_seq: sinceSeq };
    return { kind: 'oom_forecast', severity: severityOfRank(rank), pid, detail };
  }
}
