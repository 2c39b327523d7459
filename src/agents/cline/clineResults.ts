import { arrayOf, isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Symptom } from '../../core/failures/transcriptEvents.ts';
import { bounded, contentText } from '../messageText.ts';

/** Results longer than this hold a file. */
const MAX_RESULT = 100_000;

/**
 * What a tool answered: {query, result, error, success} for each of its commands or files, one such record, the JSON of
 * one, or {error} of a call that never ran. `undefined`: all went well.
 */
export function clineFailure(output: unknown): Symptom | undefined {
  const results = resultsOf(output);
  const failed = results.find((result) => result['success'] === false || typeof result['error'] === 'string');
  return failed === undefined ? undefined : symptomOf(failed);
}

function resultsOf(output: unknown): readonly JsonRecord[] {
  if (typeof output === 'string') {
    if (!output.startsWith('{') || output.length > MAX_RESULT) return [];
    const parsed = parseJson(output);
    return parsed.ok && isRecord(parsed.value) ? [parsed.value] : [];
  }
  return isRecord(output) ? [output] : arrayOf(output).filter(isRecord);
}

/** "[Command exited with code 127]\n\n[stderr]\n/bin/bash: ..." */
const FRAME = /^\[Command exited with code -?\d{1,9}\]\n?|^\[std(?:err|out)\]$/gm;
/** "Error reading file: ENOENT: ...", "Editor operation failed: No replacement performed: ..." */
const OWN_WORDS =
  /^(?:Error reading file: |Editor operation failed: |Command failed: |Tool call \S{1,80} was rejected before execution: )+/;

function symptomOf(result: JsonRecord): Symptom {
  const error = stringOf(result['error']) ?? stringOf(recordOf(result['error'])?.['message']) ?? '';
  const output = bounded(contentText(result['result']).replace(FRAME, ''));
  const exit = /^Command exited with code (-?\d{1,9})$/.exec(error);
  if (exit !== null) return { origin: 'call', exit_code: Number(exit[1]), output };
  if (/^(?:Command failed: )?Command timed out after /.test(error)) {
    return { origin: 'call', code: 'timed_out', output };
  }
  const said = bounded(error.replace(OWN_WORDS, ''));
  return { origin: 'call', said, output: said, never_ran: true };
}
