import { arrayOf, booleanOf, numberOf, recordOf, stringOf } from '../words/json.ts';

/** The setting `agentLogs`: whether and where the agents' own logs are looked for. */
export interface AgentLogsSetting {
  readonly enabled: boolean;
  /** More folders than the agents' own. */
  readonly places: readonly string[];
  readonly days: number;
}

/** `undefined` where nobody says so: an editor without a Sessions view has no use for them. */
export function agentLogsFrom(options: unknown): AgentLogsSetting | undefined {
  const given = recordOf(options);
  const settings = recordOf(given?.['sessionDiagnostics']) ?? given;
  const setting = recordOf(settings?.['agentLogs']);
  if (setting === undefined || booleanOf(setting['enabled']) !== true) return undefined;
  return {
    enabled: true,
    places: arrayOf(setting['places']).flatMap((place) => stringOf(place) ?? []),
    days: numberOf(setting['days']) ?? 90,
  };
}
