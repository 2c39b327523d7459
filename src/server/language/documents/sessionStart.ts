import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseJson, recordOf, type JsonRecord } from '../../../core/words/json.ts';
import { msFromIso } from '../../../core/words/time.ts';
import { readHead } from '../../../logs/readHead.ts';
import { readJsonFile, SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import type { LogDocument } from './logDocument.ts';

/** Lines of a file that may precede the first with a time. */
const FIRST_LINES = 8;

/** When the session began that a file tells of; `undefined` for a file over many sessions. */
export function sessionStartMs(document: LogDocument): number | undefined {
  if (document.kind === 'session_index' || document.kind === 'config') return undefined;
  return startOfFolder(document) ?? startOfLines(document);
}

function startOfFolder({ kind, path }: LogDocument): number | undefined {
  if (path === undefined || kind === 'transcript' || kind === 'devboy_trace' || kind === 'devboy_meta')
    return undefined;
  const dir = dirname(path);
  const summary = recordOf(readJsonFile(join(dir, SUMMARY_FILE)));
  const trace = join(dir, 'proc_trace.jsonl');
  return msFromIso(summary?.['start_ts']) ?? (existsSync(trace) ? firstTime(readHead(trace, FIRST_LINES)) : undefined);
}

function startOfLines(document: LogDocument): number | undefined {
  // The log over all sessions begins with some other session's events.
  if (document.kind === 'lifecycle' && document.path?.includes('session_lifecycle.log') === true) return undefined;
  const count = Math.min(FIRST_LINES, document.lineCount);
  return firstTime(Array.from({ length: count }, (_, line) => document.lineAt(line)));
}

function firstTime(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    const ms = parsed.ok ? timeOf(recordOf(parsed.value)) : undefined;
    if (ms !== undefined) return ms;
  }
  return undefined;
}

const TIMES = ['captured_at', 'ts', 'timestamp', 'started_at', 'time'];

function timeOf(record: JsonRecord | undefined): number | undefined {
  for (const name of TIMES) {
    const ms = msFromIso(record?.[name]);
    if (ms !== undefined) return ms;
  }
  return undefined;
}
