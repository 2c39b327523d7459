/** Where a session stands among the spans of whoever started it: W3C Trace Context, in lower-case hex. */
export interface TraceContext {
  readonly trace_id: string;
  readonly span_id: string;
  /** The span of whoever started it. */
  readonly parent_span_id: string | null;
  /** Two hex digits: whether it is sampled. */
  readonly flags: string;
}

export const TRACEPARENT = 'TRACEPARENT';

/** Version 00 is all that there is; a higher one has more behind a further hyphen. */
const HEADER = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const SAMPLED = '01';

/** Below the span that the environment names, else a trace of its own. `random`: 24 bytes in hex. */
export function childContext(traceparent: string | undefined, random: string): TraceContext {
  const spanId = random.slice(32, 48);
  const [, trace = '', parent = '', flags = SAMPLED] = HEADER.exec(traceparent ?? '') ?? [];
  return TRACE_ID.test(trace) && SPAN_ID.test(parent)
    ? { trace_id: trace, span_id: spanId, parent_span_id: parent, flags }
    : { trace_id: random.slice(0, 32), span_id: spanId, parent_span_id: null, flags: SAMPLED };
}

export function traceparentOf({ trace_id: trace, span_id: span, flags }: TraceContext): string {
  return `00-${trace}-${span}-${flags}`;
}

/** As a session's summary has it; `undefined` of anything else. */
export function traceContextFrom(value: unknown): TraceContext | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { trace_id: trace, span_id: span, parent_span_id: parent, flags } = value as Record<string, unknown>;
  if (typeof trace !== 'string' || !TRACE_ID.test(trace)) return undefined;
  if (typeof span !== 'string' || !SPAN_ID.test(span)) return undefined;
  return {
    trace_id: trace,
    span_id: span,
    parent_span_id: typeof parent === 'string' && SPAN_ID.test(parent) ? parent : null,
    flags: typeof flags === 'string' && /^[0-9a-f]{2}$/.test(flags) ? flags : SAMPLED,
  };
}
