import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { Span } from '../../../core/fields/jsonPlaces.ts';
import type { AnomalyKind, FailureCategory, Severity } from '../../../core/words/vocabulary.ts';

/** What is wrong with a file itself; anomalies and failures have their kind as code. */
export type DamageCode =
  | 'malformed_line'
  | 'malformed_document'
  | 'torn_tail'
  | 'wrong_type'
  | 'broken_order'
  | 'missing_samples'
  | 'contradiction'
  | 'unknown_key';

/** Something to say about one line. */
export interface Problem {
  readonly line: number;
  /** Characters of the line; `undefined` for all of it. */
  readonly span?: Span | undefined;
  readonly severity: Severity;
  readonly code: DamageCode | AnomalyKind | FailureCategory | 'other';
  readonly message: string;
}

const SOURCE = 'Session Diagnostics';

const SEVERITIES: { readonly [severity in Severity]: DiagnosticSeverity } = {
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  critical: DiagnosticSeverity.Error,
};

/** Editors clip a range to its line. */
const WHOLE_LINE: Span = { start: 0, end: 10_000 };

export function diagnosticOf({ line, span = WHOLE_LINE, severity, code, message }: Problem): Diagnostic {
  return {
    range: { start: { line, character: span.start }, end: { line, character: span.end } },
    severity: SEVERITIES[severity],
    source: SOURCE,
    code,
    message,
  };
}
