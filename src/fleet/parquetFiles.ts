import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { Row, SessionRows } from './sessionRows.ts';

export interface ParquetFile {
  /** `sessions`, `calls`, `samples`: the folder that it goes into. */
  readonly view: keyof SessionRows;
  readonly bytes: Uint8Array;
}

const NUMBERS: ReadonlySet<string> = new Set([
  'started_s',
  'duration_s',
  'at_s',
  'value',
  'exit_code',
  'peak_memory_bytes',
  'peak_tree_memory_bytes',
  'memory_slope_bytes_per_minute',
  'is_dead',
  'is_bad',
]);
const INSTANTS: ReadonlySet<string> = new Set(['started', 'at']);

/** A file for each view that the session has rows in. */
export function parquetFiles(rows: SessionRows): readonly ParquetFile[] {
  return (['sessions', 'calls', 'samples'] as const).flatMap((view) => {
    const [first] = rows[view];
    if (first === undefined) return [];
    const columnData = Object.keys(first).map((name) => columnOf(name, rows[view]));
    return [{ view, bytes: new Uint8Array(parquetWriteBuffer({ columnData })) }];
  });
}

function columnOf(name: string, rows: readonly Row[]): ColumnSource {
  const data = rows.map((row) => row[name] ?? null);
  if (INSTANTS.has(name))
    return { name, type: 'TIMESTAMP', data: data.map((iso) => new Date(String(iso))), nullable: false };
  return { name, type: NUMBERS.has(name) ? 'DOUBLE' : 'STRING', data, nullable: true };
}
