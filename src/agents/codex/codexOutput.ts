import { integerOf, isRecord, parseJson, recordOf, type JsonRecord } from '../../core/words/json.ts';
import type { Symptom } from '../../core/failures/transcriptEvents.ts';
import { bounded, contentText } from '../messageText.ts';

/** What the output of a Codex call says about it. */
export type CodexOutcome =
  | { readonly type: 'ok' }
  /** Still running in the background, under Codex' own number. */
  | { readonly type: 'running'; readonly session: number }
  | { readonly type: 'failed'; readonly symptom: Symptom };

const OK: CodexOutcome = { type: 'ok' };

/** (b) "Exit code: N\nWall time: S seconds\n...Output:\n..." and (c) "Chunk ID: x\n...Process exited with code N\n..." */
const HEADER_LINE =
  /^(?:Exit code: (-?\d{1,9})|Process exited with code (-?\d{1,9})|Process running with session ID (\d{1,15})|(?:Chunk ID|Wall time|Original token count|Total output lines|Warning): ?.{0,200})$/;
/** (d) "failed in sandbox MacosSeatbelt with execution error: sandbox denied exec error, exit code: 1, stdout: , stderr: ..." */
const SANDBOX = /^failed in sandbox .{0,200}?exit code: (-?\d{1,9}), stdout: /s;
/** The bare sentences of a call that never ran, from Codex' own sources. */
const BARE_FAILURE =
  /^(?:execution error|exec_command failed|Failed to create unified exec|failed to parse function arguments|failed to handle|unsupported (?:custom tool )?call|(?:exec command|patch|command) rejected|rejected:|apply_patch verification failed|tool call failed|tool call error|err: |error: |Error: |aborted(?: by user)?\b|unified exec .{0,40}(?:failed|error)|sandbox (?:denied|error)|timed out\b|invalid patch|MCP error|unable to locate image|collab .{0,60}failed|collaboration mode|approval policy is |write_stdin failed|Unknown process id|stdin is closed)/i;
const MAX_HEADER_LINES = 12;

export function codexOutcome(output: unknown): CodexOutcome {
  if (isRecord(output)) return objectOutcome(output);
  const text = contentText(output);
  if (text.startsWith('{"output"') || text.startsWith('{ "output"')) {
    const parsed = parseJson(text);
    if (parsed.ok && isRecord(parsed.value)) return wrappedOutcome(parsed.value);
  }
  return textOutcome(text);
}

/** An older shape: {content: string | items, success: boolean}. */
function objectOutcome(output: JsonRecord): CodexOutcome {
  const text = contentText(output['content'] ?? output['output']);
  if (output['success'] === false) {
    const said = bounded(text);
    return { type: 'failed', symptom: { origin: 'call', said, output: said } };
  }
  return output['success'] === true ? OK : textOutcome(text);
}

/** (a) {"output","metadata":{"exit_code","duration_seconds"}} as a JSON string. */
function wrappedOutcome(record: JsonRecord): CodexOutcome {
  const metadata = recordOf(record['metadata']);
  const exitCode = integerOf(metadata?.['exit_code']);
  if (exitCode === undefined || exitCode === 0) return OK;
  const output = bounded(contentText(record['output']));
  return { type: 'failed', symptom: { origin: 'call', exit_code: exitCode, output } };
}

function textOutcome(text: string): CodexOutcome {
  const header = headerOf(text);
  if (header !== undefined) return header;
  const sandbox = SANDBOX.exec(text.slice(0, 600));
  if (sandbox !== null) {
    const streams = bounded(text.slice(sandbox[0].length));
    const stderr = streams.slice(Math.max(0, streams.indexOf(', stderr: '))).replace(/^, stderr: /, '');
    const said = 'sandbox_denied' as const;
    const exitCode = Number(sandbox[1]);
    return { type: 'failed', symptom: { origin: 'call', code: said, exit_code: exitCode, output: stderr } };
  }
  if (!BARE_FAILURE.test(text)) return OK;
  const said = bounded(text.replace(/^(?:err|error): /i, ''));
  return { type: 'failed', symptom: { origin: 'call', said, output: said } };
}

/** Only the header counts, never what follows "Output:". */
function headerOf(text: string): CodexOutcome | undefined {
  let start = 0;
  let exitCode: number | undefined;
  for (let i = 0; i < MAX_HEADER_LINES; i++) {
    const end = text.indexOf('\n', start);
    const line = end === -1 ? text.slice(start) : text.slice(start, end);
    if (line === 'Output:' || (i > 0 && line === '')) break;
    const match = HEADER_LINE.exec(line);
    if (match === null && exitCode !== undefined) return outcomeOf(exitCode, text.slice(start));
    if (match === null && (i === 0 || end === -1)) return undefined;
    // A line that a newer version added to its header is passed over.
    if (match?.[3] !== undefined) return { type: 'running', session: Number(match[3]) };
    const code = match?.[1] ?? match?.[2];
    if (code !== undefined) exitCode = Number(code);
    if (end === -1) return exitCode === undefined ? undefined : outcomeOf(exitCode, '');
    start = end + 1;
  }
  if (exitCode === undefined) return start === 0 ? undefined : OK;
  return outcomeOf(exitCode, text.slice(start).replace(/^Output:\n?/, ''));
}

function outcomeOf(exitCode: number, output: string): CodexOutcome {
  if (exitCode === 0) return OK;
  return { type: 'failed', symptom: { origin: 'call', exit_code: exitCode, output: bounded(output) } };
}
