import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { takeRequest, TABLES, type TableRow } from './collectorTables.ts';

/** Real engines, half a gigabyte of them: installed once into the cache folder, and only for `npm run test:fleet`. */
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/engines');
const PACKAGES = { chdb: '3.4.0', '@duckdb/node-api': '1.5.6-r.1' };

/** Where a module can be asked for that finds them. */
export const ENGINES = join(CACHE, 'index.js');

export function installEngines(): void {
  if (Object.keys(PACKAGES).every((name) => existsSync(join(CACHE, 'node_modules', name, 'package.json')))) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'package.json'), '{ "private": true }');
  const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  const said = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...wanted], { cwd: CACHE, stdio: 'inherit' });
  assert.equal(said.status, 0, 'the engines could not be installed: is the npm registry in reach?');
}

interface Session {
  query(sql: string, format?: string): string;
  queryBind(sql: string, parameters: object, format?: string): string;
  close(): void;
}

export interface Engine {
  /** ClickHouse's HTTP interface, as much of it as its client and ours use. */
  readonly url: string;
  /** An OpenTelemetry receiver that writes into the tables. */
  readonly receiver: string;
  readonly flush: () => void;
  readonly query: (sql: string) => string;
  readonly close: () => void;
}

const ROWS_AT_ONCE = 20_000;

/** chdb is ClickHouse's own engine in a library; the face in front of it is the test's. */
export async function startEngine(password: string): Promise<Engine> {
  const { Session } = createRequire(ENGINES)('chdb') as { readonly Session: new (path: string) => Session };
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-engine-'));
  const session = new Session(folder);
  session.query('CREATE DATABASE otel ENGINE = Atomic');
  session.query('USE otel');
  for (const sql of Object.values(TABLES)) session.query(sql);

  const waiting = new Map<string, TableRow[]>();
  const write = (table: string): void => {
    const rows = waiting.get(table) ?? [];
    waiting.set(table, []);
    if (rows.length === 0) return;
    session.query(`INSERT INTO otel.${table} FORMAT JSONEachRow ${rows.map((row) => JSON.stringify(row)).join('\n')}`);
  };
  const insert = (table: string, rows: readonly TableRow[]): void => {
    const held = waiting.get(table) ?? [];
    waiting.set(table, held);
    for (const row of rows) held.push(row);
    if (held.length >= ROWS_AT_ONCE) write(table);
  };
  const receiver = await listen((request, body, response) => {
    takeRequest(request.url?.split('/').at(-1) ?? '', body, insert);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const face = await listen((request, body, response) => answer(session, password, { request, body, response }));
  return {
    url: `http://reader:${password}@${face.address}/otel`,
    receiver: `http://${receiver.address}`,
    flush: () => {
      for (const table of waiting.keys()) write(table);
    },
    query: (sql) => session.query(sql, 'JSONCompactEachRow'),
    close: () => {
      receiver.close();
      face.close();
      session.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
}

function answer(session: Session, password: string, { request, body, response }: Asked): void {
  const url = new URL(request.url ?? '/', 'http://face');
  const [, given = ''] = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64')
    .toString()
    .split(':');
  if (given !== password) return refuse(response, 516, 'Authentication failed (AUTHENTICATION_FAILED)');
  if (url.searchParams.get('database') !== 'otel')
    return refuse(response, 81, 'Database does not exist. (UNKNOWN_DATABASE)');
  const parameters = { since: Number(url.searchParams.get('param_since') ?? 0) };
  try {
    const [sql = '', format = 'TSV'] = body.split(/\s*FORMAT (\w+)\s*$/);
    const said = sql.includes('{since') ? session.queryBind(sql, parameters, format) : session.query(sql, format);
    response.writeHead(200, { 'content-type': 'application/json' }).end(said);
  } catch (error) {
    const { clickhouseCode, message } = error as { clickhouseCode?: number; message: string };
    refuse(response, clickhouseCode ?? Number(/Code: (\d+)/.exec(message)?.[1] ?? 1), message);
  }
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response
    .writeHead(code === 516 ? 403 : 404, { 'x-clickhouse-exception-code': String(code) })
    .end(`Code: ${code}. DB::Exception: ${message}`);
}

async function listen(take: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => take(request, body, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    address: `127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
