import { forecastOf, usedRatio, type Budget } from './forecast.ts';

/** How bad a forecast is: by the most time that may be left. */
const FORECASTS = [
  { rank: 3, seconds: 60, usedRatio: 0.85 },
  { rank: 2, seconds: 300, usedRatio: 0.75 },
] as const;

/** Of a budget in kB, in the names of the file. */
export interface RankedForecast {
  readonly rank: number;
  readonly seconds_to_limit: number;
  readonly seconds_to_limit_earliest: number;
  readonly seconds_to_limit_latest: number;
  readonly kb_per_second: number;
  readonly used_kb: number;
  readonly limit_kb: number;
}

export function rankedForecast(budget: Budget): RankedForecast | undefined {
  const forecast = forecastOf(budget);
  if (forecast === undefined) return undefined;
  const { seconds, earliestSeconds, latestSeconds, perSecond } = forecast;
  const ratio = usedRatio(budget);
  return {
    rank: FORECASTS.find((worse) => latestSeconds <= worse.seconds && ratio >= worse.usedRatio)?.rank ?? 1,
    seconds_to_limit: Math.round(seconds),
    seconds_to_limit_earliest: Math.round(earliestSeconds),
    seconds_to_limit_latest: Math.round(latestSeconds),
    kb_per_second: Math.round(perSecond),
    used_kb: budget.used,
    limit_kb: budget.used + budget.left,
  };
}
