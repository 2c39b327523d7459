import { detectTranscriptFormat } from '../../../agents/transcriptReader.ts';
import { parseJson, recordOf, type JsonRecord } from '../../../core/words/json.ts';
import { LIFECYCLE_EVENTS, wordOf } from '../../../core/words/vocabulary.ts';

/** The files that language features understand. */
const LOG_FILE_KINDS = [
  'session_index',
  'proc_trace',
  'tree',
  'processes',
  'anomalies',
  'lifecycle',
  'summary',
  'devboy_trace',
  'devboy_meta',
  'transcript',
  'config',
] as const;
export type LogFileKind = (typeof LOG_FILE_KINDS)[number];

/** How many lines tell what a file is: transcripts begin with headers of other tools. */
export const HEAD_LINES = 32;

/**
 * What a file is by its name and its first lines; `undefined`: not ours, and no feature has anything to say about it.
 * Colleagues' archives and CI artifacts rename files, so that content decides and the name alone never does.
 */
export function logFileKindOf(path: string, head: readonly string[]): LogFileKind | undefined {
  if (/(?:^|[/\\])\.autoskillit[/\\]config\.yaml$/.test(path)) return 'config';
  const lines = head.slice(0, HEAD_LINES);
  if (/\.jsonl$|\.log(?:\.\d+)?$/.test(path)) return linesKind(lines);
  if (!path.endsWith('.json')) return undefined;
  return documentKind(lines) ?? transcriptKind(lines);
}

/** Kinds whose lines are records of their own. */
export function isLineKind(kind: LogFileKind): boolean {
  return kind !== 'summary' && kind !== 'devboy_meta' && kind !== 'config';
}

function linesKind(lines: readonly string[]): LogFileKind | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    const record = parsed.ok ? recordOf(parsed.value) : undefined;
    const kind = record === undefined ? undefined : recordKind(record);
    if (kind !== undefined) return kind;
  }
  return transcriptKind(lines);
}

/** What only one kind of record has. */
function recordKind(record: JsonRecord): LogFileKind | undefined {
  const has = (...names: readonly string[]) => names.every((name) => record[name] !== undefined);
  if (record['event'] === 'anomaly') return has('kind', 'severity') ? 'anomalies' : undefined;
  if (has('captured_at', 'vm_rss_kb')) return 'proc_trace';
  if (has('ts', 'seq') && Array.isArray(record['processes'])) return 'tree';
  if (has('pid', 'start_ticks') && (has('command', 'first_ts') || has('last_ts'))) return 'processes';
  if (has('timestamp', 'session_id') && wordOf(LIFECYCLE_EVENTS, record['event'])) return 'lifecycle';
  if (has('phase', 'skill', 'session_id', 'payload')) return 'devboy_trace';
  // Codex' and Gemini's records have a session_id as well; nobody else counts snapshots.
  if (has('session_id', 'snapshot_count') || has('dir_name', 'tracked_comm')) return 'session_index';
  return undefined;
}

function transcriptKind(lines: readonly string[]): LogFileKind | undefined {
  return detectTranscriptFormat(lines) === undefined ? undefined : 'transcript';
}

const SUMMARY_KEYS = /"(?:dir_name|exit_code|anomaly_count|snapshot_count|claude_code_log|termination_reason)"\s*:/g;
const META_KEYS = /"(?:skill|skill_version|started_at|tool_calls|errors)"\s*:/g;
/** Gemini's older sessions are one document; its messages follow these. */
const GEMINI_KEYS = /"(?:sessionId|projectHash|messages)"\s*:/g;

/** One document over many lines, whose end the head may not show: told by its keys. */
function documentKind(lines: readonly string[]): LogFileKind | undefined {
  const text = lines.join('\n');
  if (!text.trimStart().startsWith('{')) return undefined;
  if (distinct(text, SUMMARY_KEYS) >= 3) return 'summary';
  if (distinct(text, META_KEYS) >= 3 && text.includes('"session_id"')) return 'devboy_meta';
  return distinct(text, GEMINI_KEYS) >= 3 ? 'transcript' : undefined;
}

function distinct(text: string, keys: RegExp): number {
  return new Set(text.match(keys)).size;
}
