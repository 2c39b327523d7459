import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { parseJson, recordOf, stringOf } from '../core/words/json.ts';
import type { Enrollment } from '../core/session/session.ts';
import { msFromIso } from '../core/words/time.ts';
import { readHead } from './readHead.ts';

export interface TranscriptSearch {
  readonly enrollment: Enrollment;
  readonly endTs: string;
  /** The session's directory, for what was captured. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** Whether a file that begins with these lines is some agent's log. */
  readonly isTranscript: (lines: readonly string[]) => boolean;
}

/**
 * The agent's own log of a session, found without configuration: Claude Code by session id and working directory,
 * Codex and Gemini by time and working directory, and what was captured of stdout when that is a transcript.
 */
export function findTranscript(search: TranscriptSearch): string | undefined {
  const { agent } = search.enrollment;
  const own = agent === 'claude' ? claudeLog(search) : agent === 'codex' ? codexLog(search) : geminiLog(search);
  return own ?? capturedLog(search);
}

/** Agents write their first line within a moment of their start, and may add one as they are told to go. */
const SLACK_MS = 5000;

interface Candidate {
  readonly path: string;
  readonly changedMs: number;
}

/** Files changed while the session ran, the latest first. */
function changedDuring({ enrollment, endTs }: TranscriptSearch, paths: readonly string[]): string[] {
  const from = (msFromIso(enrollment.enrolled_at) ?? 0) - SLACK_MS;
  const to = (msFromIso(endTs) ?? Number.POSITIVE_INFINITY) + SLACK_MS;
  const candidates: Candidate[] = [];
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() === true && stat.mtimeMs >= from && stat.mtimeMs <= to) {
      candidates.push({ path, changedMs: stat.mtimeMs });
    }
  }
  return candidates.sort((a, b) => b.changedMs - a.changedMs).map(({ path }) => path);
}

function claudeLog(search: TranscriptSearch): string | undefined {
  const { enrollment, env, home } = search;
  const folder = join(
    env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude'),
    'projects',
    enrollment.cwd.replace(/[^a-zA-Z0-9]/g, '-'),
  );
  const id = /(?:^| )--(?:session-id|resume)[= ]([0-9a-f-]{36})(?= |$)/.exec(enrollment.skill_command)?.[1];
  if (id !== undefined) {
    const named = join(folder, `${id}.jsonl`);
    if (statSync(named, { throwIfNoEntry: false })?.isFile() === true) return named;
  }
  // agent-<id>.jsonl are its sub-agents'.
  const files = filesOf(folder).filter((name) => name.endsWith('.jsonl') && !name.startsWith('agent-'));
  return changedDuring(
    search,
    files.map((name) => join(folder, name)),
  )[0];
}

function codexLog(search: TranscriptSearch): string | undefined {
  const { enrollment, endTs, env, home } = search;
  const sessions = join(env['CODEX_HOME'] ?? join(home, '.codex'), 'sessions');
  const paths = daysBetween(enrollment.enrolled_at, endTs).flatMap((day) => {
    const folder = join(sessions, ...day);
    return filesOf(folder).map((name) => join(folder, name));
  });
  const rollouts = paths.filter((path) => /rollout-[^/\\]*\.jsonl$/.test(path));
  return changedDuring(search, rollouts).find((path) => codexCwd(path) === enrollment.cwd);
}

function codexCwd(path: string): string | undefined {
  const parsed = parseJson(readHead(path, 1)[0] ?? '');
  const record = parsed.ok ? recordOf(parsed.value) : undefined;
  return stringOf(recordOf(record?.['payload'])?.['cwd']) ?? stringOf(record?.['cwd']);
}

/** Codex files its logs by local date: the session's days and one on either side, for any time zone. */
function daysBetween(startTs: string, endTs: string): (readonly [string, string, string])[] {
  const dayMs = 86_400_000;
  const first = (msFromIso(startTs) ?? Date.now()) - dayMs;
  const last = (msFromIso(endTs) ?? Date.now()) + dayMs;
  const days: (readonly [string, string, string])[] = [];
  // A session that ran for a month is looked for in its first and last days.
  for (let ms = first; ms <= last + dayMs && days.length < 40; ms += dayMs) {
    const [year = '', month = '', day = ''] = new Date(ms).toISOString().slice(0, 10).split('-');
    days.push([year, month, day]);
  }
  return days;
}

function geminiLog(search: TranscriptSearch): string | undefined {
  if (search.enrollment.agent !== 'gemini') return undefined;
  const folder = join(search.home, '.gemini', 'tmp');
  const chats = entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const chat = join(folder, entry.name, 'chats');
      return filesOf(chat).map((name) => join(chat, name));
    });
  return changedDuring(
    search,
    chats.filter((path) => /session-[^/\\]*\.jsonl?$/.test(path)),
  )[0];
}

/** `claude -p --output-format stream-json`, `codex exec --json`, `gemini --output-format stream-json`. */
function capturedLog({ dir, isTranscript }: TranscriptSearch): string | undefined {
  const path = join(dir, 'stdout.log');
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true && isTranscript(readHead(path, 32))
    ? path
    : undefined;
}

function filesOf(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the agent was never run here
  }
}
