let format: Intl.DateTimeFormat | undefined;

/** `2026-01-15 10:00:05,123 GMT+1`: in the time zone of the machine on which the server runs. */
export function localTime(ms: number): string {
  // Made when first needed: it costs milliseconds.
  format ??= new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'shortOffset',
  });
  return format.format(ms);
}
