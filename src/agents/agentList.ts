import type { AgentKind } from '../core/vocabulary.ts';
import type { AgentLogs } from './agentLogs.ts';
import { claude } from './claude.ts';
import { codewhale } from './codewhale.ts';
import { codex } from './codex.ts';
import { devboy } from './devboy.ts';
import { gemini } from './gemini.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

/** Each agent's file, in the order in which formats are tried: a row of `AGENTS` without one does not compile. */
const AGENT_LOGS: Readonly<Record<Exclude<AgentKind, 'other'>, AgentLogs>> = {
  codex,
  claude,
  devboy: { formats: [devboy] },
  codewhale: { formats: [codewhale] },
  gemini,
};

export function logsOf(kind: AgentKind): AgentLogs | undefined {
  return kind === 'other' ? undefined : AGENT_LOGS[kind];
}

/** Every format, the most particular first: the first that recognises one of the first records reads the log. */
export const TRANSCRIPT_FORMATS: readonly TranscriptFormat[] = [
  ...new Set(Object.values(AGENT_LOGS).flatMap((logs) => logs.formats)),
];
