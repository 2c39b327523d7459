/** So many out of so many. */
export interface Share {
  readonly deaths: number;
  readonly sessions: number;
}

/**
 * Fisher's exact test, one-sided: how likely are at least so many deaths in the first group when both groups have the
 * same unknown rate? Exact for any number of sessions, where a normal or chi-squared approximation needs five expected
 * deaths in each cell; and unlike a binomial test it does not take the other group's rate for known.
 */
export function chanceOfSoMany(group: Share, others: Share): number {
  const sessions = group.sessions + others.sessions;
  const deaths = group.deaths + others.deaths;
  const most = Math.min(group.sessions, deaths);
  const whole = logChoose(sessions, deaths);
  let chance = 0;
  // The hypergeometric distribution's upper tail.
  for (let k = group.deaths; k <= most; k += 1) {
    const log = logChoose(group.sessions, k) + logChoose(others.sessions, deaths - k) - whole;
    chance += Math.exp(log);
  }
  return Math.min(1, chance);
}

/** At most so many: the survivors' side of the same test. */
export function chanceOfSoFew(group: Share, others: Share): number {
  return chanceOfSoMany(survivors(group), survivors(others));
}

function survivors({ deaths, sessions }: Share): Share {
  return { deaths: sessions - deaths, sessions };
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? Number.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Summed up to 100, then by Stirling's series, whose error is below 1e-12 there. */
function logFactorial(n: number): number {
  if (n < 100) {
    let sum = 0;
    for (let i = 2; i <= n; i += 1) sum += Math.log(i);
    return sum;
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}
