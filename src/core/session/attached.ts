import { msFromIso } from '../words/time.ts';

/** Of a session whose process ran before somebody recorded it. */
export interface Attached {
  readonly processStartMs: number | undefined;
}

/** By its lifecycle; `undefined` of a session that started its process itself. */
export function attachedOf(
  lifecycle: readonly { readonly event: string; readonly context?: Readonly<Record<string, unknown>> | undefined }[],
): Attached | undefined {
  const event = lifecycle.find((one) => one.event === 'attached');
  return event === undefined ? undefined : { processStartMs: msFromIso(event.context?.['process_start_ts']) };
}
