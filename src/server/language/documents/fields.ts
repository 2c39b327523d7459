import { ANOMALY_FIELDS, DEVBOY_FIELDS, LIFECYCLE_FIELDS } from '../../../core/fields/eventFields.ts';
import type { FieldMeanings } from '../../../core/fields/fieldMeaning.ts';
import { PROCESS_FIELDS, SNAPSHOT_FIELDS, TREE_FIELDS } from '../../../core/fields/sampleFields.ts';
import { DEVBOY_META_FIELDS, INDEX_FIELDS, SUMMARY_FIELDS } from '../../../core/fields/sessionFields.ts';
import type { LogFileKind } from './fileKind.ts';

/** The fields of the records that a kind of file holds. */
export const FIELDS: { readonly [kind in Exclude<LogFileKind, 'transcript' | 'config'>]: FieldMeanings } = {
  session_index: INDEX_FIELDS,
  proc_trace: SNAPSHOT_FIELDS,
  tree: TREE_FIELDS,
  processes: PROCESS_FIELDS,
  anomalies: ANOMALY_FIELDS,
  lifecycle: LIFECYCLE_FIELDS,
  summary: SUMMARY_FIELDS,
  devboy_trace: DEVBOY_FIELDS,
  devboy_meta: DEVBOY_META_FIELDS,
};
