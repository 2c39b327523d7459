/** What OpenTelemetry's signals are made of, before its SDK has seen them. */
export type OtlpAttributes = Readonly<Record<string, string | number | boolean>>;

export interface OtlpSpan {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  readonly attributes: OtlpAttributes;
  readonly events: readonly OtlpEvent[];
  readonly children: readonly OtlpSpan[];
}

export interface OtlpEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: OtlpAttributes;
}
