/** Instants as the layout writes them: ISO 8601 UTC with `+00:00`, the form Python's datetime.isoformat() gives. */

export function isoFromMs(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, -1)}+00:00`;
}

/** Milliseconds since the epoch; `undefined` when the text is no instant. Microseconds survive as a fraction. */
export function msFromIso(iso: unknown): number | undefined {
  if (typeof iso !== 'string') return undefined;
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return undefined;
  // Date keeps three digits of the fraction; Python writes six.
  const micros = /\.\d{3}(\d{3})/.exec(iso)?.[1];
  return micros === undefined ? ms : ms + Number(micros) / 1000;
}
