import { arrayOf, isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { contentText } from './messageText.ts';

/*
 * What the records of all agents have in common, found by the names that their keys have: who a session is, where it
 * works, what it was asked, which command a call runs. Of a log of no known format nothing is found, and nothing is wrong.
 */

const SESSION_ID = /^[\w.-]{6,128}$/;

/** The agent's own id of the session. */
export function idIn(record: JsonRecord): string | undefined {
  const data = recordOf(record['data']);
  const payload = record['type'] === 'session_meta' ? recordOf(record['payload']) : undefined;
  const id =
    record['sessionId'] ??
    record['session_id'] ??
    record['sessionID'] ??
    record['thread_id'] ??
    data?.['sessionId'] ??
    payload?.['id'] ??
    (record['type'] === 'session' || record['type'] === 'session_start' ? record['id'] : undefined);
  const text = stringOf(id);
  return text !== undefined && SESSION_ID.test(text) ? text : undefined;
}

export function workingDirectoryIn(record: JsonRecord): string | undefined {
  const places = [record, recordOf(record['payload']), recordOf(recordOf(record['data'])?.['context'])];
  for (const place of places) {
    const cwd =
      stringOf(place?.['cwd']) ??
      stringOf(place?.['workspaceDirectory']) ??
      stringOf(recordOf(place?.['path'])?.['cwd']);
    if (cwd !== undefined && cwd !== '' && cwd.length < 4096) return cwd;
  }
  return undefined;
}

/** What a person asked: never what a harness puts before it (instructions, the environment, reminders). */
export function promptIn(record: JsonRecord): string | undefined {
  if (record['isMeta'] === true || record['isSidechain'] === true) return undefined;
  const history = arrayOf(record['messages'] ?? record['history']);
  for (const item of history.slice(0, 20)) {
    const prompt = isRecord(item) ? promptIn(item) : undefined;
    if (prompt !== undefined) return prompt;
  }
  const message = recordOf(record['message']) ?? recordOf(record['payload']) ?? recordOf(record['data']);
  const isPerson =
    record['type'] === 'user' ||
    record['type'] === 'user.message' ||
    record['role'] === 'user' ||
    message?.['role'] === 'user' ||
    message?.['type'] === 'user_message';
  if (!isPerson) return undefined;
  const said = [
    message?.['content'],
    message?.['parts'],
    message?.['message'],
    record['message'],
    record['content'],
    record['text'],
  ];
  for (const content of said) {
    const text = contentText(content).trim();
    if (text !== '' && !IS_HARNESS.test(text)) return text.replace(/\s+/g, ' ');
  }
  return undefined;
}

const IS_HARNESS = /^(?:<[a-z]|# AGENTS\.md|Caveat: |\[Request interrupted)/;

/** Deeper than this a field is somebody's content. */
const MOST_DEPTH = 8;

/** The shell command of the last call in a record. */
export function commandIn(value: unknown, depth = 0): string | undefined {
  if (depth > MOST_DEPTH) return undefined;
  if (Array.isArray(value)) {
    for (const item of arrayOf(value).slice(-16).toReversed()) {
      const command = commandIn(item, depth + 1);
      if (command !== undefined) return command;
    }
    return undefined;
  }
  const record = recordOf(value);
  if (record === undefined) return undefined;
  for (const key of ['command', 'cmd']) {
    const command = record[key];
    if (typeof command === 'string' && command !== '') return command;
    const words = arrayOf(command).flatMap((word) => stringOf(word) ?? []);
    if (words.length > 0) return shellScript(words);
  }
  for (const [key, inner] of Object.entries(record)) {
    const parsed = key === 'arguments' && typeof inner === 'string' ? parseJson(inner) : undefined;
    const command = commandIn(parsed?.ok === true ? parsed.value : inner, depth + 1);
    if (command !== undefined) return command;
  }
  return undefined;
}

/** `["bash", "-lc", "make"]` runs `make`. */
function shellScript(words: readonly string[]): string {
  const [shell = '', flag = '', script] = words;
  return script !== undefined && /(?:^|\/)(?:ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag)
    ? script
    : words.join(' ');
}
