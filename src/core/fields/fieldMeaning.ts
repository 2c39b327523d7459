/** What a field of the log files means, in the words of somebody who explains the file to a colleague. */
export interface FieldMeaning {
  readonly meaning: string;
  readonly form: ValueForm;
  /** Where the recorder has it from. */
  readonly source?: string;
  /** What stands in the file when there was nothing to read. */
  readonly unreadable?: string;
  /** What people take it for and it is not. */
  readonly trap?: string;
}

/** How a value is to be read: `fieldWords` says it in human terms, and the checks know its type from it. */
export type ValueForm =
  | 'text'
  | 'instant'
  | 'count'
  | 'number'
  | 'flag'
  | 'pid'
  | 'kb'
  | 'mb'
  | 'bytes'
  | 'kb_per_second'
  | 'seconds'
  | 'cpu_percent'
  | 'percent'
  | 'ratio'
  | 'ticks'
  | 'signals'
  | 'oom_score'
  | 'oom_score_adj'
  | 'per_mille'
  | 'fd_limit'
  | 'wchan'
  | 'exit_code'
  | 'word'
  | 'record'
  | 'list';

/** Fields by their path without list positions: `processes.rss_kb`, `verdict.evidence.kind`. */
export type FieldMeanings = Readonly<Record<string, FieldMeaning>>;

/** The meanings of a nested record's fields under its own name. */
export function under(prefix: string, fields: FieldMeanings): FieldMeanings {
  return Object.fromEntries(Object.entries(fields).map(([name, meaning]) => [`${prefix}.${name}`, meaning]));
}

/** The meaning at a path, list positions left out. */
export function meaningAt(fields: FieldMeanings, path: readonly (string | number)[]): FieldMeaning | undefined {
  const name = path.filter((part) => typeof part === 'string').join('.');
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
