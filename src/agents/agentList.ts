import type { AgentKind } from '../core/words/vocabulary.ts';
import { acpStream } from './acpStream.ts';
import type { AgentLogs } from './agentLogs.ts';
import { atifTrajectory } from './atifTrajectory.ts';
import { claude } from './claude/claude.ts';
import { cline } from './cline/cline.ts';
import { codewhale } from './codewhale.ts';
import { codex } from './codex/codex.ts';
import { continueCli } from './continue/continueCli.ts';
import { copilot } from './copilot/copilot.ts';
import { cursor } from './cursor/cursor.ts';
import { devboy } from './devboy.ts';
import { droid } from './droid/droid.ts';
import { gemini } from './gemini/gemini.ts';
import { kilo, opencode } from './openCode/openCode.ts';
import { pi } from './pi/pi.ts';
import { qwen } from './qwen/qwen.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

/** Each agent's file, in the order in which formats are tried: a row of `AGENTS` without one does not compile. */
const AGENT_LOGS: Readonly<Record<Exclude<AgentKind, 'other'>, AgentLogs>> = {
  codex,
  cursor, // before these two, whose first line has the same keys and more
  qwen, // before the one whose envelope it has
  claude,
  devboy: { formats: [devboy] },
  codewhale: { formats: [codewhale] },
  gemini,
  pi,
  copilot,
  opencode,
  kilo,
  cline,
  continue: continueCli,
  droid,
};

export function logsOf(kind: AgentKind): AgentLogs | undefined {
  return kind === 'other' ? undefined : AGENT_LOGS[kind];
}

/** Spoken by several agents. */
const PROTOCOLS: readonly TranscriptFormat[] = [acpStream, atifTrajectory];

/** Every format, the most particular first: the first that recognises one of the first records reads the log. */
export const TRANSCRIPT_FORMATS: readonly TranscriptFormat[] = [
  ...new Set([...Object.values(AGENT_LOGS).flatMap((logs) => logs.formats), ...PROTOCOLS]),
];
