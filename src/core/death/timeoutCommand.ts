import type { WrapperLimit } from './deathFacts.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = '(\\d{1,9}(?:\\.\\d{1,6})?)([smhd]?)';
/** `timeout 5 x`, `/usr/bin/timeout -k 2 --signal=KILL 1.5m x`, also inside `sh -c '...'` */
const TIMEOUT = new RegExp(
  `(?:^|[\\s/'";&|(])timeout((?:\\s+(?:-[ks]\\s*\\S{1,20}|--(?:kill-after|signal)[= ]\\S{1,20}|-[a-z]|--[a-z-]{1,30})){0,8})\\s+${DURATION}(?=\\s)`,
);
/** Further on a prompt may speak of one. */
const BEFORE_PROMPT = 120;
const KILL_AFTER = new RegExp(`(?:^|\\s)(?:-k\\s*|--kill-after[= ])${DURATION}(?=\\s|$)`);

/** What a command line gives timeout(1) as its limit; `undefined` when it has none. */
export function timeoutIn(command: string): WrapperLimit | undefined {
  const [, options = '', amount, unit = ''] = TIMEOUT.exec(command.slice(0, BEFORE_PROMPT)) ?? [];
  if (amount === undefined || Number(amount) === 0) return undefined; // 0 switches it off
  const [, killAmount, killUnit = ''] = KILL_AFTER.exec(options) ?? [];
  return { afterMs: msOf(amount, unit), killAfterMs: killAmount === undefined ? 0 : msOf(killAmount, killUnit) };
}

function msOf(amount: string, unit: string): number {
  return Number(amount) * (UNITS[unit] ?? 1000);
}
