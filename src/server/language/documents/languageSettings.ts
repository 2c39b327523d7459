import { booleanOf, numberOf, recordOf, stringOf } from '../../../core/words/json.ts';

/**
 * What the editor's user chose for log files. It comes with the initialization options and, whenever it changes, with
 * `workspace/didChangeConfiguration`, there as it is or under `sessionDiagnostics`.
 */
export interface LanguageSettings {
  readonly logFileProblems: boolean;
  readonly logFileInlayHints: boolean;
  /** Where ended sessions are sent to; `undefined`, and nothing is sent, unless the user has said it. */
  readonly otlpEndpoint: string | undefined;
  /** What the user has set in the editor: it goes before the workspace's `.autoskillit/config.yaml`. */
  readonly chosen: ChosenSettings;
}

export interface ChosenSettings {
  readonly enabled: boolean | undefined;
  readonly samplingInterval: number | undefined;
  readonly logDirectory: string | undefined;
}

export function languageSettingsFrom(options: unknown): LanguageSettings {
  const given = recordOf(options);
  const settings = recordOf(given?.['sessionDiagnostics']) ?? given ?? {};
  return {
    logFileProblems: booleanOf(settings['logFileProblems']) ?? true,
    logFileInlayHints: booleanOf(settings['logFileInlayHints']) ?? false,
    otlpEndpoint: stringOf(settings['otlpEndpoint']) || undefined,
    chosen: {
      enabled: booleanOf(settings['enabled']),
      samplingInterval: numberOf(settings['samplingInterval']),
      logDirectory: stringOf(settings['logDirectory']) || undefined,
    },
  };
}
