import { ClickHouseError, createClient, type ClickHouseClient } from '@clickhouse/client';
import { arrayOf, recordOf, stringOf } from '../core/words/json.ts';
import { cellOf, type Answer, type Cell } from './engineAnswer.ts';

export interface ClickHouse {
  /** `https://reader:password@host:8443/otel`, checked. */
  readonly url: URL;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const TIMEOUT_MS = 60_000;

/** No setting is sent along: a user that may only read may not set one either. */
export async function askClickHouse(place: ClickHouse, sql: string, sinceS: number): Promise<Answer> {
  return withClient(place, async (client) => {
    const result = await client.query({ query: sql, query_params: { since: sinceS }, format: 'JSONCompact' });
    return answerOf(await result.json());
  });
}

/** Makes the views, with a user who may. */
export async function setUpClickHouse(place: ClickHouse, statements: readonly string[]): Promise<Answer> {
  return withClient(place, async (client) => {
    for (const query of statements) await client.command({ query });
    return { ok: true, columns: [], rows: [] };
  });
}

async function withClient(place: ClickHouse, use: (client: ClickHouseClient) => Promise<Answer>): Promise<Answer> {
  const { url, user, password } = place;
  const client = createClient({
    url: url.origin,
    username: user ?? (decodeURIComponent(url.username) || 'default'),
    password: password ?? decodeURIComponent(url.password),
    database: databaseOf(url),
    application: 'session-diagnostics',
    request_timeout: TIMEOUT_MS,
  });
  try {
    return await use(client);
  } catch (error) {
    return { ok: false, message: messageOf(error, place) };
  } finally {
    await client.close();
  }
}

function databaseOf({ pathname }: URL): string {
  return decodeURIComponent(pathname.replaceAll('/', '')) || 'otel';
}

function answerOf(json: unknown): Answer {
  const record = recordOf(json);
  const meta = arrayOf(record?.['meta']).map(recordOf);
  // 64-bit integers come as text, so that no digit is lost; ours are counts.
  const isInteger = meta.map((column) => /\bU?Int\d+\b/.test(stringOf(column?.['type']) ?? ''));
  const rows = arrayOf(record?.['data']).map((row) =>
    arrayOf(row).map((value, at): Cell => (isInteger[at] === true ? cellOf(Number(value)) : cellOf(value))),
  );
  return { ok: true, columns: meta.map((column) => stringOf(column?.['name']) ?? ''), rows };
}

/** https://clickhouse.com/docs/sql-reference, `system.errors` */
const CODES: Readonly<Record<string, (database: string) => string>> = {
  60: (database) =>
    `its database "${database}" has no such table: make the views once with fleet --setup, by a user who may, after the first session has arrived`,
  81: (database) =>
    `it has no database "${database}": the Collector makes it, and its name stands behind the port in the address`,
  192: () => 'it does not know this user',
  194: () => 'the password is wrong or missing',
  516: () => 'user or password are wrong',
  497: () => 'this user may not do that: to ask, one needs SELECT on the database; for --setup also CREATE VIEW',
  164: () => 'this user may only read: the views are made by one who may',
  159: () => 'the answer took too long: ask for less with --since',
};

function messageOf(error: unknown, place: ClickHouse): string {
  const { origin } = place.url;
  if (error instanceof ClickHouseError) {
    const why = CODES[error.code]?.(databaseOf(place.url)) ?? `code ${error.code}, ${error.type ?? 'unknown'}`;
    return `ClickHouse at ${origin} gives no answer: ${why}.`;
  }
  const code = stringOf(recordOf(error)?.['code']);
  if (code !== undefined)
    return `No ClickHouse answers at ${origin} (${code}). Is that its HTTP address, such as http://127.0.0.1:8123?`;
  return `What answers at ${origin} is no ClickHouse. Its HTTP interface has port 8123, or 8443 with TLS.`;
}
