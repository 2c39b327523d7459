import { sampledMs } from '../../../core/session/snapshot.ts';
import { wrongTypes } from '../../../core/fields/fieldTypes.ts';
import { integerOf, type JsonRecord } from '../../../core/words/json.ts';
import { placeOf } from '../../../core/fields/jsonPlaces.ts';
import { msFromIso } from '../../../core/words/time.ts';
import { FIELDS } from '../documents/fields.ts';
import type { LogFileKind } from '../documents/fileKind.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { Problem } from './problem.ts';

/** What one line says by itself; kept for every line of a document, so that an edit costs its own lines only. */
export interface LineFacts {
  readonly type: 'record' | 'blank' | 'malformed';
  readonly seq: number | undefined;
  readonly ms: number | undefined;
  /** Only we promise that times rise. */
  readonly isOurs: boolean;
  readonly problems: readonly Omit<Problem, 'line'>[];
}

const NOTHING = { seq: undefined, ms: undefined, isOurs: false, problems: [] } as const;
const BLANK: LineFacts = { ...NOTHING, type: 'blank' };
const MALFORMED: LineFacts = { ...NOTHING, type: 'malformed' };
const FOREIGN: LineFacts = { ...NOTHING, type: 'record' };

/** A line with more mistakes than this is another kind of line. */
const MOST_PER_LINE = 8;

export function lineFacts(document: LogDocument, line: number): LineFacts {
  const { kind } = document;
  const text = document.lineAt(line);
  if (text === '' || text.trim() === '') return BLANK;
  const record = document.recordAt(line);
  if (record === undefined) return MALFORMED;
  if (kind === 'transcript' || kind === 'config') return FOREIGN;
  const wrong = wrongTypes(record, FIELDS[kind]);
  return {
    type: 'record',
    seq: integerOf(record['seq']),
    ms: timeOf(kind, record),
    isOurs: kind === 'tree' || record['tree_rss_kb'] !== undefined || record['oom_score_adj'] !== undefined,
    problems: wrong.slice(0, MOST_PER_LINE).map(({ path, expected }) => ({
      span: placeOf(text, path)?.value,
      severity: 'warning',
      code: 'wrong_type',
      message: `${String(path.at(-1))} is to be ${expected}: readers cannot use this value.`,
    })),
  };
}

function timeOf(kind: LogFileKind, record: JsonRecord): number | undefined {
  if (kind === 'lifecycle') return msFromIso(record['timestamp']);
  // Of the order of lines, when they were written tells; where a sample is placed, when it was taken.
  return msFromIso(record['ts']) ?? sampledMs(record);
}
