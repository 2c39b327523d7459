import { booleanOf, integerOf, numberOf, recordOf, stringOf, type JsonRecord } from '../core/json.ts';
import type { Emit } from '../core/transcriptEvents.ts';
import { bounded, contentText } from './messageText.ts';
import { toolKindOf } from './toolKinds.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

/**
 * Any other JSONL. Only fields that mean failure in every logging convention count: an exit code, a status or level of
 * its own, a boolean. Prose is never searched.
 */
export const genericJsonl: TranscriptFormat = {
  name: 'generic_jsonl',
  recognises: () => true,
  open: () => readRecord,
};

const FAILED_STATUS = /^(?:error|failed|failure|errored|fatal|crashed|timeout|timed_out|denied|declined|rejected)$/i;
const FAILED_LEVEL = /^(?:error|fatal|critical|panic)$/i;

function readRecord(record: JsonRecord, emit: Emit): void {
  const exitCode = firstOf(record, ['exit_code', 'exitCode', 'returncode', 'exit_status'], integerOf);
  const status = stringOf(record['status']) ?? stringOf(record['outcome']) ?? '';
  const level = stringOf(record['level']) ?? stringOf(record['severity']) ?? '';
  const isError = [record['is_error'], record['isError']].some((flag) => booleanOf(flag) === true);
  const isNotOk = [record['ok'], record['success']].some((flag) => booleanOf(flag) === false);
  const hasError =
    typeof record['error'] === 'string' ? record['error'] !== '' : recordOf(record['error']) !== undefined;
  const isFailed =
    exitCode === undefined
      ? isError || isNotOk || FAILED_STATUS.test(status) || FAILED_LEVEL.test(level) || hasError
      : exitCode !== 0;
  if (!isFailed) return;
  const text = bounded(textOf(record));
  const httpStatus = firstOf(record, ['status_code', 'statusCode', 'http_status', 'status'], numberOf);
  const tool = record['tool'] ?? record['tool_name'] ?? record['toolName'];
  emit({
    type: 'call_failed',
    call: undefined,
    symptom: {
      origin: tool === undefined && exitCode === undefined ? 'service' : 'call',
      exit_code: exitCode,
      ...(httpStatus !== undefined && httpStatus >= 400 && httpStatus < 600 && { http_status: httpStatus }),
      ...(/^tim(?:eout|ed_out)$/i.test(status) && { code: 'timed_out' as const }),
      ...(/^(?:denied|declined|rejected)$/i.test(status) && { code: 'declined' as const }),
      ...(exitCode === undefined && { said: text }),
      output: text,
      ...(tool !== undefined && { tool_kind: toolKindOf(tool) }),
    },
  });
}

function firstOf(
  record: JsonRecord,
  keys: readonly string[],
  read: (value: unknown) => number | undefined,
): number | undefined {
  for (const key of keys) {
    const value = read(record[key]);
    if (value !== undefined) return value;
  }
  return undefined;
}

function textOf(record: JsonRecord): string {
  const error = record['error'];
  const message = contentText(recordOf(error)?.['message'] ?? error);
  const rest = ['stderr', 'message', 'msg', 'output', 'content', 'result'].map((key) => record[key]);
  return [message, ...rest.filter((value) => typeof value === 'string')].filter((text) => text !== '').join('\n');
}
