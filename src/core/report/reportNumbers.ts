/**
 * What the numbers of a report can be. Whoever may write into a log root chooses them, so that each is held to what it
 * can be and to so few digits that no telephone number, address or account fits in.
 */
export type NumberKind = 'count' | 'amount' | 'seconds' | 'exit_code';

const MAX_COUNT = 9_999_999;
/** A petabyte in kilobytes. */
const MAX_AMOUNT = 1e12;
const AMOUNT_DIGITS = 4;
/** Three years. */
const MAX_SECONDS = 1e8;
const SECONDS_DIGITS = 5;

/** The number as a report may have it; `null` where it is none of its kind. */
export function reportNumber(value: unknown, kind: NumberKind): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  switch (kind) {
    case 'count':
      return Number.isInteger(value) && value >= 0 ? Math.min(value, MAX_COUNT) : null;
    case 'amount':
      return Math.abs(value) <= MAX_AMOUNT ? shortened(value, AMOUNT_DIGITS) : null;
    case 'seconds':
      return Math.abs(value) <= MAX_SECONDS ? shortened(value, SECONDS_DIGITS) : null;
    case 'exit_code':
      return isExitCode(value) ? value : null;
  }
}

/** `1.235e+5` is 123500. */
function shortened(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/**
 * 32 bits, and of those only what programs end with: a signal as AutoSkillit writes it, a small number, or an NTSTATUS
 * and the exceptions of .NET and C++ on Windows, signed or not.
 */
function isExitCode(value: number): boolean {
  if (!Number.isInteger(value)) return false;
  if (value >= -255 && value <= 65_535) return true;
  if (value < -0x8000_0000 || value > 0xffff_ffff) return false;
  const code = value >>> 0;
  return (code >>> 16 === 0xc000 && code <= 0xc000_0fff) || code === 0xe043_4352 || code === 0xe06d_7363;
}

export function isReportNumber(value: unknown, kind: NumberKind): boolean {
  return typeof value === 'number' && reportNumber(value, kind) === value;
}

/** As a JSON schema says it; the number of digits it cannot say. */
export function numberSchema(kind: NumberKind): Readonly<Record<string, unknown>> {
  switch (kind) {
    case 'count':
      return { type: 'integer', minimum: 0, maximum: MAX_COUNT };
    case 'amount':
      return { type: 'number', minimum: -MAX_AMOUNT, maximum: MAX_AMOUNT };
    case 'seconds':
      return { type: 'number', minimum: -MAX_SECONDS, maximum: MAX_SECONDS };
    case 'exit_code':
      return { type: 'integer', minimum: -0x8000_0000, maximum: 0xffff_ffff };
  }
}
