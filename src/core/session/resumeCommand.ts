import { agentRow, SESSION_WORD } from '../words/agentTable.ts';
import type { AgentKind } from '../words/vocabulary.ts';
import { databaseSession } from './transcriptPath.ts';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** How a person goes on with a session, where its agent can and its log is named after it. */
export function resumeCommand(agent: AgentKind, transcript: string | undefined): readonly string[] | undefined {
  const row = agentRow(agent);
  const id = transcript === undefined ? undefined : idIn(transcript);
  return id === undefined ? undefined : row?.resume?.map((word) => (word === SESSION_WORD ? id : word));
}

/** Copilot names the folder after the session, everybody else the file; what we captured ourselves has our own id. */
function idIn(transcript: string): string | undefined {
  const inDatabase = databaseSession(transcript)?.session;
  if (inDatabase !== undefined) return inDatabase;
  const [file = '', folder = ''] = transcript.split(/[\\/]/).toReversed();
  if (file === 'stdout.log') return undefined;
  return file.match(ID)?.at(-1) ?? folder.match(ID)?.at(-1);
}
