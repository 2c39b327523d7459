import { closeSync, fstatSync, readSync } from 'node:fs';
import type { LogFile, Pace } from '../../agents/allLogs.ts';
import { LogDigester, type LogDigest } from '../../agents/logDigest.ts';
import { readNamedSession } from '../../agents/openCode/openCodeDatabase.ts';
import type { Redactor } from '../../core/privacy/redact.ts';
import { clippedText } from '../../core/words/displayText.ts';
import { isRecord, parseJson } from '../../core/words/json.ts';
import { openFile, readText } from '../../logs/door.ts';
import { readAllLines, readLines, readSomeLines } from '../../logs/jsonLines.ts';
import { readHead } from '../../logs/readHead.ts';

/** A log up to here is read as a whole: 10 ms. */
const WHOLE_BYTES = 2 * 1024 * 1024;
const HEAD_LINES = 80;
const TAIL_BYTES = 512 * 1024;
/** What does not end well by its last part is read as a whole, up to here: then it is worth the time. */
const MOST_BYTES = 256 * 1024 * 1024;
const SLICE_BYTES = 2 * 1024 * 1024;
const MOST_TITLE = 200;

/**
 * What a log says. Of a large one its first lines and its last part are read; only where these do not end with an answer
 * is the rest read too, because a call may have been opened long before.
 */
export async function readDigest(file: LogFile, redactor: Redactor, pace: Pace): Promise<LogDigest | undefined> {
  try {
    return redacted(await digestOf(file, pace), redactor);
  } catch {
    return undefined; // gone meanwhile, or not ours to read
  }
}

async function digestOf(file: LogFile, pace: Pace): Promise<LogDigest> {
  const { path, size } = file;
  if (path.includes('.db#')) return databaseDigest(path);
  if (path.endsWith('.json')) return documentDigest(path);
  if (size <= WHOLE_BYTES) return wholeDigest(path);
  const short = endsDigest(path);
  if ((short.end ?? short.ending) === 'answered' || size > MOST_BYTES) return short;
  return await slicedDigest(path, pace);
}

function databaseDigest(path: string): LogDigest {
  const digester = new LogDigester();
  readNamedSession(path, (line) => digester.push(line));
  return digester.digest();
}

function wholeDigest(path: string): LogDigest {
  const digester = new LogDigester();
  readAllLines(path, (line) => digester.push(line));
  return digester.digest();
}

/** All of a document is one record with its messages inside. */
function documentDigest(path: string): LogDigest {
  const digester = new LogDigester();
  readAllLines(path, (line) => digester.push(line));
  const facts = parseJson(readText(path, MOST_BYTES));
  const state = path.endsWith('.messages.json') ? parseJson(readState(path)) : undefined;
  for (const parsed of [facts, state])
    if (parsed?.ok === true && isRecord(parsed.value)) digester.pushFacts(parsed.value);
  return digester.digest();
}

/** Cline's state of the session, beside its messages. */
function readState(path: string): string {
  try {
    return readText(path.replace(/\.messages\.json$/, '.json'), 1024 * 1024);
  } catch {
    return ''; // another program's messages
  }
}

function endsDigest(path: string): LogDigest {
  const digester = new LogDigester();
  for (const line of readHead(path, HEAD_LINES)) digester.push(line);
  for (const line of lastLines(path)) digester.push(line);
  return digester.digest();
}

function lastLines(path: string): readonly string[] {
  const fd = openFile(path, 'read');
  try {
    const from = Math.max(0, fstatSync(fd).size - TAIL_BYTES);
    const buffer = Buffer.allocUnsafe(TAIL_BYTES);
    const length = readSync(fd, buffer, 0, TAIL_BYTES, from);
    const lines = buffer.toString('utf8', 0, length).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(1); // the first is the end of one
  } finally {
    closeSync(fd);
  }
}

async function slicedDigest(path: string, pace: Pace): Promise<LogDigest> {
  const digester = new LogDigester();
  let offset = 0;
  for (let before = -1; offset > before && !pace.isCancelled();) {
    before = offset;
    offset = readSomeLines(path, { fromOffset: offset, mostBytes: SLICE_BYTES }, (line) => digester.push(line));
    await pace.pause();
  }
  // The last line may lack its newline.
  const rest = restOf(path, offset);
  if (rest !== '') digester.push(rest);
  return digester.digest();
}

function restOf(path: string, offset: number): string {
  let rest = '';
  if (readLines(path, offset, () => undefined) !== offset) return rest;
  const fd = openFile(path, 'read');
  try {
    const buffer = Buffer.allocUnsafe(TAIL_BYTES);
    rest = buffer.toString('utf8', 0, readSync(fd, buffer, 0, TAIL_BYTES, offset));
  } finally {
    closeSync(fd);
  }
  return rest;
}

/** Before anything is kept or shown: a prompt or a command may hold a credential. Cut afterwards: half a secret is not recognised. */
function redacted(digest: LogDigest, redactor: Redactor): LogDigest {
  const { title, openCall } = digest;
  const plain = (text: string): string => redactor.credentialsOnly(text).text;
  return {
    ...digest,
    title: title === undefined ? undefined : clippedText(plain(title), MOST_TITLE),
    openCall: openCall?.command === undefined ? openCall : { ...openCall, command: plain(openCall.command) },
  };
}
