import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cellOf, type Answer } from './engineAnswer.ts';

/** As much of `@duckdb/node-api` as is asked of it; it is not bundled: its engine has 60 MB. */
interface DuckDb {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection> }> };
}

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ columnNames(): string[]; getRowsJS(): unknown[][] }>;
  closeSync?(): void;
}

export interface ParquetPlace {
  /** A folder that `bundle --parquet` has written into, here or in object storage. */
  readonly folder: string;
  /** Where packages are looked for: beside this program, then where the user is. */
  readonly lookIn: readonly string[];
}

const INSTALL = 'npm install --global @duckdb/node-api';

export async function askDuckDb({ folder, lookIn }: ParquetPlace, sql: string, sinceS: number): Promise<Answer> {
  const duckdb = await loadDuckDb(lookIn);
  if (duckdb === undefined)
    return { ok: false, message: `Questions over files need DuckDB, which is not installed here: ${INSTALL}` };
  const isRemote = /^\w+:\/\//.test(folder);
  if (!isRemote && !existsSync(join(folder, 'sessions')))
    return {
      ok: false,
      message: `${folder} has no folder "sessions": session-diagnostics bundle ID --parquet --out ${folder} writes one.`,
    };
  const connection = await (await duckdb.DuckDBInstance.create(':memory:')).connect();
  try {
    for (const statement of viewsOver(folder, (view) => isRemote || existsSync(join(folder, view))))
      await connection.run(statement);
    const reader = await connection.runAndReadAll(duckSql(sql, sinceS));
    return { ok: true, columns: reader.columnNames(), rows: reader.getRowsJS().map((row) => row.map(cellOf)) };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { ok: false, message: `DuckDB gives no answer over ${folder}: ${why}` };
  } finally {
    connection.closeSync?.();
  }
}

async function loadDuckDb(places: readonly string[]): Promise<DuckDb | undefined> {
  for (const place of places) {
    try {
      const path = createRequire(place).resolve('@duckdb/node-api');
      const module = (await import(pathToFileURL(path).href)) as Partial<DuckDb> & { default?: DuckDb }; // or CommonJS
      const found = module.DuckDBInstance === undefined ? module.default : { DuckDBInstance: module.DuckDBInstance };
      if (found !== undefined) return found;
    } catch {
      // not there, or for another platform: the next place
    }
  }
  return undefined;
}

/** Where a session was written twice the rows are the same, and count once. */
function viewsOver(folder: string, isThere: (view: string) => boolean): readonly string[] {
  const files = (view: string): string =>
    `'${`${folder.replace(/\/+$/, '')}/${view}/*.parquet`.replaceAll("'", "''")}'`;
  const over = (view: string): string => `SELECT DISTINCT * FROM read_parquet(${files(view)}, union_by_name = true)`;
  const none = `SELECT '' AS session_id, '' AS agent, '' AS tool, '' AS status, '' AS error_type, '' AS span_id,
    0.0 AS started_s, 0.0 AS duration_s WHERE false`;
  return [
    `CREATE VIEW sessions AS ${over('sessions')}`,
    `CREATE VIEW calls AS ${isThere('calls') ? over('calls') : none}`,
    ...(isThere('samples') ? [`CREATE VIEW samples AS ${over('samples')}`] : []),
    `CREATE VIEW deaths AS SELECT session_id, started_s + duration_s AS at_s, cause, confidence, machine, runner, agent
      FROM sessions WHERE is_dead = 1`,
    'CREATE MACRO quantile50(x) AS quantile_cont(x, 0.50)',
    'CREATE MACRO quantile95(x) AS quantile_cont(x, 0.95)',
    'CREATE MACRO quantile99(x) AS quantile_cont(x, 0.99)',
  ];
}

/** The two places in which ClickHouse's dialect is another one. */
function duckSql(sql: string, sinceS: number): string {
  return sql
    .replaceAll('{since:Float64}', `CAST(${sinceS} AS DOUBLE)`)
    .replaceAll(/quantileExactInclusive\(0\.(\d\d)\)\(/g, 'quantile$1(');
}
