import { FORMAT_NAMES } from '../words/agentTable.ts';
import { RULE_NAMES } from '../words/ruleNames.ts';
import { detailFrom } from './failureDetail.ts';
import type { Failures, FailureSource } from './failures.ts';
import { arrayOf, integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../words/json.ts';
import {
  CONFIDENCES,
  FAILURE_CATEGORIES,
  LAYERS,
  TOOL_KINDS,
  wordOf,
  type FailureCategory,
} from '../words/vocabulary.ts';

/** The failures of a summary.json, field by field; `undefined` when it holds none. */
export function failuresFrom(value: unknown): Failures | undefined {
  if (!isRecord(value)) return undefined;
  const suspect = recordOf(value['suspect']) ?? {};
  const unclosed = recordOf(value['unclosed_turns']) ?? {};
  const endedBy = wordOf(FAILURE_CATEGORIES, value['ended_by']);
  return {
    format: value['format'] === undefined ? 'unknown' : (wordOf(FORMAT_NAMES, value['format']) ?? 'other'),
    total_lines: integerOf(value['total_lines']) ?? 0,
    malformed_lines: integerOf(value['malformed_lines']) ?? 0,
    counts: countsFrom(recordOf(value['counts']) ?? {}),
    unclosed_turns: {
      at_end: integerOf(unclosed['at_end']) ?? 0,
      in_middle: integerOf(unclosed['in_middle']) ?? 0,
    },
    unclosed_calls: integerOf(value['unclosed_calls']) ?? 0,
    first_ts: stringOf(value['first_ts']) ?? null,
    last_ts: stringOf(value['last_ts']) ?? null,
    sources: arrayOf(value['sources']).flatMap((source) => sourceFrom(source) ?? []),
    ...(endedBy !== undefined && { ended_by: endedBy }),
    suspect: {
      layer: wordOf(LAYERS, suspect['layer']) ?? 'unknown',
      confidence: wordOf(CONFIDENCES, suspect['confidence']) ?? 'possible',
      because: arrayOf(suspect['because']).flatMap((category) => wordOf(FAILURE_CATEGORIES, category) ?? []),
      sentence: stringOf(suspect['sentence']) ?? '',
    },
  };
}

function countsFrom(counts: JsonRecord): Failures['counts'] {
  const known: Partial<Record<FailureCategory, number>> = {};
  for (const category of FAILURE_CATEGORIES) {
    const count = integerOf(counts[category]);
    if (count !== undefined && count > 0) known[category] = count;
  }
  return known;
}

function sourceFrom(value: unknown): FailureSource | undefined {
  const record = recordOf(value);
  const category = wordOf(FAILURE_CATEGORIES, record?.['category']);
  if (record === undefined || category === undefined) return undefined;
  const detail = detailFrom(category, record['detail']);
  const exitCode = integerOf(record['exit_code']);
  const toolKind = wordOf(TOOL_KINDS, record['tool_kind']);
  return {
    category,
    ...(detail !== undefined && { detail }),
    rule: wordOf(RULE_NAMES, record['rule']) ?? 'other',
    confidence: wordOf(CONFIDENCES, record['confidence']) ?? 'possible',
    handle: stringOf(record['handle']) ?? '',
    line: integerOf(record['line']) ?? 0,
    ts: stringOf(record['ts']) ?? null,
    ...(exitCode !== undefined && { exit_code: exitCode }),
    ...(toolKind !== undefined && { tool_kind: toolKind }),
  };
}
