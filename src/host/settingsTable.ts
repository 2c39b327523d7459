import { isRecord } from '../core/words/json.ts';

/** Every setting with its default: package.json's contributions are compared with this table by a test. */
export const SECTION = 'sessionDiagnostics';

/** Whether and where agents' own logs are sessions of their own. */
export interface AgentLogs {
  readonly enabled: boolean;
  readonly places: readonly string[];
  readonly days: number;
}

export interface Settings {
  readonly enabled: boolean;
  readonly logDirectory: string;
  readonly additionalLogDirectories: readonly string[];
  readonly samplingInterval: number;
  readonly maxSessions: number;
  readonly captureOutput: boolean;
  readonly agents: Readonly<Record<string, readonly string[]>>;
  readonly watchAgents: boolean;
  readonly watchExcept: readonly string[];
  readonly protect: boolean;
  readonly notifications: boolean;
  readonly stallMinutes: number;
  readonly logFileProblems: boolean;
  readonly logFileInlayHints: boolean;
  readonly terminalCommand: boolean;
  readonly metricsPort: number;
  readonly otlpEndpoint: string;
  readonly agentLogs: AgentLogs;
}

export interface SettingRow<V> {
  readonly default: V;
  /** What a value from settings.json has to be; anything else counts as not set. */
  readonly accepts: (value: unknown) => value is V;
  /** It names a program, a directory or a port: the workspace's own settings have no say. */
  readonly isMachineScoped: boolean;
}

export const SETTINGS: { readonly [K in keyof Settings]: SettingRow<Settings[K]> } = {
  enabled: { default: true, accepts: isBoolean, isMachineScoped: false },
  logDirectory: { default: '', accepts: isString, isMachineScoped: true },
  additionalLogDirectories: { default: [], accepts: isStringList, isMachineScoped: true },
  samplingInterval: { default: 5, accepts: isNumberFrom(0.1, 3600), isMachineScoped: false },
  maxSessions: { default: 500, accepts: isNumberFrom(1, 1_000_000), isMachineScoped: true },
  captureOutput: { default: true, accepts: isBoolean, isMachineScoped: true },
  agents: { default: {}, accepts: isCommandTable, isMachineScoped: true },
  watchAgents: { default: false, accepts: isBoolean, isMachineScoped: true },
  watchExcept: { default: [], accepts: isStringList, isMachineScoped: true },
  protect: { default: false, accepts: isBoolean, isMachineScoped: false },
  notifications: { default: true, accepts: isBoolean, isMachineScoped: false },
  stallMinutes: { default: 10, accepts: isNumberFrom(0, 100_000), isMachineScoped: false },
  logFileProblems: { default: true, accepts: isBoolean, isMachineScoped: false },
  logFileInlayHints: { default: false, accepts: isBoolean, isMachineScoped: false },
  terminalCommand: { default: true, accepts: isBoolean, isMachineScoped: false },
  metricsPort: { default: 0, accepts: isPort, isMachineScoped: true },
  otlpEndpoint: { default: '', accepts: isHttpAddress, isMachineScoped: true },
  agentLogs: { default: { enabled: true, places: [], days: 90 }, accepts: isAgentLogs, isMachineScoped: true },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof Settings)[]; // the table's own keys

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Empty: off. */
function isHttpAddress(value: unknown): value is string {
  return value === '' || (isString(value) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

function isNumberFrom(least: number, most: number): (value: unknown) => value is number {
  return (value): value is number => typeof value === 'number' && value >= least && value <= most;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && isNumberFrom(0, 65_535)(value);
}

function isAgentLogs(value: unknown): value is AgentLogs {
  if (!isRecord(value)) return false;
  const { enabled, places, days } = value;
  return isBoolean(enabled) && isStringList(places) && isNumberFrom(1, 3650)(days);
}

function isCommandTable(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((command) => isStringList(command) && command.length > 0);
}
