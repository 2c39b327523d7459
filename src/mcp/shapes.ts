import type { PresentForecast } from '../core/anomalies/presentForecast.ts';
import { reportNumber } from '../core/report/reportNumbers.ts';
import type { Shape } from '../core/report/reportShape.ts';

export const amount: Shape = { type: 'nullable', of: { type: 'number', kind: 'amount' } };
export const seconds: Shape = { type: 'nullable', of: { type: 'number', kind: 'seconds' } };
export const count: Shape = { type: 'number', kind: 'count' };

/** As exact as a report is: so many digits hold no message. */
export function amountOf(value: number | null | undefined): number | null {
  return reportNumber(value ?? undefined, 'amount');
}

export function secondsOf(value: number | null | undefined): number | null {
  return reportNumber(value ?? undefined, 'seconds');
}

export const FORECAST: Shape = {
  type: 'nullable',
  of: {
    type: 'fields',
    fields: {
      resource: { type: 'words', words: ['memory', 'disk'] },
      seconds_to_limit: seconds,
      seconds_to_limit_earliest: seconds,
      seconds_to_limit_latest: seconds,
      used_kb: amount,
      limit_kb: amount,
    },
  },
};

export function forecastFields(forecast: PresentForecast | undefined): Readonly<Record<string, unknown>> | null {
  if (forecast === undefined) return null;
  return {
    resource: forecast.resource,
    seconds_to_limit: secondsOf(forecast.seconds_to_limit),
    seconds_to_limit_earliest: secondsOf(forecast.seconds_to_limit_earliest),
    seconds_to_limit_latest: secondsOf(forecast.seconds_to_limit_latest),
    used_kb: amountOf(forecast.used_kb),
    limit_kb: amountOf(forecast.limit_kb),
  };
}
